/* Plots in HTML: a stretching SVG for the marks, HTML text for the axes, so that lettering keeps
 * its size at any width and needs no script.
 *
 * The SVG's user space is PLOT_WIDTH wide and as high as the plot in CSS pixels; it is stretched
 * sideways only (strokes do not scale). Everything is classes: colours come from the page's style,
 * for light, dark and print. Callers pass escaped text only where a parameter says so. */
#pragma once

#include "report/dist.h"
#include "report/plot_scale.h"

enum { PLOT_WIDTH = 1000 };

typedef struct Axis2 {
    Scale scale;      /* of the places: x 0 … PLOT_WIDTH, y height … 0 */
    const char *unit; /* for ticks and tooltips; "" for counts, "quantile" for percentiles,
                         "seconds" for time axes, "run" for order */
    int ticks;        /* most ticks */
    bool hidden;      /* no labels */
} Axis2;

typedef struct Plot {
    StrBuf *out;
    Arena *a;
    Axis2 x, y;
    int height;
} Plot;

/* Open a plot. `title` and `describe` (for screen readers) are plain text. */
Plot plot_begin(StrBuf *out, Arena *a, const char *title, const char *describe, Axis2 x, Axis2 y,
                int height);
/* A line through (x[i], y[i]); NaN breaks it. `css` is a class ("c1" … the palette), `label` plain
 * text for the tooltip. */
void plot_line(Plot *p, const char *css, const char *label, const double *x, const double *y,
               ptrdiff_t n);
/* Dots, unconnected. */
void plot_dots(Plot *p, const char *css, const char *label, const double *x, const double *y,
               ptrdiff_t n);
/* Bars up from the bottom (or, `sideways`, out from the left: bins on the y axis). */
void plot_bars(Plot *p, const char *css, const Dist *d, bool sideways);
/* Outline of the same. */
void plot_steps(Plot *p, const char *css, const Dist *d);
/* Full-height line at x with a short label (plain text, may be ""). */
void plot_mark_x(Plot *p, const char *css, double x, const char *label);
/* Full-width line, and a band from lo to hi. */
void plot_mark_y(Plot *p, const char *css, double y);
void plot_band_y(Plot *p, const char *css, double lo, double hi);
/* Axis text, end of the plot. */
void plot_end(Plot *p);

/* A coordinate with at most one decimal. */
void svg_number(StrBuf *out, double v);
/* Tick text: "10 ms", "p99", "30 s". */
const char *plot_tick(Arena *a, const Axis2 *axis, double v);
