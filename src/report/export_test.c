/* What is written for other tools is read back by the importers of their formats, and says the
 * same. */
#include <math.h>

#include "harness/harness.h"
#include "model/run_sample.h"
#include "report/fixture.h"
#include "report/report.h"
#include "tap.h"

static Run *again(const Run *r, const char *format, const char *importer)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err = { 0 };
    HarnessInput in;
    Run *back = NULL;
    const ReportFormat *f = report_format_for(format);
    ReportOpts o = { 0 };
    CHECK(f && f->write(r, &o, &b, &err) == 0, "%s is written %s", format, err.msg);
    CHECK_INT(harness_open_text(&in, strbuf_str(&b), "out", &err), 0, "and opened");
    const HarnessFormat *known = harness_recognise(&in);
    CHECK_STR(known ? known->name : NULL, importer, "recognised by its content");
    CHECK_INT(harness_read(&in, harness_find(importer), &back, &err), 0, "read back %s", err.msg);
    harness_close(&in);
    return back;
}

static const CaseResult *find(const Run *r, const char *name)
{
    for (ptrdiff_t i = 0; r && i < r->n_cases; i++)
        if (strcmp(r->cases[i]->name, name) == 0)
            return r->cases[i];
    return NULL;
}

/* The samples of a metric, by whatever name it comes back. */
static void same_samples(const CaseResult *a, const char *name, const CaseResult *b,
                         const char *theirs, double tolerance)
{
    const MetricSummary *x = case_find_metric(a, name);
    const MetricSummary *y = b ? case_find_metric(b, theirs) : NULL;
    if (!CHECK(x && y && x->n_trials == y->n_trials, "%s comes back with all its samples", name))
        return;
    double worst = 0;
    for (ptrdiff_t i = 0; i < x->n_trials; i++)
        worst = fmax(worst, fabs(y->trials[i] / x->trials[i] - 1));
    CHECK(worst <= tolerance, "%s is equal to %g", name, worst);
}

static void test_commands(void)
{
    CLEANUP(run_freep) Run *r = fixture_commands();
    CLEANUP(run_freep) Run *hf = again(r, "hyperfine", "hyperfine");
    CLEANUP(run_freep) Run *gb = again(r, "google-benchmark", "google-benchmark");
    CLEANUP(run_freep) Run *go = again(r, "go", "go");
    const CaseResult *c = r->cases[0];
    same_samples(c, "wall", find(hf, c->name), "wall", 1e-12);
    same_samples(c, "rss_peak", find(hf, c->name), "rss_peak", 0);
    same_samples(c, "wall", find(gb, c->name), "time", 1e-12);
    CHECK_INT(go ? go->n_cases : 0, hf ? hf->n_cases : -1, "Go's lines have the same cases");
    same_samples(c, "wall", go ? go->cases[0] : NULL, "time", 1e-12);
}

static void test_suite(void)
{
    CLEANUP(run_freep) Run *r = fixture_suite();
    CLEANUP(run_freep) Run *bmf = again(r, "bencher", "bencher");
    ptrdiff_t equal = 0, with = 0;
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i], *back = find(bmf, c->name);
        const MetricSummary *m = case_find_metric(c, "throughput");
        const MetricSummary *b = back ? case_find_metric(back, "throughput") : NULL;
        with += c->side == SIDE_HEAD && m && isfinite(m->figure);
        equal += c->side == SIDE_HEAD && m && b && fabs(b->p50 / m->figure - 1) < 1e-12;
    }
    CHECK(with > 0 && equal == with, "throughput of %td of %td cases comes back", equal, with);
}

static void test_histograms(void)
{
    CLEANUP(run_freep) Run *r = fixture_load();
    CLEANUP(run_freep) Run *hlog = again(r, "hdrhistogram-log", "hdrhistogram-log");
    const CaseResult *c = r->cases[0], *back = hlog && hlog->n_cases ? hlog->cases[0] : NULL;
    const MetricSummary *m = case_find_metric(c, "latency");
    const MetricSummary *b = back ? case_find_metric(back, "latency") : NULL;
    CHECK(m && b && b->count == m->count, "the log has all operations");
    CHECK(m && b && fabs(b->p50 / m->p50 - 1) < 1e-3 && fabs(b->p99 / m->p99 - 1) < 1e-3,
          "and their percentiles");
}

static void test_prometheus(void)
{
    CLEANUP(run_freep) Run *r = fixture_load();
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err = { 0 };
    ReportOpts o = { 0 };
    r->cases[0]->name = "a \"quoted\\\" name\nof two lines";
    CHECK_INT(report_format_for("prometheus")->write(r, &o, &b, &err), 0, "written");
    const char *text = strbuf_z(&b);
    CHECK(strstr(text, "# TYPE assay_latency_seconds summary\n") != NULL,
          "a distribution is a summary");
    CHECK(strstr(text, "quantile=\"0.99\"} ") != NULL, "with quantiles");
    CHECK(strstr(text, "case=\"a \\\"quoted\\\\\\\" name\\nof two lines\"") != NULL,
          "labels are escaped");
    CHECK(strstr(text, "# TYPE assay_throughput_per_second gauge\n") != NULL,
          "a scalar is a gauge");
    int types = 0, samples = 0;
    for (Str rest = strbuf_str(&b), line; str_cut(&rest, '\n', &line);) {
        types += str_starts(line, STR("# TYPE assay_"));
        samples += str_starts(line, STR("assay_"));
    }
    CHECK(types > 5 && samples > types, "%d metrics, %d samples, each on its line", types, samples);
}

static void test_empty(void)
{
    static const char *const formats[] = { "hyperfine",  "google-benchmark", "bencher",
                                           "prometheus", "hdrhistogram-log", "go" };
    CLEANUP(run_freep) Run *r = fixture_empty();
    for (ptrdiff_t i = 0; i < ARRAY_LEN(formats); i++) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        Err err = { 0 };
        ReportOpts o = { 0 };
        CHECK_INT(report_format_for(formats[i])->write(r, &o, &b, &err), 0, "%s of an empty run",
                  formats[i]);
        CHECK(report_format_for(formats[i])->compare == NULL, "   shows no comparison");
    }
}

int main(void)
{
    test_commands();
    test_suite();
    test_histograms();
    test_prometheus();
    test_empty();
    return tap_done();
}
