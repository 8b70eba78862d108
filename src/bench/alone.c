/* A benchmark program run by itself: a readable table. For figures to keep or to compare, assay
 * runs it: several processes, interleaved, judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

enum { EPOCH_NS = 1000000, EPOCHS_MIN = 5, EPOCHS_MAX = 2000, SHORT_MAX = 24 };

typedef struct Summary {
    double median, low, high; /* ns per iteration; quartiles */
    AssayEpoch last;
    int n;
} Summary;

static int by_value(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return (a > b) - (a < b);
}

static double quantile(const double *sorted, int n, double q)
{
    double at = q * (n - 1);
    int i = (int)at;
    return i + 1 < n ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static void summarise(double *times, int n, Summary *s)
{
    qsort(times, (size_t)n, sizeof *times, by_value);
    s->n = n;
    s->median = quantile(times, n, 0.5);
    s->low = quantile(times, n, 0.25);
    s->high = quantile(times, n, 0.75);
}

/* ---- figures as text ---- */

static const char *short_time(char *buf, double ns)
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    int u = 0;
    while (u < 3 && ns >= 1000) {
        ns /= 1000;
        u++;
    }
    snprintf(buf, SHORT_MAX, "%.*f %s", ns < 10 ? 3 : ns < 100 ? 2 : 1, ns, units[u]);
    return buf;
}

static const char *short_rate(char *buf, double per_s, const char *unit)
{
    static const char prefixes[] = " kMGT";
    int u = 0;
    while (u < 4 && per_s >= 1000) {
        per_s /= 1000;
        u++;
    }
    snprintf(buf, SHORT_MAX, "%.4g%s%c%s/s", per_s, u ? " " : "", u ? prefixes[u] : ' ', unit);
    return buf;
}

static void print_rates(FILE *out, const AssayCase *c, const Summary *s)
{
    char buf[SHORT_MAX];
    double per_s = 1e9 / s->median * c->threads;
    if (s->last.bytes)
        fprintf(out, "  %s", short_rate(buf, (double)s->last.bytes * per_s, "B"));
    if (s->last.items)
        fprintf(out, "  %s", short_rate(buf, (double)s->last.items * per_s, "items"));
    for (int i = 0; i < s->last.n_figures; i++)
        fprintf(out, "  %s=%.6g", s->last.figures[i].name, s->last.figures[i].value);
    if (s->last.counts_allocs)
        fprintf(out, "  %.6g allocations, %.6g bytes",
                (double)s->last.allocs.count / (double)s->last.iterations / c->threads,
                (double)s->last.allocs.bytes / (double)s->last.iterations / c->threads);
}

static void print_latency(FILE *out, const AssayCase *c)
{
    AssayEpoch e;
    uint64_t n = (uint64_t)(ASSAY_SAMPLES_MAX / c->threads);
    uint64_t *samples = malloc(n * (uint64_t)c->threads * sizeof *samples);
    double *values = malloc(n * (uint64_t)c->threads * sizeof *values);
    uint64_t fit = samples && values ? assay_calibrate(c, 100 * EPOCH_NS, &e) : 0;
    if (fit) {
        assay_epoch(c, fit < n ? fit : n, samples, &e);
        for (uint64_t i = 0; i < e.n_samples; i++)
            values[i] = (double)samples[i];
        qsort(values, e.n_samples, sizeof *values, by_value);
        static const double q[] = { 0.5, 0.9, 0.99, 0.999, 1 };
        static const char *const names[] = { "p50", "p90", "p99", "p99.9", "max" };
        char buf[SHORT_MAX];
        fprintf(out, "  each of %llu:", (unsigned long long)e.n_samples);
        for (int i = 0; i < 5; i++)
            fprintf(out, " %s %s", names[i],
                    short_time(buf, quantile(values, (int)e.n_samples, q[i])));
        fputc('\n', out);
    }
    free(samples);
    free(values);
}

/* ---- one case ---- */

static const char *measure(const AssayCase *c, uint64_t time_ns, Summary *s)
{
    double times[EPOCHS_MAX];
    uint64_t n = assay_calibrate(c, EPOCH_NS, &s->last);
    uint64_t begin = assay_clock_ns();
    int k = 0;
    while (n && !s->last.why[0] && k < EPOCHS_MAX &&
           (k < EPOCHS_MIN || assay_clock_ns() - begin < time_ns)) {
        assay_epoch(c, n, NULL, &s->last);
        times[k++] = s->last.time_ns;
    }
    if (s->last.why[0])
        return s->last.why;
    summarise(times, k, s);
    return NULL;
}

static bool run_case(FILE *out, const AssayCase *c, const AssayOptions *o, int width)
{
    Summary s = { 0 };
    char median[SHORT_MAX], low[SHORT_MAX], high[SHORT_MAX];
    const char *why = measure(c, o->time_ns, &s);
    if (why) {
        fprintf(out, "%-*s  failed: %s\n", width, c->name, why);
        return false;
    }
    fprintf(out, "%-*s  %10s  %10s … %-10s %5d x %-10llu", width, c->name,
            short_time(median, s.median), short_time(low, s.low), short_time(high, s.high), s.n,
            (unsigned long long)s.last.iterations);
    print_rates(out, c, &s);
    fputc('\n', out);
    if (o->latency)
        print_latency(out, c);
    fflush(out);
    return true;
}

/* ---- all ---- */

static bool wanted(const AssayCase *c, const AssayOptions *o)
{
    return !o->filter || strstr(c->name, o->filter);
}

static void print_heading(FILE *out, int width)
{
    AssayCosts costs;
    assay_costs(&costs);
    fprintf(out,
            "# ns per iteration; an empty loop costs %.2f ns, a pause leaves %.0f ns, a look at "
            "the clock takes %.0f ns; nothing is subtracted\n",
            costs.loop_ns, costs.pause_ns, costs.clock_ns);
    fprintf(out, "%-*s  %10s  %23s  %5s x %-10s\n", width, "benchmark", "median", "middle half    ",
            "epochs", "iterations");
}

int assay_run_alone(const AssayOptions *o, void *file)
{
    FILE *out = file;
    int n, n_run = 0, width = 9;
    const char *why;
    const AssayCase *cases = assay_cases(&n, &why);
    if (why) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    for (int i = 0; i < n; i++)
        if (wanted(&cases[i], o) && (int)strlen(cases[i].name) > width)
            width = (int)strlen(cases[i].name);
    if (!o->list)
        print_heading(out, width);
    int code = 0;
    for (int i = 0; i < n; i++) {
        if (!wanted(&cases[i], o))
            continue;
        n_run++;
        if (o->list)
            fprintf(out, "%s\n", cases[i].name);
        else if (!run_case(out, &cases[i], o, width))
            code = 1;
    }
    if (n_run)
        return code;
    if (n)
        fprintf(stderr, "no benchmark's name holds '%s'; --list shows all\n", o->filter);
    else
        fprintf(stderr, "no benchmark is registered in this program\n");
    return 2;
}
