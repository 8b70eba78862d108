/* A history as a picture for a page, a README or a comment. */
#include <math.h>

#include "report/escape.h"
#include "report/history.h"
#include "report/plot_scale.h"
#include "report/plot_svg.h"
#include "report/words.h"

enum { WIDTH = 960, HEIGHT = 320, LEFT = 90, RIGHT = 20, TOP = 40, BOTTOM = 40, POINTS_MAX = 2000 };

typedef struct Picture {
    StrBuf *out;
    Arena a;
    const HistoryReport *r;
    Scale x, y;
} Picture;

static const char style[] =
    "<style>text{font:12px system-ui,sans-serif;fill:#555}.t{font-size:14px;fill:#222}"
    ".g{stroke:#ddd}.l{fill:none;stroke:#9db8d9;stroke-width:1}.p{fill:#2563a8}"
    ".m{stroke:#222;stroke-width:2}.c{stroke:#b42318;stroke-width:1.5;stroke-dasharray:4 3}"
    ".s{stroke:#b7791f}@media(prefers-color-scheme:dark){text{fill:#aaa}.t{fill:#eee}"
    ".g{stroke:#333}.l{stroke:#35506e}.p{fill:#7fb2ea}.m{stroke:#eee}.c{stroke:#f97066}}</style>";

static void place_scales(Picture *p)
{
    const History *h = p->r->h;
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (ptrdiff_t i = 0; i < h->n; i++)
        if (isfinite(h->v[i].value)) {
            lo = fmin(lo, h->v[i].value);
            hi = fmax(hi, h->v[i].value);
        }
    if (!(lo <= hi))
        lo = hi = 0;
    p->x = scale_new(SCALE_LINEAR, 0, (double)MAX(h->n - 1, (ptrdiff_t)1), LEFT, WIDTH - RIGHT);
    p->y = scale_nice(lo, hi, HEIGHT - BOTTOM, TOP, false);
}

static void add_line(Picture *p, const char *css, double x1, double y1, double x2, double y2)
{
    strbuf_addf(p->out, "<path class=\"%s\" d=\"M", css);
    svg_number(p->out, x1);
    strbuf_addc(p->out, ' ');
    svg_number(p->out, y1);
    strbuf_addc(p->out, 'L');
    svg_number(p->out, x2);
    strbuf_addc(p->out, ' ');
    svg_number(p->out, y2);
    strbuf_addz(p->out, "\"/>");
}

static void add_text(Picture *p, const char *css, const char *anchor, double x, double y,
                     const char *text)
{
    strbuf_addf(p->out, "<text class=\"%s\" text-anchor=\"%s\" x=\"%.0f\" y=\"%.0f\">", css, anchor,
                x, y);
    escape_xml(p->out, text);
    strbuf_addz(p->out, "</text>");
}

static void add_axes(Picture *p)
{
    double ticks[TICKS_MAX];
    ptrdiff_t n = scale_ticks(&p->y, 6, ticks);
    for (ptrdiff_t i = 0; i < n; i++) {
        double y = scale_at(&p->y, ticks[i]);
        add_line(p, "g", LEFT, y, WIDTH - RIGHT, y);
        add_text(p, "", "end", LEFT - 8, y + 4, words_round(&p->a, ticks[i], p->r->h->unit));
    }
    n = scale_ticks(&p->x, 8, ticks);
    for (ptrdiff_t i = 0; i < n; i++)
        if (ticks[i] == floor(ticks[i]))
            add_text(p, "", "middle", scale_at(&p->x, ticks[i]), HEIGHT - BOTTOM + 18,
                     arena_printf(&p->a, "%.0f", ticks[i]));
}

static void add_points(Picture *p)
{
    const History *h = p->r->h;
    double *v = ARENA_ARRAY(&p->a, double, h->n);
    ptrdiff_t *keep = ARENA_ARRAY(&p->a, ptrdiff_t, MIN(h->n, (ptrdiff_t)POINTS_MAX));
    for (ptrdiff_t i = 0; i < h->n; i++)
        v[i] = isfinite(h->v[i].value) ? h->v[i].value : (double)NAN;
    ptrdiff_t n = thin_points(v, h->n, POINTS_MAX, keep);
    strbuf_addz(p->out, "<path class=\"l\" d=\"");
    bool on = false; /* a missing value breaks the line */
    for (ptrdiff_t k = 0; k < n; k++) {
        double y = v[keep[k]];
        if (!isnan(y)) {
            strbuf_addc(p->out, on ? 'L' : 'M');
            svg_number(p->out, scale_at(&p->x, (double)keep[k]));
            strbuf_addc(p->out, ' ');
            svg_number(p->out, scale_at(&p->y, y));
        }
        on = !isnan(y);
    }
    strbuf_addz(p->out, "\"/>");
    for (ptrdiff_t k = 0; k < n && n <= POINTS_MAX / 4; k++)
        if (!isnan(v[keep[k]])) {
            strbuf_addz(p->out, "<circle class=\"p\" r=\"2\" cx=\"");
            svg_number(p->out, scale_at(&p->x, (double)keep[k]));
            strbuf_addz(p->out, "\" cy=\"");
            svg_number(p->out, scale_at(&p->y, v[keep[k]]));
            strbuf_addz(p->out, "\"/>");
        }
}

static void add_levels(Picture *p)
{
    ptrdiff_t n;
    const HistoryStretch *s = history_stretches(p->r, &p->a, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        if (!isnan(s[i].level)) {
            double y = scale_at(&p->y, s[i].level);
            add_line(p, "m", scale_at(&p->x, (double)s[i].from), y,
                     scale_at(&p->x, (double)(s[i].to - 1)), y);
        }
}

static void add_changes(Picture *p)
{
    for (ptrdiff_t i = 0; i < p->r->changes.n; i++) {
        const ChangePoint *c = &p->r->changes.v[i];
        char buf[FMT_MAX];
        double x = scale_at(&p->x, (double)c->index - 0.5);
        add_line(p, c->confirmed ? "c" : "c s", x, TOP, x, HEIGHT - BOTTOM);
        const char *by = isfinite(c->change) ? fmt_change(buf, c->change) : "";
        add_text(p, "", "middle", x, TOP - 6,
                 arena_printf(&p->a, "%s%s", by, c->confirmed ? "" : "?"));
    }
}

void history_svg(const HistoryReport *r, StrBuf *out)
{
    Picture p = { .out = out, .r = r };
    place_scales(&p);
    strbuf_addf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                "height=\"%d\" role=\"img\"><title>",
                WIDTH, HEIGHT, WIDTH, HEIGHT);
    const char *title = arena_printf(&p.a, "%s, %s: %td points", r->h->name,
                                     words_metric(&p.a, r->h->metric), r->h->n);
    escape_xml(out, title);
    strbuf_addf(out, "</title>%s", style);
    add_text(&p, "t", "start", LEFT, 16, title);
    add_axes(&p);
    add_points(&p);
    add_levels(&p);
    add_changes(&p);
    strbuf_addz(out, "</svg>\n");
    arena_done(&p.a);
}
