/* A load over time: throughput, latency, errors and resources in panels that share the time axis.
 * Trials stand one after the other, so that drift between them shows. */
#include "report/html.h"

#include <math.h>
#include <string.h>

enum { PANEL_HEIGHT = 96, LINES_MAX = 3 };

typedef struct PanelLine {
    const char *scope, *name, *label, *css;
} PanelLine;

typedef struct Panel {
    const char *title;
    PanelLine lines[LINES_MAX];
    bool from_zero, log;
} Panel;

static const Panel panels[] = {
    { "throughput",
      { { "load", "offered", "asked for", "c2" }, { "load", "throughput", "throughput", "c1" } },
      true,
      false },
    { "users", { { "load", "users", "users", "c2" } }, true, false },
    { "latency (log axis)",
      { { "load", "latency.p50", "p50", "c4" }, { "load", "latency.p99", "p99", "c1" } },
      false,
      true },
    { "errors", { { "load", "errors", "errors", "c3" } }, true, false },
    { "deliveries outstanding", { { "load", "backlog", "backlog", "c4" } }, true, false },
    { "CPU, cores",
      { { "target", "cpu", "target", "c1" }, { "generator", "cpu", "generator", "c2" } },
      true,
      false },
    { "memory", { { "target", "rss", "target", "c1" } }, false, false },
};

/* One series of all trials on the joined axis. */
typedef struct Track {
    double *t, *v;
    ptrdiff_t n;
    bool positive; /* for a log axis: lo and hi over values above 0 */
    double lo, hi;
    const char *unit;
} Track;

/* Where trial i starts on the joined axis. */
static double trial_start(const CaseResult *c, ptrdiff_t i)
{
    double at = 0;
    for (ptrdiff_t k = 0; k < i; k++)
        at += (double)c->trials[k]->duration_ns / 1e9;
    return at;
}

static void track_push(Html *h, Track *k, ptrdiff_t *cap, double t, double v)
{
    ptrdiff_t cap_t = *cap, n = k->n;
    k->t = arena_grow(&h->a, k->t, n, &cap_t, sizeof *k->t);
    k->v = arena_grow(&h->a, k->v, n, cap, sizeof *k->v);
    k->t[n] = t;
    k->v[n] = v;
    k->n++;
    if (isfinite(v) && (v > 0 || !k->positive)) {
        k->lo = MIN(k->lo, v);
        k->hi = MAX(k->hi, v);
    }
}

static Track join_trials(Html *h, const CaseResult *c, const PanelLine *l, bool positive)
{
    Track k = { .positive = positive, .lo = (double)INFINITY, .hi = -(double)INFINITY };
    ptrdiff_t cap = 0;
    for (ptrdiff_t i = 0; i < c->n_trials; i++) {
        const Series *s = series_find(&c->trials[i]->series, l->scope, l->name);
        double start = trial_start(c, i), length = (double)c->trials[i]->duration_ns / 1e9;
        if (!s)
            continue;
        k.unit = s->unit;
        for (ptrdiff_t j = 0; j < s->n; j++)
            if (s->t_s[j] >= 0 && s->t_s[j] <= length)
                track_push(h, &k, &cap, start + s->t_s[j], s->v[j]);
        track_push(h, &k, &cap, start + length,
                   (double)NAN); /* no line from one trial to the next */
    }
    return k;
}

static void draw_track(Html *h, Plot *p, const PanelLine *l, const Track *k)
{
    ptrdiff_t *keep = ARENA_ARRAY(&h->a, ptrdiff_t, MAX(h->points, 4));
    ptrdiff_t n = thin_points(k->v, k->n, MAX(h->points, 4), keep);
    double *t = ARENA_ARRAY(&h->a, double, n), *v = ARENA_ARRAY(&h->a, double, n);
    for (ptrdiff_t i = 0; i < n; i++) {
        t[i] = k->t[keep[i]];
        v[i] = k->v[keep[i]];
    }
    plot_line(p, l->css, l->label, t, v, n);
}

static Scale panel_scale(const Panel *panel, const char *unit, double lo, double hi)
{
    if (panel->log && lo > 0)
        return scale_new(SCALE_LOG, lo, hi, PANEL_HEIGHT, 4);
    if (strcmp(unit, "bytes") == 0) /* growth must show, noise must not look like it */
        return scale_nice_bytes(MIN(lo, hi * 0.9), hi, PANEL_HEIGHT, 4, false);
    return scale_nice(lo, hi, PANEL_HEIGHT, 4, panel->from_zero);
}

/* Returns false when no trial has any of the panel's series. */
static bool draw_panel(Html *h, const CaseResult *c, const Panel *panel, double total, bool last)
{
    Track tracks[LINES_MAX] = { 0 };
    double lo = (double)INFINITY, hi = -(double)INFINITY;
    const char *unit = NULL, *describe = "";
    for (int i = 0; i < LINES_MAX && panel->lines[i].scope; i++) {
        const PanelLine *l = &panel->lines[i];
        tracks[i] = join_trials(h, c, l, panel->log);
        if (!tracks[i].unit || !isfinite(tracks[i].lo))
            continue;
        lo = MIN(lo, tracks[i].lo);
        hi = MAX(hi, tracks[i].hi);
        unit = tracks[i].unit;
        describe = arena_printf(&h->a, "%s%s%s between %s", describe, *describe ? "; " : "",
                                l->label, words_range(&h->a, tracks[i].lo, tracks[i].hi, unit));
    }
    if (!unit)
        return false;
    Axis2 x = { .scale = scale_new(SCALE_LINEAR, 0, total, 0, PLOT_WIDTH),
                .unit = "seconds",
                .ticks = 10,
                .hidden = !last };
    bool cores = strcmp(panel->lines[0].name, "cpu") == 0;
    Axis2 y = { .scale = panel_scale(panel, unit, lo, hi),
                .unit = cores ? "cores" : unit,
                .ticks = 4 };
    Plot p = plot_begin(h->out, &h->a, panel->title, describe, x, y, PANEL_HEIGHT);
    for (ptrdiff_t i = 1; i < c->n_trials; i++)
        plot_mark_x(&p, "trial", trial_start(c, i), arena_printf(&h->a, "trial %td", i + 1));
    for (int i = 0; i < LINES_MAX && panel->lines[i].scope; i++)
        if (tracks[i].n)
            draw_track(h, &p, &panel->lines[i], &tracks[i]);
    plot_end(&p);
    return true;
}

static bool has_panel(const CaseResult *c, const Panel *panel)
{
    for (int k = 0; k < LINES_MAX && panel->lines[k].scope; k++)
        for (ptrdiff_t i = 0; i < c->n_trials; i++)
            if (series_find(&c->trials[i]->series, panel->lines[k].scope, panel->lines[k].name))
                return true;
    return false;
}

void html_time(Html *h, const CaseResult *c)
{
    double total = trial_start(c, c->n_trials);
    ptrdiff_t last = -1;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(panels); i++)
        last = has_panel(c, &panels[i]) ? i : last;
    if (last < 0 || total <= 0)
        return;
    strbuf_addf(h->out, "<h4>Over time%s</h4>\n<div class=\"panels\">",
                c->n_trials > 1 ? ", trial after trial" : "");
    for (ptrdiff_t i = 0; i <= last; i++)
        draw_panel(h, c, &panels[i], total, i == last);
    strbuf_addz(h->out, "</div>\n<p class=\"key\"><i class=\"k c1\"></i>throughput, p99, target "
                        "<i class=\"k c4\"></i>p50 <i class=\"k c2\"></i>generator, asked for "
                        "<i class=\"k c3\"></i>errors</p>\n");
}
