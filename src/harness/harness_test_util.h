/* For this room's tests: runs from texts and from sample files. Include tap.h first. */
#pragma once

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "harness/harness.h"

/* Samples of other tools' output; NULL where they are not. */
UNUSED static const char *sample_path(Arena *a, const char *name)
{
    const char *shared = getenv("ASSAY_SHARED");
    const char *path = shared ? arena_printf(a, "%s/data/%s", shared, name) : NULL;
    return path && fs_exists(path) ? path : NULL;
}

/* The run in a file, found by content, as the format that is expected; NULL and a failed check
 * else. */
UNUSED static Run *run_of_file(const char *path, const char *format)
{
    HarnessInput in;
    Err err = { 0 };
    Run *r = NULL;
    int open = harness_open(&in, path, &err);
    const HarnessFormat *f = open < 0 ? NULL : harness_recognise(&in);
    CHECK_STR(f ? f->name : err.msg, format, "%s is recognised", strrchr(path, '/'));
    CHECK(f && harness_read(&in, NULL, &r, &err) == 0, "it reads: %s", err.msg);
    harness_close(&in);
    return r;
}

UNUSED static Run *run_of_text(const char *text, const char *format)
{
    HarnessInput in;
    Err err = { 0 };
    Run *r = NULL;
    int open = harness_open_text(&in, str(text), "text", &err);
    const HarnessFormat *f = open < 0 ? NULL : harness_recognise(&in);
    CHECK_STR(f ? f->name : "unknown", format, "recognised by content");
    CHECK(f && harness_read(&in, NULL, &r, &err) == 0, "it reads: %s", err.msg);
    harness_close(&in);
    return r;
}

UNUSED static const MetricSummary *metric_of(const Run *r, const char *name, const char *metric)
{
    const CaseResult *c = r ? run_find_case(r, name, SIDE_HEAD) : NULL;
    return c ? case_find_metric(c, metric) : NULL;
}

/* A statistic ("p50", "mean", "max"; NULL: the figure) of a case's metric, NaN when there is none.
 */
UNUSED static double stat_of(const Run *r, const char *name, const char *metric, const char *stat)
{
    const MetricSummary *m = metric_of(r, name, metric);
    return m ? summary_stat(m, stat) : (double)NAN;
}

/* The value of one trial. */
UNUSED static double trial_of(const Run *r, const char *name, const char *metric, ptrdiff_t i)
{
    const MetricSummary *m = metric_of(r, name, metric);
    return m && i < m->n_trials ? m->trials[i] : (double)NAN;
}

UNUSED static ptrdiff_t trials_of(const Run *r, const char *name, const char *metric)
{
    const MetricSummary *m = metric_of(r, name, metric);
    return m ? m->n_trials : -1;
}

/* A parameter of a case, "" when there is none. */
UNUSED static const char *param_of(const Run *r, const char *name, const char *key)
{
    const CaseResult *c = r ? run_find_case(r, name, SIDE_HEAD) : NULL;
    const char *v = c ? strmap_get(&c->params, key) : NULL;
    return v ? v : "";
}

UNUSED static const char *tag_of(const Run *r, const char *key)
{
    const char *v = r ? strmap_get(&r->tags, key) : NULL;
    return v ? v : "";
}

#define CHECK_REL(got, want, ...)                                                                  \
    do {                                                                                           \
        double rel_w_ = (want);                                                                    \
        CHECK_NEAR(got, rel_w_, fabs(rel_w_) * 1e-12, __VA_ARGS__);                                \
    } while (0)

#define CHECK_UNIT(run, case_name, metric, want_unit, want_better)                                 \
    do {                                                                                           \
        const MetricSummary *unit_m_ = metric_of((run), (case_name), (metric));                    \
        CHECK_STR(unit_m_ ? unit_m_->unit : NULL, (want_unit), "%s of %s has its unit", (metric),  \
                  (case_name));                                                                    \
        CHECK(unit_m_ && unit_m_->better == (want_better), "and its direction");                   \
    } while (0)
