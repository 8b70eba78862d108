#include "lab/lab_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "stats/quantile.h"

typedef struct Group {
    uint32_t *members; /* [n] indices of cases */
    uint32_t *unit;    /* [n] what each belongs to: loads side by side are one, else each its own */
    uint32_t n, n_units;
    Order order; /* of the units */
    bool done;
} Group;

typedef struct Plan {
    Group *groups;
    uint32_t n_groups;
    uint32_t *shuffled; /* [n_groups] order of the groups in this round */
    uint32_t *who;      /* scratch for one group's order */
    LabCase **cases;    /* … and for the cases of a unit */
    Rng order_rng, pad_rng;
    uint32_t round, seq;
} Plan;

static const char *count_of(Arena *a, uint32_t n, const char *what)
{
    return arena_printf(a, "%u %s%s", n, what, n == 1 ? "" : "s");
}

const char *lab_stop_rule(Arena *a, Kind kind, const PaceSpec *pace)
{
    char d[FMT_MAX], p[FMT_MAX];
    if (kind == KIND_HARNESS)
        return count_of(a, lab_load_trials(pace), "execution");
    if (kind_is_load(kind) && !pace->duration)
        return arena_printf(a, "%s of all that was recorded",
                            count_of(a, lab_load_trials(pace), "trial"));
    if (kind_is_load(kind))
        return arena_printf(a, "%s of %s", count_of(a, lab_load_trials(pace), "trial"),
                            fmt_duration_exact(d, pace->duration));
    if (pace->precision > 0)
        return arena_printf(a, "until the median is known to %s, %u to %u rounds",
                            fmt_share_exact(p, pace->precision), pace->min_trials,
                            pace->max_trials);
    if (pace->trials)
        return count_of(a, pace->trials, "round");
    return arena_printf(a, "%s per case, %u to %u rounds", fmt_duration_exact(d, pace->duration),
                        pace->min_trials, pace->max_trials);
}

static uint32_t unit_of(const Lab *lab, Group *g, uint32_t i)
{
    const void *beside = lab->cases[g->members[i]].beside;
    for (uint32_t k = 0; beside && k < i; k++)
        if (lab->cases[g->members[k]].beside == beside)
            return g->unit[k];
    return g->n_units++;
}

static Plan plan_new(Lab *lab)
{
    Arena *a = &lab->run->arena;
    Plan p = { .order_rng = rng_new(lab->run->seed, "order", 0),
               .pad_rng = rng_new(lab->run->seed, "padding", 0) };
    for (ptrdiff_t i = 0; i < lab->n_cases; i++)
        p.n_groups = MAX(p.n_groups, lab->cases[i].group + 1);
    p.groups = ARENA_ARRAY(a, Group, p.n_groups);
    p.shuffled = ARENA_ARRAY(a, uint32_t, p.n_groups);
    p.who = ARENA_ARRAY(a, uint32_t, lab->n_cases);
    p.cases = ARENA_ARRAY(a, LabCase *, lab->n_cases);
    for (ptrdiff_t i = 0; i < lab->n_cases; i++)
        p.groups[lab->cases[i].group].n++;
    for (uint32_t g = 0; g < p.n_groups; g++) {
        assert(p.groups[g].n > 0);
        p.shuffled[g] = g;
        p.groups[g].members = ARENA_ARRAY(a, uint32_t, p.groups[g].n);
        p.groups[g].unit = ARENA_ARRAY(a, uint32_t, p.groups[g].n);
        p.groups[g].n = 0;
    }
    for (ptrdiff_t i = 0; i < lab->n_cases; i++) {
        Group *g = &p.groups[lab->cases[i].group];
        g->members[g->n] = (uint32_t)i;
        g->unit[g->n] = unit_of(lab, g, g->n);
        g->n++;
    }
    for (uint32_t g = 0; g < p.n_groups; g++)
        order_init(&p.groups[g].order, a, p.groups[g].n_units);
    return p;
}

/* A case that can't go on: said once, kept as a reason, its group stops (pairs would be torn). */
static void case_failed(Lab *lab, LabCase *c, const Err *err)
{
    if (err->code == -EINTR || *lab->stop)
        return;
    c->failed = true;
    lab->failed = true;
    if (c->harness) /* nothing else shows it */
        ARENA_PUSH(&lab->run->arena, lab->run->cases, lab->run->n_cases, lab->run->cap_cases,
                   c->result);
    validity_add(&c->result->validity, &lab->run->arena, GRADE_INVALID, "failed", "%s", err->msg);
    log_error(lab->log, "%s: %s", c->result->name, err->msg);
}

static int start_services(Lab *lab, Err *err)
{
    for (ptrdiff_t i = 0; i < lab->n_services; i++) {
        LabService *s = &lab->services[i];
        log_info(lab->log, "starting %s", s->name);
        if (service_start(&s->handle, s->name, s->spec, s->url, s->dir, lab->stop, err) < 0)
            return err_wrap(err, "target %s", s->name);
    }
    return 0;
}

static void stop_services(Lab *lab)
{
    for (ptrdiff_t i = lab->n_services - 1; i >= 0; i--)
        lab->services[i].handle = service_stop(lab->services[i].handle);
}

static void run_hook(Lab *lab, LabCase *c, const char *which, const char *text)
{
    Err err = { 0 };
    const CommandSpec *spec = c->command;
    if (!text || command_hook(lab->launcher, text, spec->cwd, &spec->env, &err) == 0)
        return;
    err_wrap(&err, "%s", which);
    case_failed(lab, c, &err);
}

/* A case is warmed up right after its set-up, in the order of the plan. */
static void prepare_commands(Lab *lab, Plan *p)
{
    for (ptrdiff_t i = 0; i < lab->n_cases && !*lab->stop; i++) {
        LabCase *c = &lab->cases[i];
        if (!c->command)
            continue;
        run_hook(lab, c, "setup", c->command->setup);
        for (uint32_t w = 0; w < c->pace->warmups && !c->harness && !c->failed && !*lab->stop;
             w++) {
            Err err = { 0 };
            log_progress(lab->log, "%s: warming up", c->result->name);
            if (lab_command_warmup(lab, c, &p->pad_rng, &err) < 0)
                case_failed(lab, c, &err);
        }
    }
}

static void clean_up_commands(Lab *lab)
{
    for (ptrdiff_t i = 0; i < lab->n_cases; i++)
        if (lab->cases[i].command)
            run_hook(lab, &lab->cases[i], "cleanup", lab->cases[i].command->cleanup);
}

void lab_keep(Lab *lab, const CaseResult *c, const Trial *t)
{
    if (!lab->store || lab->store_failed)
        return;
    Err err = { 0 };
    if (store_trial_add(lab->store, lab->run, c, t, &err) == 0)
        return;
    lab->store_failed = true;
    log_error(lab->log, "%s; measuring goes on, but nothing more is stored", err.msg);
}

static const char *how_it_went(Arena *a, int status)
{
    if (WIFSIGNALED(status))
        return arena_printf(a, "signal %d, %s", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return arena_printf(a, "exit code %d", WEXITSTATUS(status));
}

static void check_service(Lab *lab, LabCase *c)
{
    int status;
    if (!c->service || c->service->lost || !c->service->handle ||
        !service_exited(c->service->handle, &status))
        return;
    c->service->lost = true;
    Err err = { 0 };
    err_set(&err, -ESRCH, "target %s ended by itself in mid-run (%s)", c->service->name,
            how_it_went(&lab->run->arena, status));
    case_failed(lab, c, &err);
}

static void run_one(Lab *lab, Plan *p, LabCase *c)
{
    Err err = { 0 };
    ptrdiff_t before = c->result->n_trials;
    uint64_t t0 = clock_mono_ns();
    int r = c->harness           ? lab_harness_trial(lab, c, p->round, &p->seq, &err)
            : c->command         ? lab_command_trial(lab, c, &p->pad_rng, p->round, p->seq, &err)
            : c->function        ? lab_function_trial(lab, c, p->round, p->seq, &err)
            : c->load->find_rate ? lab_find_trial(lab, c, p->round, p->seq, &err)
                                 : lab_load_trial(lab, c, p->round, p->seq, &err);
    c->elapsed_s += (double)(clock_mono_ns() - t0) / 1e9;
    if (c->result->n_trials > before) {
        p->seq++;
        lab_keep(lab, c->result, c->result->trials[before]);
    }
    if (r < 0)
        case_failed(lab, c, &err);
    check_service(lab, c);
}

/* Loads side by side: what one can't do, none of them does. */
static void run_beside(Lab *lab, Plan *p, LabCase **cases, uint32_t n)
{
    Err err = { 0 };
    int r = lab_loads_trial(lab, cases, n, p->round, p->seq, &err);
    for (uint32_t i = 0; i < n; i++) {
        const CaseResult *c = cases[i]->result;
        if (c->n_trials > (ptrdiff_t)p->round)
            lab_keep(lab, c, c->trials[p->round]);
        if (r < 0)
            case_failed(lab, cases[i], &err);
        check_service(lab, cases[i]);
    }
    p->seq += n;
}

/* Looks at powers of 1.5 from the least number of rounds on: few enough that the declared interval,
 * taken at a level split over the looks, keeps its coverage. */
static bool is_look(uint32_t round, uint32_t first, int *ret_looks)
{
    double at = first;
    for (*ret_looks = 1; (uint32_t)at < round; (*ret_looks)++)
        at = at * 1.5 + 1;
    return (uint32_t)at == round;
}

static bool precise_enough(const Lab *lab, const LabCase *c)
{
    const CaseResult *r = c->result;
    int looks;
    if (!is_look((uint32_t)r->n_trials, c->pace->min_trials, &looks))
        return false;
    CLEANUP(arena_done) Arena a = { 0 };
    const double *times = lab_sorted_times(&a, c);
    double share =
        1.0 / (looks * (looks + 1.0)); /* of the error budget; sums to 1 over all looks */
    double level = 1 - share * (1 - lab->run->confidence);
    Interval in = quantile_interval(times, r->n_trials, 0.5, level);
    return in.high - in.low <= 2 * c->pace->precision * median_sorted(times, r->n_trials);
}

static bool case_wants_more(const Lab *lab, const LabCase *c, uint32_t rounds)
{
    const PaceSpec *p = c->pace;
    if (c->load || c->harness)
        return rounds < lab_load_trials(p);
    if (p->trials)
        return rounds < p->trials;
    if (rounds < p->min_trials)
        return true;
    if (rounds >= p->max_trials)
        return false;
    bool time_left = c->elapsed_s * 1e9 < (double)p->duration;
    if (p->precision > 0) /* functions have a budget beside it: some never get that precise */
        return !precise_enough(lab, c) && (c->command || time_left);
    return time_left;
}

/* A group goes on while any member wants more and none failed: rounds stay whole. */
static bool group_goes_on(Lab *lab, const Group *g, uint32_t rounds)
{
    bool more = false, pairs = lab->adaptive && g->n > 1;
    for (uint32_t i = 0; i < g->n; i++) {
        const LabCase *c = &lab->cases[g->members[i]];
        if (c->failed)
            return false;
        more |= case_wants_more(lab, c, rounds);
        pairs &= !c->harness;
    }
    return pairs ? lab_adaptive_goes_on(lab, g->members, g->n, rounds) : more;
}

static void run_unit(Lab *lab, Plan *p, const Group *g, uint32_t unit)
{
    uint32_t n = 0;
    LabCase **cases = p->cases;
    bool failed = false;
    for (uint32_t i = 0; i < g->n; i++)
        if (g->unit[i] == unit) {
            cases[n++] = &lab->cases[g->members[i]];
            failed |= cases[n - 1]->failed;
        }
    if (!failed && cases[0]->beside)
        run_beside(lab, p, cases, n);
    else if (!failed)
        run_one(lab, p, cases[0]);
    if (!cases[0]->load && !cases[0]->harness)
        lab_command_progress(lab, cases[0], p->round);
}

static void run_group_round(Lab *lab, Plan *p, Group *g)
{
    bool shuffle = lab->cases[g->members[0]].pace->shuffle;
    for (uint32_t i = 0; i < g->n_units; i++)
        p->who[i] = i;
    if (shuffle)
        order_next(&g->order, &p->order_rng, p->who);
    for (uint32_t i = 0; i < g->n_units && !*lab->stop; i++)
        run_unit(lab, p, g, p->who[i]);
}

/* One trial of every group that goes on; false when none did. */
static bool run_round(Lab *lab, Plan *p)
{
    bool any = false;
    rng_shuffle(&p->order_rng, p->shuffled, p->n_groups, sizeof *p->shuffled);
    for (uint32_t i = 0; i < p->n_groups && !*lab->stop; i++) {
        Group *g = &p->groups[p->shuffled[i]];
        g->done = g->done || !group_goes_on(lab, g, p->round);
        if (g->done)
            continue;
        any = true;
        run_group_round(lab, p, g);
    }
    p->round++;
    lab_harness_settle(lab);
    return any;
}

int lab_run(Lab *lab, Err *err)
{
    assert(lab->run && lab->stop);
    Plan p = plan_new(lab);
    int r = start_services(lab, err);
    if (r == 0) {
        prepare_commands(lab, &p);
        if (lab->adaptive)
            lab->adaptive->began_ns = clock_mono_ns();
        while (!*lab->stop && run_round(lab, &p))
            ;
        clean_up_commands(lab);
        lab_programs_close(lab);
        lab_harness_settle(lab);
    }
    stop_services(lab);
    log_progress_end(lab->log);
    lab->run->interrupted = *lab->stop;
    return r;
}
