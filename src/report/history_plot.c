/* A history as dots on a terminal: Braille cells of 2 x 4 dots, or stars without Unicode. */
#include <math.h>

#include "base/fmt.h"
#include "report/history.h"
#include "report/text_out.h"
#include "report/width.h"
#include "report/words.h"
#include "stats/quantile.h"

enum { ROWS = 9, DOTS_X = 2, DOTS_Y = 4, COLUMNS_MAX = 120 };

typedef struct Cell {
    unsigned char dots; /* Braille bits */
    bool change, level;
} Cell;

typedef struct Grid {
    const HistoryReport *r;
    Cell cell[ROWS][COLUMNS_MAX];
    char mark[COLUMNS_MAX]; /* under the plot: 0, or the change point's number or sign */
    int columns;
    double lo, hi;
} Grid;

/* From the 1st to the 99th percentile, with a tenth of room: what lies beyond sits on the edge. */
static void choose_range(Grid *g, Arena *a)
{
    const History *h = g->r->h;
    double *x = ARENA_ARRAY(a, double, h->n);
    for (ptrdiff_t i = 0; i < h->n; i++)
        x[i] = isfinite(h->v[i].value) ? h->v[i].value : (double)NAN;
    sort_doubles(x, h->n);
    ptrdiff_t n = count_numbers(x, h->n);
    double lo = n ? quantile_type7(x, n, 0.01) : 0, hi = n ? quantile_type7(x, n, 0.99) : 0;
    double room = hi > lo ? (hi - lo) / 10 : fabs(lo) > 0 ? fabs(lo) / 20 : 1;
    g->lo = lo - room;
    g->hi = hi + room;
}

static int dot_x(const Grid *g, ptrdiff_t i)
{
    ptrdiff_t n = g->r->h->n, dots = (ptrdiff_t)g->columns * DOTS_X;
    return (int)(n > 1 ? i * (dots - 1) / (n - 1) : dots / 2);
}

static int dot_y(const Grid *g, double v)
{
    int dots = ROWS * DOTS_Y;
    double at = (g->hi - v) / (g->hi - g->lo) * (dots - 1);
    return at < 0 ? 0 : at > dots - 1 ? dots - 1 : (int)lround(at);
}

static void put_points(Grid *g)
{
    static const unsigned char bit[DOTS_X][DOTS_Y] = { { 0x01, 0x02, 0x04, 0x40 },
                                                       { 0x08, 0x10, 0x20, 0x80 } };
    for (ptrdiff_t i = 0; i < g->r->h->n; i++) {
        double v = g->r->h->v[i].value;
        if (!isfinite(v))
            continue;
        int x = dot_x(g, i), y = dot_y(g, v);
        g->cell[y / DOTS_Y][x / DOTS_X].dots |= bit[x % DOTS_X][y % DOTS_Y];
    }
}

static void put_levels(Grid *g, Arena *a)
{
    ptrdiff_t n;
    const HistoryStretch *s = history_stretches(g->r, a, &n);
    for (ptrdiff_t k = 0; k < n && n > 1; k++)
        for (int c = dot_x(g, s[k].from) / DOTS_X; c <= dot_x(g, s[k].to - 1) / DOTS_X; c++)
            if (!isnan(s[k].level))
                g->cell[dot_y(g, s[k].level) / DOTS_Y][c].level = true;
}

static void put_changes(Grid *g)
{
    for (ptrdiff_t k = 0; k < g->r->changes.n; k++) {
        const ChangePoint *p = &g->r->changes.v[k];
        int c = dot_x(g, p->index) / DOTS_X;
        g->mark[c] = !p->confirmed ? '?' : k < 9 ? (char)('1' + k) : '^';
        for (int row = 0; row < ROWS; row++)
            g->cell[row][c].change = true;
    }
}

/* U+2800 + bits. */
static void add_braille(StrBuf *b, unsigned char bits)
{
    strbuf_addc(b, '\xe2');
    strbuf_addc(b, (char)(0xa0 | bits >> 6));
    strbuf_addc(b, (char)(0x80 | (bits & 0x3f)));
}

static void print_cell(TextOut *t, const Cell *c)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (c->dots && t->unicode)
        add_braille(&b, c->dots);
    else
        strbuf_addc(&b, '*');
    if (c->dots)
        text_add(t, STYLE_ACCENT, strbuf_z(&b));
    else if (c->change)
        text_add(t, STYLE_BOLD, t->unicode ? "\xe2\x94\x82" : "|");
    else if (c->level)
        text_add(t, STYLE_DIM, t->unicode ? "\xe2\x94\x80" : "-");
    else
        text_add(t, STYLE_PLAIN, " ");
}

static void print_label(TextOut *t, int width, const char *text)
{
    CLEANUP(strbuf_done) StrBuf clean = { 0 };
    text_clean(&clean, str(text), t->unicode);
    strbuf_pad(t->out, ' ', MAX(width - text_columns(strbuf_str(&clean)), (ptrdiff_t)0));
    text_add(t, STYLE_DIM, text);
    strbuf_addc(t->out, ' ');
}

void history_plot(TextOut *t, Arena *a, const HistoryReport *r)
{
    Grid *g = ARENA_NEW(a, Grid);
    g->r = r;
    choose_range(g, a);
    const char *top = words_value(a, g->hi, r->h->metric, r->h->unit);
    const char *bottom = words_value(a, g->lo, r->h->metric, r->h->unit);
    int label = (int)MAX(text_columns(str(top)), text_columns(str(bottom)));
    g->columns = MIN(MAX(t->columns - label - 3, 10), (int)COLUMNS_MAX);
    put_points(g);
    put_levels(g, a);
    put_changes(g);
    for (int row = 0; row < ROWS; row++) {
        print_label(t, label, row == 0 ? top : row == ROWS - 1 ? bottom : "");
        for (int c = 0; c < g->columns; c++)
            print_cell(t, &g->cell[row][c]);
        text_end(t);
    }
    if (r->changes.n == 0)
        return;
    print_label(t, label, "");
    for (int c = 0; c < g->columns; c++)
        text_addf(t, STYLE_BOLD, "%c", g->mark[c] ? g->mark[c] : ' ');
    text_end(t);
}
