/* The highest rate that keeps a promise (find_rate): each rate is a load of its own, with its own
 * warm-up, so that nothing carries over; find_search.c says which comes next. What each came to
 * stands in the trial as a stage of that name: the degradation curve. Behind the search the target
 * is overloaded once and then asked for half of what it holds, to see how fast it recovers. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "lab/find_search.h"
#include "lab/lab_internal.h"
#include "model/promise.h"

#define PRECISION 0.02
#define FIRST_RATE 100.0
#define MOST_RATE 1e7
#define ACHIEVED_MIN 0.99
#define KNEE_FACTOR 2.0
enum { PROBES_MAX = 64, PROBE_PART = 3, PROBE_LEAST_MS = 300, DISTURBED_MAX = 3 };

/* One look: a load of its own. */
typedef struct Look {
    Run *run; /* owned */
    Trial *trial;
    uint64_t length_ns;
} Look;

/* What one rate came to. */
typedef struct Rung {
    double rate, p99_ns, error_rate;
    bool held;
    Look look; /* kept until the curve is written */
} Rung;

typedef struct Finder {
    Lab *lab;
    LabCase *c;
    Trial *t;
    Promise promise;
    Rung rungs[PROBES_MAX];
    ptrdiff_t n;
    const char *looking_at; /* the look's name, in the run's arena */
    const char *broke;      /* what broke first beyond the limit, in the run's arena */
    bool limited;           /* the generator could not make a rate */
    int n_disturbed;        /* looks that say nothing for that reason, taken again */
    uint64_t seed;
} Finder;

/* ---- one look ---- */

static const char *rung_name(Finder *f, double rate)
{
    return arena_printf(&f->lab->run->arena, "%.6gps", rate);
}

static uint64_t look_ns(const Finder *f, FindPhase phase)
{
    uint64_t all = f->c->pace->duration, part = all / PROBE_PART;
    return phase == FIND_CONFIRM ? all : MAX(part, PROBE_LEAST_MS * NS_PER_MS);
}

static void on_tick(void *user, const LoadTick *k)
{
    const Finder *f = user;
    char rate[FMT_MAX], p99[FMT_MAX];
    log_progress(f->lab->log, "find-rate  look %td  %s%s achieved  p99 %s  failed %llu", f->n + 1,
                 k->warming ? "warming up  " : "", fmt_rate(rate, k->rate_per_s),
                 fmt_duration(p99, k->p99_ns), (unsigned long long)k->failed);
}

static void on_interval(void *user, const LoadInterval *i)
{
    const Finder *f = user;
    LoadInterval named = *i;
    named.stage = i->stage ? i->stage : f->looking_at;
    stream_interval(f->lab->stream, f->c->result, f->t->round, &named);
}

static int take_look(Finder *f, const LoadSpec *spec, uint64_t length_ns, Look *ret, Err *err)
{
    LoadPlan plan = { .spec = spec,
                      .driver = f->c->driver,
                      .target_opts = f->c->target_opts,
                      .request_opts = f->c->request_opts,
                      .warmup_ns = MIN(f->c->pace->warmup, length_ns / 4),
                      .duration_ns = length_ns,
                      .seed = f->seed++,
                      .stop = f->lab->stop,
                      .on_tick = on_tick,
                      .on_interval = f->lab->stream ? on_interval : NULL,
                      .user = f };
    f->looking_at = rung_name(f, spec->rate);
    TRY(run_new(&ret->run, "find-rate", f->seed, clock_wall_ns(), err));
    CaseResult *c = run_add_case(ret->run, "look", "look", KIND_LOAD, SIDE_HEAD);
    ret->trial = case_add_trial(ret->run, c);
    int r = load_run(&plan, ret->run, ret->trial, err);
    if (r == 0)
        r = run_summarise(ret->run, err);
    if (r < 0)
        ret->run = run_free(ret->run);
    return r;
}

/* ---- what it came to ---- */

static void move_metric(Finder *f, const char *stage, Metric *m, const char *name)
{
    Run *r = f->lab->run;
    char full[128];
    snprintf(full, sizeof full, "%s.%s", stage, name);
    if (!trial_find_metric(f->t, full)) /* a rate that is tried again keeps its first look */
        trial_add_metric(r, f->t, arena_strdup(&r->arena, full), arena_strdup(&r->arena, m->unit),
                         m->better, arena_strdup(&r->arena, m->method), m->value, TAKE(m->hist));
}

static void add_count(Finder *f, const char *stage, const char *name, double v)
{
    Run *r = f->lab->run;
    char full[128];
    snprintf(full, sizeof full, "%s.%s", stage, name);
    if (!trial_find_metric(f->t, full))
        trial_add_metric(r, f->t, arena_strdup(&r->arena, full), "count", BETTER_NONE, "counted", v,
                         NULL);
}

static void write_rung(Finder *f, Rung *g)
{
    static const char *const names[] = { "throughput", "error_rate", "latency", "service_time" };
    const char *stage = rung_name(f, g->rate);
    Trial *t = g->look.trial;
    add_count(f, stage, "planned", round(g->rate * (double)g->look.length_ns / 1e9));
    add_count(f, stage, "scheduled", (double)t->outcomes.scheduled);
    for (ptrdiff_t i = 0; i < t->n_metrics; i++)
        for (ptrdiff_t k = 0; k < ARRAY_LEN(names); k++)
            if (strcmp(t->metrics[i].name, names[k]) == 0)
                move_metric(f, stage, &t->metrics[i], names[k]);
    outcomes_add(&f->t->outcomes, &t->outcomes);
    f->t->has_outcomes = true;
}

static int by_rate(const void *pa, const void *pb)
{
    double a = ((const Rung *)pa)->rate, b = ((const Rung *)pb)->rate;
    return (a > b) - (a < b);
}

/* The degradation curve, from the lowest rate up. */
static void write_curve(Finder *f)
{
    qsort(f->rungs, (size_t)f->n, sizeof *f->rungs, by_rate);
    for (ptrdiff_t i = 0; i < f->n; i++) {
        write_rung(f, &f->rungs[i]);
        f->rungs[i].look.run = run_free(f->rungs[i].look.run);
    }
}

static bool has_reason(const Validity *v, const char *code, Grade least)
{
    for (ptrdiff_t i = 0; i < v->n; i++)
        if (strcmp(v->reasons[i].code, code) == 0 && v->reasons[i].grade >= least)
            return true;
    return false;
}

/* The generator could not make this rate: what was measured says nothing about the target. */
static bool is_limited(const Validity *v)
{
    return has_reason(v, "rate-not-met", GRADE_INVALID) ||
           has_reason(v, "cpu-saturated", GRADE_SUSPECT) ||
           has_reason(v, "run-queue", GRADE_SUSPECT) ||
           has_reason(v, "out-of-ports", GRADE_INVALID) ||
           has_reason(v, "out-of-descriptors", GRADE_INVALID);
}

/* A rate holds when the promise does and the target kept up with it. */
static bool judge_look(Finder *f, double rate, const Look *l)
{
    const CaseResult *c = l->run->cases[0];
    const MetricSummary *latency = case_find_metric(c, "latency");
    const MetricSummary *achieved = case_find_metric(c, "throughput");
    Rung *g = &f->rungs[f->n++];
    char a[FMT_MAX], b[FMT_MAX];
    const char *why = promise_broken(&f->promise, &l->run->arena, c);
    *g = (Rung){ .rate = rate,
                 .p99_ns = latency ? latency->p99 : (double)NAN,
                 .error_rate = outcomes_error_rate(&l->trial->outcomes),
                 .look = *l };
    double answered = achieved ? achieved->figure + g->error_rate * rate : 0;
    if (!why && !(answered >= ACHIEVED_MIN * rate))
        why = arena_printf(&l->run->arena, "%s answered of %s asked for", fmt_rate(a, answered),
                           fmt_rate(b, rate));
    g->held = why == NULL;
    if (why)
        f->broke = arena_printf(&f->lab->run->arena, "%s at %s", why, fmt_rate(a, rate));
    f->limited = is_limited(&c->validity);
    return g->held;
}

static int try_rate(Finder *f, FindSearch *s, bool *ret_held, Err *err)
{
    LoadSpec spec = *f->c->load;
    Look l = { 0 };
    uint64_t length = look_ns(f, s->phase);
    spec.users = 0;
    spec.rate = s->rate;
    spec.find_rate = NULL;
    TRY(take_look(f, &spec, length, &l, err));
    l.length_ns = length;
    *ret_held = judge_look(f, s->rate, &l);
    return 0;
}

/* ---- recovery ---- */

/* Seconds after the load fell until errors are gone and latency is back; NaN when it is not. */
static double recovery_of(const Finder *f, const Trial *t, double fell_s)
{
    const Series *p99 = series_find(&t->series, "load", "latency.p99");
    const Series *errors = series_find(&t->series, "load", "errors");
    double limit = promise_latency_limit(&f->promise), last = fell_s;
    bool any = false;
    if (isnan(limit)) /* none promised: what the lowest rate had, several times over */
        limit = 5 * f->rungs[0].p99_ns;
    for (ptrdiff_t i = 0; p99 && errors && i < p99->n; i++) {
        if (p99->t_s[i] <= fell_s)
            continue;
        any = true;
        if (p99->v[i] > limit || (i < errors->n && errors->v[i] > 0))
            last = p99->t_s[i];
    }
    bool at_end = p99 && p99->n && last >= p99->t_s[p99->n - 1];
    return any && !at_end ? last - fell_s : (double)NAN;
}

static int watch_recovery(Finder *f, const FindSearch *s, double *ret, Err *err)
{
    uint64_t length = look_ns(f, FIND_BISECT);
    Stage stages[] = { { .name = "over", .open = true, .over_ns = length },
                       { .name = "after", .open = true, .over_ns = 2 * length } };
    stages[0].from = stages[0].to = fmin(1.5 * s->bad, MOST_RATE);
    stages[1].from = stages[1].to = s->good / 2;
    LoadSpec spec = *f->c->load;
    Look l = { 0 };
    spec.users = 0;
    spec.rate = 0;
    spec.find_rate = NULL;
    spec.stages = (StageList){ .v = stages, .n = 2 };
    TRY(take_look(f, &spec, 3 * length, &l, err));
    *ret = recovery_of(f, l.trial, (double)length / 1e9);
    l.run = run_free(l.run);
    return 0;
}

/* ---- result ---- */

static void add_rate(Finder *f, const char *name, const char *method, double v, bool judged)
{
    trial_add_metric(f->lab->run, f->t, name, "1/s", judged ? BETTER_HIGHER : BETTER_NONE, method,
                     isfinite(v) && v > 0 ? v : (double)NAN, NULL);
}

/* The lowest rate from which on p99 is at least twice that of the lowest rate of all. */
static double find_knee(const Finder *f)
{
    double base = (double)INFINITY, base_rate = (double)INFINITY, knee = (double)INFINITY;
    for (ptrdiff_t i = 0; i < f->n; i++)
        if (f->rungs[i].rate < base_rate) {
            base_rate = f->rungs[i].rate;
            base = f->rungs[i].p99_ns;
        }
    for (ptrdiff_t i = 0; i < f->n; i++)
        if (f->rungs[i].p99_ns > KNEE_FACTOR * base)
            knee = fmin(knee, f->rungs[i].rate);
    return knee;
}

static void judge_search(Finder *f, const FindSearch *s)
{
    Arena *a = &f->lab->run->arena;
    if (f->limited)
        validity_add(&f->t->validity, a, GRADE_SUSPECT, "generator-limited",
                     "the generator could not ask for more: the target holds at least this; give "
                     "assay more cores or connections to find its limit");
    else if (*f->lab->stop)
        validity_add(&f->t->validity, a, GRADE_SUSPECT, "interrupted",
                     "the search was stopped: what was found is a bound, no answer");
    else if (s->good <= 0)
        validity_add(&f->t->validity, a, GRADE_INVALID, "nothing-held",
                     "the promise broke at every rate (%s); see that the target is sound, or "
                     "promise less",
                     f->broke ? f->broke : "none was tried");
    else if (!s->confirmed)
        validity_add(&f->t->validity, a, GRADE_SUSPECT, "not-confirmed",
                     "no rate held for the longer look: take what was found as an estimate, or "
                     "measure longer (-d)");
}

static void describe(Finder *f, const FindSearch *s, double knee, double recovery)
{
    char good[FMT_MAX], bad[FMT_MAX], at[FMT_MAX];
    Arena *a = &f->lab->run->arena;
    const char *note = "no rate kept the promise";
    if (s->good > 0 && isfinite(s->bad))
        note = arena_printf(a, "holds up to %s (breaks by %s: %s)", fmt_rate(good, s->good),
                            fmt_rate(bad, s->bad), f->broke);
    else if (s->good > 0)
        note = arena_printf(a, "holds at least %s", fmt_rate(good, s->good));
    if (isfinite(knee))
        note = arena_printf(a, "%s; p99 has doubled at %s", note, fmt_rate(at, knee));
    if (isfinite(recovery))
        note = arena_printf(a, "%s; back to normal %s after the load fell", note,
                            fmt_duration(at, recovery * 1e9));
    else if (s->good > 0 && isfinite(s->bad) && !*f->lab->stop)
        note = arena_printf(a, "%s; not back to normal when half of it was asked for", note);
    if (f->n_disturbed)
        note = arena_printf(a, "%s; %d looks were taken again, because the generator was disturbed",
                            note, f->n_disturbed);
    f->c->result->note = note;
}

static void conclude(Finder *f, const FindSearch *s, double recovery)
{
    double knee = find_knee(f);
    add_rate(f, "max_rate", "highest rate that kept the promise, confirmed by a longer look",
             s->good, true);
    add_rate(f, "max_rate_low", "the same", s->good, false);
    add_rate(f, "max_rate_high", "lowest rate that broke it", s->bad, false);
    add_rate(f, "knee", "lowest rate with twice the p99 of the lowest one", knee, false);
    trial_add_metric(f->lab->run, f->t, "recovery", "ns", BETTER_LOWER,
                     "from the fall of an overload until latency and errors are back",
                     recovery * 1e9, NULL);
    judge_search(f, s);
    describe(f, s, knee, recovery);
}

/* Rate after rate, until there is nothing more to try, or something stands in the way. */
static int climb(Finder *f, FindSearch *s, Err *err)
{
    for (bool held = false;;) {
        TRY(try_rate(f, s, &held, err));
        if (f->limited && f->n_disturbed < DISTURBED_MAX && !*f->lab->stop) {
            f->n_disturbed++; /* a hiccup of this machine, or its limit: look again */
            f->n--;
            f->rungs[f->n].look.run = run_free(f->rungs[f->n].look.run);
            continue;
        }
        if (f->limited || f->n == PROBES_MAX || *f->lab->stop || !find_next(s, held))
            return 0;
    }
}

int lab_find_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err)
{
    Finder f = { .lab = lab, .c = c, .seed = lab->run->seed + 1000 * (uint64_t)round };
    double first = c->load->rate > 0 ? c->load->rate : FIRST_RATE, recovery = (double)NAN;
    FindSearch s = find_begin(first, PRECISION, MOST_RATE);
    TRY(promise_parse(&lab->run->arena, c->load->find_rate, &f.promise, err));
    f.t = case_add_trial(lab->run, c->result);
    f.t->round = round;
    f.t->seq = seq;
    f.t->started_wall_ns = clock_wall_ns();
    uint64_t began = clock_mono_ns();
    int r = climb(&f, &s, err);
    if (r == 0 && !*lab->stop && !f.limited && s.good > 0 && isfinite(s.bad))
        r = watch_recovery(&f, &s, &recovery, err);
    f.t->duration_ns = clock_mono_ns() - began;
    write_curve(&f);
    conclude(&f, &s, recovery);
    if (lab->stream)
        stream_trial_end(lab->stream, c->result, f.t);
    return r == -EINTR ? 0 : r;
}
