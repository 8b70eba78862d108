/* One trial: prepare, connect, start all workers at the same moment, collect while they run, merge,
 * report. The calling thread is the collector. */
#include "load/load.h"

#include <errno.h>
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

static void open_gate(Load *l, bool go)
{
    Gate *g = &l->gate;
    pthread_mutex_lock(&g->lock);
    g->start_ns = clock_mono_ns() + START_DELAY_NS;
    g->released = go;
    g->abandoned = !go;
    l->begin_ns = g->start_ns + l->wp.warmup_ns;
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
        return 0;
    count_refusals(l);
    if (cause)
        return err_set(err, code, "%s: none of %u connections could be made: %s", target_url(l),
                       l->wp.n_users, cause);
    return err_errno(err, code, "%s: none of %u connections could be made", target_url(l),
                     l->wp.n_users);
}

static void watch(Load *l)
{
    uint64_t tick = l->gate.start_ns + l->wp.tick_ns + COLLECT_DELAY_NS;
    for (bool over = false; !over;) {
        over = await(&l->gate, &l->gate.n_finished, l->n_made,
                     l->begun ? tick : MIN(tick, l->begin_ns));
        uint64_t now = clock_mono_ns();
        if (!l->begun && now >= l->begin_ns)
            collect_begin(l);
        if (now >= tick || over)
            collect_tick(l);
        while (tick <= now)
            tick += l->wp.tick_ns;
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

static int carry_out(Load *l, Err *err)
{
    int r = start_workers(l, err);
    if (r == 0) {
        await(&l->gate, &l->gate.n_settled, l->n_made, UINT64_MAX / 2);
        r = look_at_connections(l, err);
    }
    open_gate(l, r == 0);
    if (r == 0)
        watch(l);
    join_workers(l);
    if (r == 0 && !l->begun)
        r = err_set(err, -EINTR, "stopped before anything was measured");
    return r;
}

int load_run(const LoadPlan *plan, Run *run, Trial *t, Err *err)
{
    CLEANUP(load_done) Load l;
    TRY(load_prepare(&l, plan, err));
    l.run = run;
    l.trial = t;
    TRY(carry_out(&l, err));
    merge_workers(&l);
    if (plan->ret_stopped)
        *plan->ret_stopped = l.stopped;
    load_judge(&l);
    load_report(&l); /* hands the histograms over */
    if (plan->on_end)
        plan->on_end(plan->user);
    return 0;
}
