#include "harness/scan.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"

bool scan_line(Str *rest, Str *line)
{
    if (rest->len == 0 || !str_cut(rest, '\n', line))
        return false;
    if (line->len && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

bool scan_word(Str *rest, Str *word)
{
    Str s = str_trim(*rest);
    ptrdiff_t n = 0;
    while (n < s.len && s.ptr[n] != ' ' && s.ptr[n] != '\t')
        n++;
    *word = str_slice(s, 0, n);
    *rest = str_slice(s, n, s.len);
    return n > 0;
}

bool scan_after(Str line, const char *prefix, Str *rest)
{
    line = str_trim(line);
    Str p = str(prefix);
    if (!str_starts(line, p))
        return false;
    *rest = str_trim(str_slice(line, p.len, line.len));
    return true;
}

static bool is_digit(Str s, ptrdiff_t i)
{
    return i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9';
}

/* Where the number at the start of `s` ends. */
static ptrdiff_t number_end(Str s)
{
    ptrdiff_t i = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0;
    while (is_digit(s, i) || (i < s.len && s.ptr[i] == ',' && is_digit(s, i + 1)))
        i++;
    if (i < s.len && s.ptr[i] == '.' && (is_digit(s, i + 1) || (i > 0 && is_digit(s, i - 1))))
        for (i++; is_digit(s, i);)
            i++;
    ptrdiff_t e = i;
    if (i > 0 && e < s.len && (s.ptr[e] == 'e' || s.ptr[e] == 'E')) {
        e += e + 1 < s.len && (s.ptr[e + 1] == '-' || s.ptr[e + 1] == '+') ? 2 : 1;
        if (is_digit(s, e))
            for (i = e; is_digit(s, i);)
                i++;
    }
    return i;
}

enum { DIGITS_MAX = 256 };

/* The number with commas dropped, or turned into the point. */
static double parse_number(Str s, char comma)
{
    char buf[DIGITS_MAX];
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.ptr[i] == ',' ? comma : s.ptr[i];
        if (c && n < DIGITS_MAX)
            buf[n++] = c;
    }
    double v;
    return n < DIGITS_MAX && str_to_f64((Str){ buf, n }, &v) == 0 ? v : (double)NAN;
}

double scan_num(Str s, Str *rest)
{
    Str t = str_trim(s);
    ptrdiff_t end = number_end(t);
    double v = end ? parse_number(str_slice(t, 0, end), '\0') : (double)NAN;
    *rest = isnan(v) ? s : str_trim(str_slice(t, end, t.len));
    return v;
}

double scan_decimal(Str s)
{
    s = str_trim(s);
    ptrdiff_t comma = str_find_char(s, ',');
    bool lone = comma >= 0 && str_find_char(s, '.') < 0 &&
                str_find_char(str_slice(s, comma + 1, s.len), ',') < 0;
    return parse_number(s, lone ? '.' : '\0');
}

/* --- CSV --- */

static ptrdiff_t count_char(Str s, char c)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.len; i++)
        n += s.ptr[i] == c;
    return n;
}

static char find_separator(Str text)
{
    static const char candidates[] = { ',', ';', '\t' };
    Str line = { 0 };
    scan_line(&text, &line);
    char best = ',';
    for (ptrdiff_t i = 0; i < ARRAY_LEN(candidates); i++)
        if (count_char(line, candidates[i]) > count_char(line, best))
            best = candidates[i];
    return best;
}

/* One row into c->cell; false at the end of the text. */
static bool read_row(Csv *c)
{
    Str s = c->rest;
    if (s.len == 0)
        return false;
    ptrdiff_t i = 0;
    c->n = 0;
    for (;;) {
        Str cell = { 0 };
        if (i < s.len && s.ptr[i] == '"') {
            i++;
            csv_quoted(c->arena, s, &i, &cell); /* without its end: what is there */
        }
        ptrdiff_t start = i;
        while (i < s.len && s.ptr[i] != c->sep && s.ptr[i] != '\n')
            i++;
        if (!cell.ptr)
            cell = str_trim(str_slice(s, start, i));
        ARENA_PUSH(c->arena, c->cell, c->n, c->cap, cell);
        if (i >= s.len || s.ptr[i] == '\n')
            break;
        i++;
    }
    c->rest = str_slice(s, i + 1, s.len);
    return true;
}

bool csv_next(Csv *c)
{
    while (read_row(c))
        if (c->n > 1 || c->cell[0].len)
            return true;
    return false;
}

Str scan_first_line(Str text)
{
    enum { FIRST_LINE_MAX = 64 * 1024 };
    Str line = { 0 };
    text = str_slice(text, 0, FIRST_LINE_MAX);
    scan_line(&text, &line);
    return line;
}

Csv csv_open(Arena *a, Str text)
{
    Csv c = { .arena = a, .rest = text, .sep = find_separator(text) };
    if (csv_next(&c)) {
        c.head = ARENA_ARRAY(a, Str, c.n);
        memcpy(c.head, c.cell, (size_t)c.n * sizeof *c.cell);
        c.n_head = c.n;
    }
    return c;
}

ptrdiff_t csv_column(const Csv *c, const char *name)
{
    for (ptrdiff_t i = 0; i < c->n_head; i++)
        if (str_eqz(c->head[i], name))
            return i;
    return -1;
}

Str csv_cell(const Csv *c, ptrdiff_t column)
{
    return column >= 0 && column < c->n ? c->cell[column] : (Str){ 0 };
}

double csv_num(const Csv *c, ptrdiff_t column)
{
    return scan_decimal(csv_cell(c, column));
}

bool csv_starts(Str text, const char *cells)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str rest = str(cells), want;
    Csv c = csv_open(&a, scan_first_line(text));
    for (ptrdiff_t i = 0; str_cut(&rest, ',', &want); i++)
        if (i >= c.n_head || !str_eq(c.head[i], want))
            return false;
    return true;
}
