/* Trials of other harnesses: one execution of a command that measures, whose output is read as
 * `assay import` reads it. Each benchmark in it is a case of the run.
 *
 * The unit that repeats is the execution: its samples were taken in one block, by one process, so
 * that with several trials they count as one value, their median (with their distribution where
 * they are times). With one trial the samples themselves are the trials. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "harness/harness.h"
#include "lab/lab_internal.h"
#include "stats/quantile.h"

/* ---- the case of a foreign case ---- */

static void copy_params(Run *r, StrMap *to, const StrMap *from)
{
    for (ptrdiff_t i = 0; from && i < from->n; i++)
        strmap_set(&r->arena, to, arena_strdup(&r->arena, from->v[i].key),
                   arena_strdup(&r->arena, from->v[i].value));
}

static const char *name_of(Run *r, const LabHarness *h, const CaseResult *foreign)
{
    return arena_printf(&r->arena, "%s/%s", h->prefix, foreign->name);
}

static CaseResult *find_or_add(Lab *lab, LabHarness *h, const CaseResult *foreign)
{
    Run *r = lab->run;
    const char *name = name_of(r, h, foreign);
    CaseResult *c = run_find_case(r, name, h->side);
    if (c)
        return c;
    c = run_add_case(r, name, h->benchmark, KIND_HARNESS, h->side);
    c->component = h->component;
    copy_params(r, &c->params, h->params);
    copy_params(r, &c->params, &foreign->params);
    if (h->rival) /* which may not have run yet */
        c->reference = name_of(r, h->rival, foreign);
    ARENA_PUSH(&r->arena, h->cases, h->n_cases, h->cap_cases, c);
    return c;
}

static void add_expectation(Run *r, CaseResult *c, const Expect *e)
{
    ARENA_PUSH(&r->arena, c->expects, c->n_expects, c->cap_expects, *e);
}

/* Promises hold for the cases that have their metric: one program measures many things. One that
 * nothing measured is kept where it is seen to break. */
static void add_expectations(Run *r, const LabHarness *h)
{
    for (ptrdiff_t i = 0; h->side == SIDE_HEAD && i < h->n_expects; i++) {
        bool any = false;
        for (ptrdiff_t k = 0; k < h->n_cases; k++)
            if (trial_find_metric(h->cases[k]->trials[0], h->expects[i].metric)) {
                any = true;
                add_expectation(r, h->cases[k], &h->expects[i]);
            }
        if (!any)
            add_expectation(r, h->cases[0], &h->expects[i]);
    }
}

/* ---- figures ---- */

static const char *text_in(Run *r, const char *s)
{
    return s ? arena_strdup(&r->arena, s) : NULL;
}

static int copy_hist(const Hist *from, Hist **ret, Err *err)
{
    *ret = NULL;
    if (!from)
        return 0;
    TRY(hist_new_like(ret, from, err));
    hist_copy(*ret, from);
    return 0;
}

static int add_metric(Run *r, Trial *t, const Metric *like, double value, Hist *hist)
{
    trial_add_metric(r, t, text_in(r, like->name), text_in(r, like->unit), like->better,
                     text_in(r, like->method), value, hist);
    return 0;
}

/* A sample as it is. */
static int copy_trial(Lab *lab, CaseResult *c, const Trial *from, Trial *to, Err *err)
{
    (void)c;
    to->duration_ns = from->duration_ns;
    to->has_outcomes = from->has_outcomes;
    to->outcomes = from->outcomes;
    to->exit_code = from->exit_code;
    for (ptrdiff_t i = 0; i < from->n_metrics; i++) {
        Hist *h;
        TRY(copy_hist(from->metrics[i].hist, &h, err));
        TRY(add_metric(lab->run, to, &from->metrics[i], from->metrics[i].value, h));
    }
    return 0;
}

/* Samples of one metric, rising, in `a`; what is missing is left out. */
static double *samples_of(Arena *a, const CaseResult *foreign, const char *name, ptrdiff_t *ret_n)
{
    double *v = ARENA_ARRAY(a, double, foreign->n_trials);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < foreign->n_trials; i++) {
        const Metric *m = trial_find_metric(foreign->trials[i], name);
        if (m && isfinite(m->value))
            v[n++] = m->value;
    }
    sort_doubles(v, n);
    *ret_n = n;
    return v;
}

static int hist_of_samples(const double *v, ptrdiff_t n, Hist **ret, Err *err)
{
    TRY(hist_new(ret, err));
    for (ptrdiff_t i = 0; i < n; i++)
        hist_record(*ret, v[i] > 0 ? (uint64_t)v[i] : 0);
    return 0;
}

static const Metric *like_of(const CaseResult *foreign, const char *name)
{
    for (ptrdiff_t i = 0; i < foreign->n_trials; i++) {
        const Metric *m = trial_find_metric(foreign->trials[i], name);
        if (m)
            return m;
    }
    return NULL;
}

static int merge_metric(Lab *lab, const CaseResult *foreign, const MetricSummary *s, Trial *t,
                        Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    ptrdiff_t n;
    Hist *h = NULL;
    const Metric *like = like_of(foreign, s->name);
    double *v = samples_of(&a, foreign, s->name, &n);
    if (!like || n == 0)
        return 0;
    if (s->hist)
        TRY(copy_hist(s->hist, &h, err));
    else if (n > 1 && strcmp(s->unit, "ns") == 0 && v[0] >= 1000)
        TRY(hist_of_samples(v, n, &h, err));
    return add_metric(lab->run, t, like, s->hist ? s->p50 : median_sorted(v, n), h);
}

static int merge_trials(Lab *lab, const CaseResult *foreign, Trial *t, Err *err)
{
    t->has_outcomes = foreign->has_outcomes;
    t->outcomes = foreign->outcomes;
    for (ptrdiff_t i = 0; i < foreign->n_metrics; i++)
        TRY(merge_metric(lab, foreign, &foreign->metrics[i], t, err));
    return 0;
}

/* ---- a whole output ---- */

typedef struct Place {
    uint32_t round, *seq;
    uint64_t started_wall_ns, duration_ns;
} Place;

static Trial *new_trial(Lab *lab, CaseResult *c, uint32_t round, Place *p)
{
    Trial *t = case_add_trial(lab->run, c);
    t->round = round;
    t->seq = (*p->seq)++;
    t->started_wall_ns = p->started_wall_ns;
    t->duration_ns = p->duration_ns;
    return t;
}

static int take_case(Lab *lab, LabCase *lc, const CaseResult *foreign, Place *p, Err *err)
{
    CaseResult *c = find_or_add(lab, lc->harness, foreign);
    for (ptrdiff_t i = 0; i < foreign->validity.n; i++)
        validity_add(&c->validity, &lab->run->arena, foreign->validity.reasons[i].grade,
                     text_in(lab->run, foreign->validity.reasons[i].code), "%s",
                     foreign->validity.reasons[i].text);
    ptrdiff_t before = c->n_trials;
    bool samples = lc->pace->trials == 1 && foreign->n_trials > 1;
    for (ptrdiff_t i = 0; samples && i < foreign->n_trials; i++) {
        Trial *t = new_trial(lab, c, (uint32_t)i, p);
        TRY(copy_trial(lab, c, foreign->trials[i], t, err));
    }
    if (!samples)
        TRY(merge_trials(lab, foreign, new_trial(lab, c, p->round, p), err));
    for (ptrdiff_t i = before; lab->harness_settled && i < c->n_trials; i++)
        lab_keep(lab, c, c->trials[i]);
    return 0;
}

static int take_run(Lab *lab, LabCase *c, const Run *foreign, Place *p, Err *err)
{
    bool first = c->harness->n_cases == 0;
    for (ptrdiff_t i = 0; i < foreign->n_cases; i++)
        TRY(take_case(lab, c, foreign->cases[i], p, err));
    if (first)
        add_expectations(lab->run, c->harness);
    return 0;
}

static int read_output(Lab *lab, LabCase *c, const char *path, Place *p, Err *err)
{
    HarnessInput in;
    CLEANUP(run_freep) Run *r = NULL;
    const LabHarness *h = c->harness;
    int res = harness_open(&in, path, err);
    if (res == 0) {
        if (!h->result)
            in.path = arena_printf(in.arena, "output of %s", c->command->argv.v[0]);
        res = harness_read(&in, h->format ? harness_find(h->format) : NULL, &r, err);
    }
    harness_close(&in);
    TRY(res);
    assert(r);
    return take_run(lab, c, r, p, err);
}

/* Where a result is written by the command itself, it counts from the command's folder. */
static const char *result_path(Arena *a, const LabHarness *h, const CommandSpec *spec,
                               const char *output)
{
    if (!h->result)
        return output;
    return h->result[0] == '/' || !spec->cwd ? h->result : fs_join(a, spec->cwd, h->result);
}

static int run_harness(Lab *lab, LabCase *c, const char *output, Place *p, Err *err)
{
    CommandSpec spec = *c->command;
    CommandRun run;
    CLEANUP(arena_done) Arena a = { 0 };
    if (!c->harness->result) {
        spec.output = OUTPUT_FILE;
        spec.output_file = output;
    }
    log_progress(lab->log, "%s: running %s", c->result->name, spec.argv.v[0]);
    p->started_wall_ns = clock_wall_ns();
    TRY(command_run(lab->launcher, &spec, 0, lab->stop, &run, err));
    p->duration_ns = run.wall_ns;
    TRY(lab_check_end(lab, c, &run, err));
    return read_output(lab, c, result_path(&a, c->harness, &spec, output), p, err);
}

int lab_harness_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t *seq, Err *err)
{
    char path[] = "/tmp/assay-harness-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return err_errno(err, -errno, "make a file like '%s'", path);
    close(fd);
    Place p = { .round = round, .seq = seq };
    int r = run_harness(lab, c, path, &p, err);
    unlink(path);
    return r;
}

/* A benchmark that the rival does not have competes with nobody. */
static void drop_lone_references(const Run *r, const LabHarness *h)
{
    for (ptrdiff_t i = 0; i < h->n_cases; i++)
        if (h->cases[i]->reference && !run_find_case(r, h->cases[i]->reference, h->side))
            h->cases[i]->reference = NULL;
}

/* The cases of all harnesses, and those that stand in for one that failed, in the plan's order.
 * ret[…] has room. */
static ptrdiff_t list_cases(const Lab *lab, CaseResult **ret)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < lab->n_cases; i++) {
        const LabCase *c = &lab->cases[i];
        if (!c->harness)
            continue;
        drop_lone_references(lab->run, c->harness);
        for (ptrdiff_t k = 0; k < c->harness->n_cases; k++)
            ret[n++] = c->harness->cases[k];
        if (c->failed)
            ret[n++] = c->result;
    }
    return n;
}

/* Cases came in the order in which the harnesses happened to run; a report wants the suite's. A
 * store knows a case by its place, so that nothing of them is stored before. All other cases are in
 * front of them: the plan had them. */
void lab_harness_settle(Lab *lab)
{
    Run *r = lab->run;
    CLEANUP(arena_done) Arena a = { 0 };
    CaseResult **sorted = ARENA_ARRAY(&a, CaseResult *, r->n_cases + 1);
    if (lab->harness_settled)
        return;
    ptrdiff_t n = list_cases(lab, sorted), first = r->n_cases - n;
    for (ptrdiff_t i = 0; i < n; i++)
        r->cases[first + i] = sorted[i];
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t k = 0; k < sorted[i]->n_trials; k++)
            lab_keep(lab, sorted[i], sorted[i]->trials[k]);
    lab->harness_settled = true;
}
