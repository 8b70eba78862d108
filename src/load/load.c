/* One trial, or several side by side: prepare, connect, start all workers at the same moment,
 * collect while they run, merge, report. The calling thread is the collector. */
#include "load/load.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "load/load_internal.h"

#define START_DELAY_NS (2 * NS_PER_MS)   /* so that no worker passes the gate too late */
#define COLLECT_DELAY_NS (5 * NS_PER_MS) /* after a tick, when workers have handed over */

static int start_workers(Load *l, Err *err)
{
    for (uint32_t i = 0; i < l->n_made; i++)
        TRY(worker_start(&l->workers[i], err));
    return 0;
}

/* Sleep until all threads of a stage are there, or until `until_ns`. True when all are. */
static bool await(Gate *g, const uint32_t *counter, uint32_t n, uint64_t until_ns)
{
    struct timespec ts = { .tv_sec = (time_t)(until_ns / NS_PER_S),
                           .tv_nsec = (long)(until_ns % NS_PER_S) };
    pthread_mutex_lock(&g->lock);
    int r = 0;
    while (*counter < n && r == 0)
        r = pthread_cond_timedwait(&g->cond, &g->lock, &ts);
    bool all = *counter >= n;
    pthread_mutex_unlock(&g->lock);
    return all;
}

static void open_gate(Load *l, uint64_t start_ns, bool go)
{
    Gate *g = &l->gate;
    pthread_mutex_lock(&g->lock);
    g->start_ns = start_ns;
    g->released = go;
    g->abandoned = !go;
    l->begin_ns = start_ns + l->wp.warmup_ns;
    l->tick_ns = start_ns + l->wp.tick_ns + COLLECT_DELAY_NS;
    pthread_cond_broadcast(&g->cond);
    pthread_mutex_unlock(&g->lock);
}

static const char *target_url(const Load *l)
{
    const Opt *row = opt_find(l->plan->driver->target_opts, STR("url"));
    const char *const *field =
        row ? (const void *)((const char *)l->plan->target_opts + row->offset) : NULL;
    return field && *field ? *field : l->plan->driver->name;
}

static bool stop_asked(const Load *l)
{
    return l->plan->stop && __atomic_load_n(l->plan->stop, __ATOMIC_RELAXED);
}

/* Nothing can be measured, but what was tried is counted: each user asked for one connection. */
static void count_refusals(Load *l)
{
    Outcomes *o = &l->trial->outcomes;
    l->trial->has_outcomes = true;
    o->scheduled = o->failed[FAIL_CONNECT] = l->wp.n_users;
    assert(outcomes_conserved(o));
}

/* Somebody must listen where somebody should; who could not is told of in what was lost. */
static int look_at_subscribers(const Load *l, Err *err)
{
    const StreamLoad *s = l->stream;
    const StreamShare *refused = NULL;
    if (!s || s->spec.subscribers == 0)
        return 0;
    for (uint32_t i = 0; i < s->spec.subscribers; i++) {
        if (s->subs[i].subscribed)
            return 0;
        refused = s->subs[i].share->cut_error ? s->subs[i].share : refused;
    }
    int code = refused ? refused->cut_error : -ECONNREFUSED;
    const char *cause = refused ? refused->cut_cause : NULL;
    if (cause)
        return err_set(err, code, "%s: none of %u subscriptions could be made: %s", target_url(l),
                       s->spec.subscribers, cause);
    return err_errno(err, code, "%s: none of %u subscriptions could be made", target_url(l),
                     s->spec.subscribers);
}

/* All users have tried to connect. Is there anything to measure? */
static int look_at_connections(Load *l, Err *err)
{
    if (stop_asked(l))
        return err_set(err, -EINTR, "stopped before anything was measured");
    uint64_t n_open = 0;
    ptrdiff_t n_tried = 0;
    int code = -ECONNREFUSED;
    const char *cause = NULL;
    for (uint32_t i = 0; i < l->n_made; i++) {
        const Worker *w = &l->workers[i];
        n_open += w->n_open;
        n_tried += w->n_tried;
        code = w->tally.connect_error ? w->tally.connect_error : code;
        cause = w->tally.connect_cause ? w->tally.connect_cause : cause;
    }
    if (n_open || n_tried == 0) /* nobody was to connect yet */
        return look_at_subscribers(l, err);
    count_refusals(l);
    if (cause)
        return err_set(err, code, "%s: none of %u connections could be made: %s", target_url(l),
                       l->wp.n_users, cause);
    return err_errno(err, code, "%s: none of %u connections could be made", target_url(l),
                     l->wp.n_users);
}

static uint64_t next_look_ns(const Load *l)
{
    return l->begun ? l->tick_ns : MIN(l->tick_ns, l->begin_ns);
}

static void look(Load *l, uint64_t now)
{
    l->over = await(&l->gate, &l->gate.n_finished, l->n_made, now);
    if (!l->begun && now >= l->begin_ns)
        collect_begin(l);
    if (now >= l->tick_ns || l->over)
        collect_tick(l);
    while (l->tick_ns <= now)
        l->tick_ns += l->wp.tick_ns;
}

/* One that is not over, and when the next of all that are not wants to be looked at. */
static Load *first_running(Load *loads, ptrdiff_t n, uint64_t *ret_until_ns)
{
    Load *first = NULL;
    *ret_until_ns = UINT64_MAX;
    for (ptrdiff_t i = n - 1; i >= 0; i--)
        if (!loads[i].over) {
            first = &loads[i];
            *ret_until_ns = MIN(*ret_until_ns, next_look_ns(first));
        }
    return first;
}

/* The end of one is seen at once when it is alone, else at the next point of any of them. */
static void watch(Load *loads, ptrdiff_t n)
{
    uint64_t until_ns;
    for (Load *l; (l = first_running(loads, n, &until_ns));) {
        await(&l->gate, &l->gate.n_finished, l->n_made, until_ns);
        for (ptrdiff_t i = 0; i < n; i++)
            if (!loads[i].over)
                look(&loads[i], clock_mono_ns());
    }
}

static void join_workers(Load *l)
{
    for (uint32_t i = 0; i < l->n_made; i++)
        worker_join(&l->workers[i]);
}

static void merge_workers(Load *l)
{
    l->win = l->workers[0].win;
    for (uint32_t i = 0; i < l->n_made; i++) {
        tally_merge(&l->total, &l->workers[i].tally);
        for (ptrdiff_t k = 0; k < l->n_stages; k++)
            tally_merge(&l->stages[k], &l->workers[i].stages[k]);
        play_tally_merge(&l->play, &l->workers[i].play);
        l->win.end_ns = MAX(l->win.end_ns, l->workers[i].win.end_ns);
    }
    for (ptrdiff_t k = 0; k < l->n_stages; k++)
        tally_merge(&l->total, &l->stages[k]);
    assert(outcomes_conserved(&l->total.outcomes));
}

/* Workers of all loads run and their users have tried to connect. */
static int get_ready(Load *loads, ptrdiff_t n, Err *err)
{
    for (ptrdiff_t i = 0; i < n; i++)
        TRY(start_workers(&loads[i], err));
    for (ptrdiff_t i = 0; i < n; i++)
        await(&loads[i].gate, &loads[i].gate.n_settled, loads[i].n_made, UINT64_MAX / 2);
    for (ptrdiff_t i = 0; i < n; i++)
        TRY(look_at_connections(&loads[i], err));
    return 0;
}

static int carry_out(Load *loads, ptrdiff_t n, Err *err)
{
    int r = get_ready(loads, n, err);
    uint64_t start_ns = clock_mono_ns() + START_DELAY_NS;
    for (ptrdiff_t i = 0; i < n; i++)
        open_gate(&loads[i], start_ns, r == 0);
    if (r == 0)
        watch(loads, n);
    for (ptrdiff_t i = 0; i < n; i++)
        join_workers(&loads[i]);
    for (ptrdiff_t i = 0; r == 0 && i < n; i++)
        if (!loads[i].begun)
            r = err_set(err, -EINTR, "stopped before anything was measured");
    return r;
}

static void tell(Load *l)
{
    merge_workers(l);
    if (l->plan->ret_stopped)
        *l->plan->ret_stopped = l->stopped;
    load_judge(l);
    load_report(l); /* hands the histograms over */
    if (l->plan->on_end)
        l->plan->on_end(l->plan->user);
}

typedef struct LoadSet {
    Load *v; /* [n] owned */
    ptrdiff_t n;
} LoadSet;

static void set_done(LoadSet *s)
{
    for (ptrdiff_t i = 0; i < s->n; i++)
        load_done(&s->v[i]);
    free(s->v);
}

int load_run_all(const LoadPlan *plans, Trial *const *trials, ptrdiff_t n, Run *run, Err *err)
{
    CLEANUP(set_done) LoadSet s = { .v = calloc((size_t)n, sizeof *s.v) };
    if (!s.v)
        return err_set(err, -ENOMEM, "%td loads", n);
    for (; s.n < n; s.n++) {
        Load *l = &s.v[s.n];
        int r = load_prepare(l, &plans[s.n], err);
        l->run = run;
        l->trial = trials[s.n];
        if (r < 0) {
            s.n++; /* what it has got so far is released, too */
            return r;
        }
    }
    TRY(carry_out(s.v, n, err));
    for (ptrdiff_t i = 0; i < n; i++)
        tell(&s.v[i]);
    return 0;
}

int load_run(const LoadPlan *plan, Run *run, Trial *t, Err *err)
{
    return load_run_all(plan, &t, 1, run, err);
}
