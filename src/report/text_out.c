#include "report/text_out.h"

#include <stdarg.h>
#include <stdio.h>

#include "report/width.h"

enum { COLUMN_GAP = 2, TEXT_COLUMNS_MIN = 20 };

TextOut text_out(StrBuf *out, const ReportOpts *o)
{
    int columns = o->columns ? o->columns : 80;
    return (TextOut){ .out = out,
                      .colour = o->colour,
                      .unicode = o->unicode,
                      .columns = MAX(columns, TEXT_COLUMNS_MIN) };
}

static const char *style_code(Style s)
{
    switch (s) {
    case STYLE_PLAIN:
        return NULL;
    case STYLE_BOLD:
    case STYLE_HEAD:
        return "1";
    case STYLE_DIM:
        return "2";
    case STYLE_GOOD:
        return "32";
    case STYLE_BAD:
        return "1;31";
    case STYLE_WARN:
        return "33";
    case STYLE_ACCENT:
        return "36";
    }
    return NULL;
}

static void add_styled(TextOut *t, Style s, const char *clean)
{
    const char *code = t->colour && *clean ? style_code(s) : NULL;
    if (code)
        strbuf_addf(t->out, "\x1b[%sm", code);
    strbuf_addz(t->out, clean);
    if (code)
        strbuf_addz(t->out, "\x1b[0m");
}

void text_add(TextOut *t, Style s, const char *text)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    text_clean(&b, str(text), t->unicode);
    add_styled(t, s, strbuf_z(&b));
}

static const char *print_args(Arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    assert(n >= 0);
    char *text = arena_alloc(a, n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    return text;
}

void text_addf(TextOut *t, Style s, const char *fmt, ...)
{
    CLEANUP(arena_done) Arena a = { 0 };
    va_list ap;
    va_start(ap, fmt);
    text_add(t, s, print_args(&a, fmt, ap));
    va_end(ap);
}

/* Lines never end in blanks: they would show as noise in diffs and pasted text. */
void text_end(TextOut *t)
{
    while (t->out->len > 0 && t->out->ptr[t->out->len - 1] == ' ')
        t->out->ptr[--t->out->len] = '\0';
    strbuf_addc(t->out, '\n');
}

/* Bytes of the next line: as many words as fit, at least a piece of one. */
static ptrdiff_t line_len(Str rest, ptrdiff_t columns)
{
    ptrdiff_t fit = text_fit(rest, columns);
    if (fit == rest.len)
        return fit;
    ptrdiff_t cut = fit;
    while (cut > 0 && rest.ptr[cut] != ' ')
        cut--;
    return cut > 0 ? cut : MAX(fit, 1);
}

static ptrdiff_t start_line(TextOut *t, ptrdiff_t indent)
{
    text_end(t);
    strbuf_pad(t->out, ' ', indent);
    return indent;
}

void text_wrap(TextOut *t, int indent, Style first_style, const char *first, Style style,
               const char *text)
{
    CLEANUP(strbuf_done) StrBuf head = { 0 }, body = { 0 }, line = { 0 };
    text_clean(&head, str(first), t->unicode);
    text_clean(&body, str(text), t->unicode);
    strbuf_pad(t->out, ' ', indent);
    add_styled(t, first_style, strbuf_z(&head));
    ptrdiff_t hang = indent + text_columns(strbuf_str(&head));
    if (hang > t->columns / 2) /* a long head: the text goes under it */
        hang = start_line(t, indent + 2);
    Str rest = str_trim(strbuf_str(&body));
    for (bool again = false; rest.len > 0; again = true) {
        if (again)
            start_line(t, hang);
        ptrdiff_t n = line_len(rest, MAX(t->columns - hang, 10));
        strbuf_clear(&line);
        strbuf_add(&line, str_slice(rest, 0, n));
        add_styled(t, style, strbuf_z(&line));
        rest = str_trim(str_slice(rest, n, rest.len));
    }
    text_end(t);
}

TextTable table_new(Arena *a, const TextOut *t, const TextCol *cols, ptrdiff_t n_cols)
{
    return (TextTable){ .a = a, .cols = cols, .n_cols = n_cols, .unicode = t->unicode };
}

static void push_cell(TextTable *tt, Style s, const char *raw, bool span)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    text_clean(&b, str(raw), tt->unicode);
    TextCell cell = { .style = s,
                      .text = arena_str(tt->a, strbuf_str(&b)),
                      .columns = (int)text_columns(strbuf_str(&b)),
                      .span = span };
    ARENA_PUSH(tt->a, tt->cells, tt->n, tt->cap, cell);
}

void table_add(TextTable *tt, Style s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    push_cell(tt, s, print_args(tt->a, fmt, ap), false);
    va_end(ap);
}

void table_span(TextTable *tt, Style s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    push_cell(tt, s, print_args(tt->a, fmt, ap), true);
    va_end(ap);
    for (ptrdiff_t c = 1; c < tt->n_cols; c++)
        push_cell(tt, STYLE_PLAIN, "", false);
}

/* How the columns will stand. */
typedef struct Layout {
    int width[32]; /* 0: not shown */
    bool own_line; /* the first column is above its row */
} Layout;

static int layout_columns(const TextTable *tt, const Layout *l)
{
    int sum = l->own_line ? COLUMN_GAP : 0;
    for (ptrdiff_t c = l->own_line ? 1 : 0; c < tt->n_cols; c++)
        sum += l->width[c] ? l->width[c] + COLUMN_GAP : 0;
    return MAX(sum - COLUMN_GAP, 0);
}

static ptrdiff_t column_to_drop(const TextTable *tt, const Layout *l)
{
    ptrdiff_t worst = -1;
    for (ptrdiff_t c = 0; c < tt->n_cols; c++)
        if (l->width[c] && tt->cols[c].drop > (worst < 0 ? 0 : tt->cols[worst].drop))
            worst = c;
    return worst;
}

static Layout layout(const TextTable *tt, int columns)
{
    enum { WORTH_A_LINE = 14 };
    Layout l = { 0 };
    for (ptrdiff_t i = 0; i < tt->n; i++)
        if (!tt->cells[i].span)
            l.width[i % tt->n_cols] = MAX(l.width[i % tt->n_cols], tt->cells[i].columns);
    for (ptrdiff_t c = 0; c < tt->n_cols; c++)
        if (l.width[c] && tt->cols[c].head)
            l.width[c] = MAX(l.width[c], (int)text_columns(str(tt->cols[c].head)));
    if (layout_columns(tt, &l) > columns && tt->cols[0].own_line && l.width[0] > WORTH_A_LINE)
        l.own_line = true;
    while (layout_columns(tt, &l) > columns) {
        ptrdiff_t c = column_to_drop(tt, &l);
        if (c < 0)
            break;
        l.width[c] = 0;
    }
    return l;
}

static void print_cell(TextOut *t, const TextCol *col, const TextCell *cell, int width, bool last)
{
    int pad = MAX(width - cell->columns, 0);
    if (col->right)
        strbuf_pad(t->out, ' ', pad);
    add_styled(t, cell->style, cell->text);
    if (!last)
        strbuf_pad(t->out, ' ', (col->right ? 0 : pad) + COLUMN_GAP);
}

/* Cut at the edge of the terminal with an ellipsis. */
static void print_own_line(const TextTable *tt, TextOut *t, int indent, const TextCell *cell)
{
    const char *text = cell->text;
    const char *dots = t->unicode ? "\xe2\x80\xa6" : "..";
    int room = t->columns - indent;
    if (cell->columns > room) {
        Str head = str_slice(str(text), 0, text_fit(str(text), room - (t->unicode ? 1 : 2)));
        text = arena_printf(tt->a, STR_FMT "%s", STR_ARG(head), dots);
    }
    strbuf_pad(t->out, ' ', indent);
    add_styled(t, cell->style, text);
    text_end(t);
}

static void print_row(const TextTable *tt, const Layout *l, TextOut *t, int indent,
                      const TextCell *row)
{
    ptrdiff_t last = tt->n_cols - 1;
    while (last > 0 && !l->width[last])
        last--;
    if (row[0].span || (l->own_line && row[0].columns))
        print_own_line(tt, t, indent, &row[0]);
    if (row[0].span)
        return;
    strbuf_pad(t->out, ' ', indent + (l->own_line ? COLUMN_GAP : 0));
    for (ptrdiff_t c = l->own_line ? 1 : 0; c < tt->n_cols; c++)
        if (l->width[c])
            print_cell(t, &tt->cols[c], &row[c], l->width[c], c == last);
    text_end(t);
}

static void print_heads(const TextTable *tt, const Layout *l, TextOut *t, int indent)
{
    TextCell *heads = ARENA_ARRAY(tt->a, TextCell, tt->n_cols);
    bool any = false;
    for (ptrdiff_t c = 0; c < tt->n_cols; c++) {
        bool shown = l->width[c] && tt->cols[c].head && !(c == 0 && l->own_line);
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        text_clean(&b, shown ? str(tt->cols[c].head) : STR(""), tt->unicode);
        heads[c] = (TextCell){ .style = STYLE_DIM,
                               .text = arena_str(tt->a, strbuf_str(&b)),
                               .columns = (int)text_columns(strbuf_str(&b)) };
        any |= shown && *tt->cols[c].head;
    }
    if (any)
        print_row(tt, l, t, indent, heads);
}

void table_print(TextTable *tt, TextOut *t, int indent)
{
    assert(tt->n % tt->n_cols == 0);
    assert(tt->n_cols <= ARRAY_LEN(((Layout *)0)->width));
    if (tt->n == 0)
        return;
    Layout l = layout(tt, t->columns - indent);
    print_heads(tt, &l, t, indent);
    for (ptrdiff_t i = 0; i < tt->n; i += tt->n_cols)
        print_row(tt, &l, t, indent, tt->cells + i);
}
