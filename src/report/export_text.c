/* Results in the text shapes that other tools read: Prometheus's exposition format, HdrHistogram
 * logs, and Go's benchmark lines (benchstat). */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "report/formats.h"
#include "report/words.h"
#include "stats/hdr.h"

static int finish(const StrBuf *out, Err *err)
{
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}

/* ---- Prometheus ---- */

typedef struct PromUnit {
    const char *ours, *suffix;
    double scale;
} PromUnit;

/* Base units, as its naming rules want: seconds, bytes, ratios. */
static const PromUnit prom_units[] = {
    { "ns", "seconds", 1e-9 },  { "bytes", "bytes", 1 }, { "bytes/s", "bytes_per_second", 1 },
    { "1/s", "per_second", 1 }, { "share", "ratio", 1 }, { "count", "", 1 },
};

static const PromUnit *prom_unit(const char *unit)
{
    static const PromUnit other = { "", "", 1 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(prom_units); i++)
        if (strcmp(prom_units[i].ours, unit) == 0)
            return &prom_units[i];
    return &other;
}

/* [a-zA-Z0-9_] and nothing else. */
static void prom_name(StrBuf *out, const char *metric, const PromUnit *u)
{
    strbuf_addz(out, "assay_");
    for (const char *c = metric; *c; c++)
        strbuf_addc(out, isalnum((unsigned char)*c) && (unsigned char)*c < 0x80 ? *c : '_');
    if (*u->suffix)
        strbuf_addf(out, "_%s", u->suffix);
}

static void prom_label(StrBuf *out, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_addf(out, "%s%s=\"", out->len && out->ptr[out->len - 1] == '{' ? "" : ",", name);
    for (const char *c = value; *c; c++) {
        if (*c == '\\' || *c == '"')
            strbuf_addc(out, '\\');
        if (*c == '\n')
            strbuf_addz(out, "\\n");
        else
            strbuf_addc(out, *c);
    }
    strbuf_addc(out, '"');
}

static void prom_line(StrBuf *out, const Run *r, const CaseResult *c, const MetricSummary *m,
                      const char *suffix, const char *quantile, double v)
{
    char buf[FMT_MAX];
    if (!isfinite(v))
        return;
    prom_name(out, m->name, prom_unit(m->unit));
    strbuf_addf(out, "%s{", suffix);
    prom_label(out, "suite", r->suite);
    prom_label(out, "case", c->name);
    prom_label(out, "component", c->component);
    prom_label(out, "quantile", quantile);
    strbuf_addf(out, "} %s\n", fmt_f64_exact(buf, v));
}

static void prom_samples(StrBuf *out, const Run *r, const CaseResult *c, const MetricSummary *m)
{
    double s = prom_unit(m->unit)->scale;
    if (!m->hist) {
        prom_line(out, r, c, m, "", NULL, m->figure * s);
        return;
    }
    const struct {
        const char *q;
        double v;
    } quantiles[] = { { "0.5", m->p50 },
                      { "0.9", m->p90 },
                      { "0.95", m->p95 },
                      { "0.99", m->p99 },
                      { "0.999", m->p999 } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(quantiles); i++)
        prom_line(out, r, c, m, "", quantiles[i].q, quantiles[i].v * s);
    prom_line(out, r, c, m, "_sum", NULL, m->mean * (double)m->count * s);
    prom_line(out, r, c, m, "_count", NULL, (double)m->count);
}

/* All samples of one name stand together, behind one TYPE line: the first case that has it writes
 * them for all. */
static bool first_with(const Run *r, ptrdiff_t i, const MetricSummary *m)
{
    for (ptrdiff_t k = 0; k < i; k++) {
        const MetricSummary *other =
            r->cases[k]->side == SIDE_HEAD ? case_find_metric(r->cases[k], m->name) : NULL;
        if (other && strcmp(other->unit, m->unit) == 0)
            return false;
    }
    return true;
}

int report_prometheus(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; r->cases[i]->side == SIDE_HEAD && k < r->cases[i]->n_metrics; k++) {
            const MetricSummary *m = &r->cases[i]->metrics[k];
            if (!first_with(r, i, m))
                continue;
            strbuf_addz(out, "# TYPE ");
            prom_name(out, m->name, prom_unit(m->unit));
            strbuf_addf(out, " %s\n", m->hist ? "summary" : "gauge");
            for (ptrdiff_t n = i; n < r->n_cases; n++) {
                const CaseResult *c = r->cases[n];
                const MetricSummary *own = case_find_metric(c, m->name);
                if (c->side == SIDE_HEAD && own && strcmp(own->unit, m->unit) == 0)
                    prom_samples(out, r, c, own);
            }
        }
    return finish(out, err);
}

/* ---- HdrHistogram logs ---- */

static void tag_text(StrBuf *out, const char *s)
{
    for (; *s; s++)
        strbuf_addc(out, *s == ',' || *s == '\n' || *s == '\r' ? ' ' : *s);
}

/* Times are seconds since the log's start, the maximum is in ms: what its readers expect. */
static int hlog_entry(StrBuf *out, const Run *r, const CaseResult *c, const Trial *t,
                      const Metric *m, Err *err)
{
    double start = (double)(t->started_wall_ns - MIN(t->started_wall_ns, r->started_wall_ns)) / 1e9;
    strbuf_addz(out, "Tag=");
    tag_text(out, c->name);
    strbuf_addf(out, ",%.3f,%.3f,%.6f,", start, (double)t->duration_ns / 1e9,
                (double)m->hist->max / 1e6);
    TRY(hdr_encode_base64(m->hist, out, err));
    strbuf_addc(out, '\n');
    return 0;
}

int report_hdrlog(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    static const char *const names[] = { "latency", "call_time", "service_time" };
    (void)o;
    strbuf_addf(out,
                "#[Histogram log format version 1.3]\n#[StartTime: %.3f (seconds since epoch)]\n",
                (double)r->started_wall_ns / 1e9);
    strbuf_addz(out, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                     "\"Interval_Compressed_Histogram\"\n");
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        for (ptrdiff_t k = 0; c->side == SIDE_HEAD && k < c->n_trials; k++) {
            const Metric *m = NULL;
            for (ptrdiff_t n = 0; n < ARRAY_LEN(names) && !m; n++)
                m = trial_find_metric(c->trials[k], names[n]);
            if (m && m->hist)
                TRY(hlog_entry(out, r, c, c->trials[k], m, err));
        }
    }
    return finish(out, err);
}

/* ---- Go ---- */

/* "BenchmarkCopy/size=16": the first letter in upper case, no blanks. */
static void go_name(StrBuf *out, const char *name)
{
    strbuf_addz(out, "Benchmark");
    for (const char *c = name; *c; c++)
        strbuf_addc(out, c == name                    ? (char)toupper((unsigned char)*c)
                         : isspace((unsigned char)*c) ? '_'
                                                      : *c);
}

static const char *go_unit(const Metric *m)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = {
        { "time", "ns/op" },       { "wall", "ns/op" },
        { "latency", "ns/op" },    { "allocations", "allocs/op" },
        { "allocated", "B/op" },   { "bytes_per_s", "B/s" },
        { "throughput", "ops/s" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(m->name, names[i].ours) == 0)
            return names[i].theirs;
    return NULL;
}

static void go_line(StrBuf *out, const CaseResult *c, const Trial *t)
{
    char buf[FMT_MAX];
    bool any = false;
    const Metric *n = trial_find_metric(t, "iterations");
    for (ptrdiff_t i = 0; i < t->n_metrics; i++) {
        const Metric *m = &t->metrics[i];
        const char *unit = go_unit(m);
        if (!unit || !isfinite(m->value))
            continue;
        if (!any) {
            go_name(out, c->name);
            strbuf_addf(out, "\t%.0f", n && n->value >= 1 ? n->value : 1.0);
        }
        any = true;
        strbuf_addf(out, "\t%s %s", fmt_f64_exact(buf, m->value), unit);
    }
    if (any)
        strbuf_addc(out, '\n');
}

int report_go(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    strbuf_addf(out, "pkg: %s\n", r->suite);
    if (r->testbed.cpu)
        strbuf_addf(out, "cpu: %s\n", r->testbed.cpu);
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; r->cases[i]->side == SIDE_HEAD && k < r->cases[i]->n_trials; k++)
            go_line(out, r->cases[i], r->cases[i]->trials[k]);
    return finish(out, err);
}
