#include "report/plot_svg.h"

#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/words.h"

void svg_number(StrBuf *out, double v)
{
    double r = round(v * 10) / 10;
    strbuf_addf(out, r == floor(r) ? "%.0f" : "%.1f", r == 0 ? 0 : r);
}

/* "p99.9" of 0.999. */
static const char *percentile_name(Arena *a, double q)
{
    if (q <= 0 || q >= 1)
        return q <= 0 ? "min" : "max";
    for (int decimals = 0; decimals < 6; decimals++) {
        double scale = pow(10, decimals);
        if (fabs(q * 100 * scale - round(q * 100 * scale)) < 1e-6)
            return arena_printf(a, "p%.*f", decimals, q * 100);
    }
    return arena_printf(a, "p%g", q * 100);
}

const char *plot_tick(Arena *a, const Axis2 *axis, double v)
{
    if (strcmp(axis->unit, "quantile") == 0)
        return percentile_name(a, v);
    if (strcmp(axis->unit, "seconds") == 0)
        return v == 0 ? "0" : words_round(a, v * 1e9, "ns");
    if (strcmp(axis->unit, "cores") == 0)
        return words_round(a, v, "");
    if (v == 0)
        return "0";
    return words_round(a, v, strcmp(axis->unit, "run") == 0 ? "" : axis->unit);
}

static const char *scale_name(ScaleKind k)
{
    return k == SCALE_LOG ? "log" : k == SCALE_TAIL ? "tail" : "lin";
}

static void axis_attribute(Plot *p, const char *name, const Axis2 *axis)
{
    strbuf_addf(p->out, " data-%s=\"%s,%.9g,%.9g,%s\"", name, scale_name(axis->scale.kind),
                axis->scale.lo, axis->scale.hi, xml_text(p->a, axis->unit));
}

static void grid(Plot *p, const Axis2 *axis, bool vertical)
{
    double ticks[TICKS_MAX];
    ptrdiff_t n = scale_ticks(&axis->scale, axis->ticks, ticks);
    if (n == 0)
        return;
    strbuf_addz(p->out, "<path class=\"grid\" d=\"");
    for (ptrdiff_t i = 0; i < n; i++) {
        strbuf_addz(p->out, vertical ? "M" : "M0 ");
        svg_number(p->out, scale_at(&axis->scale, ticks[i]));
        if (vertical)
            strbuf_addf(p->out, " 0V%d", p->height);
        else
            strbuf_addf(p->out, "H%d", PLOT_WIDTH);
    }
    strbuf_addz(p->out, "\"/>");
}

Plot plot_begin(StrBuf *out, Arena *a, const char *title, const char *describe, Axis2 x, Axis2 y,
                int height)
{
    Plot p = { .out = out, .a = a, .x = x, .y = y, .height = height };
    strbuf_addz(out, "<figure class=\"plot\"");
    axis_attribute(&p, "x", &x);
    axis_attribute(&p, "y", &y);
    strbuf_addf(out, "><figcaption>%s</figcaption><div class=\"area%s\"><svg role=\"img\" ",
                xml_text(a, title), x.hidden ? " bare" : "");
    strbuf_addf(out,
                "viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" height=\"%d\" "
                "aria-label=\"%s\">",
                PLOT_WIDTH, height, height, xml_text(a, describe));
    grid(&p, &x, true);
    grid(&p, &y, false);
    return p;
}

static void point(Plot *p, double x, double y)
{
    svg_number(p->out, scale_at(&p->x.scale, x));
    strbuf_addc(p->out, ' ');
    svg_number(p->out, scale_at(&p->y.scale, y));
}

void plot_line(Plot *p, const char *css, const char *label, const double *x, const double *y,
               ptrdiff_t n)
{
    strbuf_addf(p->out, "<path class=\"l %s\" data-n=\"%s\" d=\"", css, xml_text(p->a, label));
    bool pen = false;
    for (ptrdiff_t i = 0; i < n; i++) {
        bool there = isfinite(x[i]) && isfinite(y[i]);
        if (there) {
            strbuf_addc(p->out, pen ? ' ' : 'M');
            point(p, x[i], y[i]);
        }
        pen = there;
    }
    strbuf_addz(p->out, "\"/>");
}

/* A line of no length with round ends is a dot that stretching does not squash. */
void plot_dots(Plot *p, const char *css, const char *label, const double *x, const double *y,
               ptrdiff_t n)
{
    if (n == 0)
        return;
    strbuf_addf(p->out, "<path class=\"d %s\" data-n=\"%s\" d=\"", css, xml_text(p->a, label));
    for (ptrdiff_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            continue;
        strbuf_addc(p->out, 'M');
        point(p, x[i], y[i]);
        strbuf_addz(p->out, "h0");
    }
    strbuf_addz(p->out, "\"/>");
}

/* Rectangle between two corners, as a closed path. */
static void box(Plot *p, double x0, double y0, double x1, double y1)
{
    strbuf_addc(p->out, 'M');
    svg_number(p->out, x0);
    strbuf_addc(p->out, ' ');
    svg_number(p->out, y0);
    strbuf_addc(p->out, 'H');
    svg_number(p->out, x1);
    strbuf_addc(p->out, 'V');
    svg_number(p->out, y1);
    strbuf_addc(p->out, 'H');
    svg_number(p->out, x0);
    strbuf_addc(p->out, 'z');
}

void plot_bars(Plot *p, const char *css, const Dist *d, bool sideways)
{
    strbuf_addf(p->out, "<path class=\"b %s\" d=\"", css);
    for (ptrdiff_t i = 0; i < d->n; i++) {
        const DistBin *b = &d->bins[i];
        if (b->count <= 0)
            continue;
        if (sideways)
            box(p, 0, scale_at(&p->y.scale, b->hi), scale_at(&p->x.scale, b->count),
                scale_at(&p->y.scale, b->lo));
        else
            box(p, scale_at(&p->x.scale, b->lo), scale_at(&p->y.scale, b->count),
                scale_at(&p->x.scale, b->hi), p->height);
    }
    strbuf_addz(p->out, "\"/>");
}

void plot_steps(Plot *p, const char *css, const Dist *d)
{
    if (d->n == 0)
        return;
    strbuf_addf(p->out, "<path class=\"s %s\" d=\"M", css);
    svg_number(p->out, scale_at(&p->x.scale, d->bins[0].lo));
    strbuf_addf(p->out, " %d", p->height);
    for (ptrdiff_t i = 0; i < d->n; i++) {
        strbuf_addc(p->out, 'V');
        svg_number(p->out, scale_at(&p->y.scale, d->bins[i].count));
        strbuf_addc(p->out, 'H');
        svg_number(p->out, scale_at(&p->x.scale, d->bins[i].hi));
    }
    strbuf_addf(p->out, "V%d\"/>", p->height);
}

void plot_mark_x(Plot *p, const char *css, double x, const char *label)
{
    if (!isfinite(x))
        return;
    strbuf_addf(p->out, "<path class=\"m %s\" d=\"M", css);
    svg_number(p->out, scale_at(&p->x.scale, x));
    strbuf_addf(p->out, " 0V%d\"><title>%s</title></path>", p->height, xml_text(p->a, label));
}

void plot_mark_y(Plot *p, const char *css, double y)
{
    if (!isfinite(y))
        return;
    strbuf_addf(p->out, "<path class=\"m %s\" d=\"M0 ", css);
    svg_number(p->out, scale_at(&p->y.scale, y));
    strbuf_addf(p->out, "H%d\"/>", PLOT_WIDTH);
}

void plot_band_y(Plot *p, const char *css, double lo, double hi)
{
    if (!isfinite(lo) || !isfinite(hi))
        return;
    strbuf_addf(p->out, "<path class=\"b %s\" d=\"", css);
    box(p, 0, scale_at(&p->y.scale, hi), PLOT_WIDTH, scale_at(&p->y.scale, lo));
    strbuf_addz(p->out, "\"/>");
}

/* Narrow screens hide some labels ("alt"): every other one, but of percentiles those that people
 * ask for stay. */
static bool may_hide(const Axis2 *axis, ptrdiff_t i, double v)
{
    if (strcmp(axis->unit, "quantile") == 0)
        return v != 0.5 && v != 0.9 && v != 0.99 && v != 0.999;
    return i % 2;
}

static void labels(Plot *p, const Axis2 *axis, bool vertical)
{
    double ticks[TICKS_MAX];
    ptrdiff_t n = axis->hidden ? 0 : scale_ticks(&axis->scale, axis->ticks, ticks);
    for (ptrdiff_t i = 0; i < n; i++) {
        double at = scale_at(&axis->scale, ticks[i]);
        double percent = at / (vertical ? p->height : PLOT_WIDTH) * 100;
        strbuf_addf(p->out, "<span class=\"%s%s\" style=\"%s:%.4g%%\">%s</span>",
                    vertical ? "ty" : "tx", !vertical && may_hide(axis, i, ticks[i]) ? " alt" : "",
                    vertical ? "top" : "left", percent,
                    xml_text(p->a, plot_tick(p->a, axis, ticks[i])));
    }
}

void plot_end(Plot *p)
{
    strbuf_addz(p->out, "</svg>");
    labels(p, &p->y, true);
    labels(p, &p->x, false);
    strbuf_addz(p->out, "</div></figure>\n");
}
