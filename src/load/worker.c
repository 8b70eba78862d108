#include "load/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/schedstat.h"

enum {
    RAMP_NS = 100 * 1000,       /* between two users' first connects: no burst of SYNs */
    LOOK_NS = 50 * 1000 * 1000, /* longest time without a look at the stop flag */
};

/* ---- memory ---- */

static int make_users(Worker *w, Err *err)
{
    const WorkerPlan *p = w->plan;
    ptrdiff_t conn_bytes = (p->driver->conn_bytes + 63) & ~(ptrdiff_t)63;
    w->n_active = (ptrdiff_t)schedule_share(p->n_users, w->index, p->n_workers);
    w->n_idle = (ptrdiff_t)schedule_share(p->n_idle, w->index, p->n_workers);
    StreamSub *subs = NULL;
    ptrdiff_t n_quiet = w->n_active + w->n_idle;
    ptrdiff_t n_subs = stream_subs_of(p->stream, w->index, &subs);
    w->n_users = n_quiet + n_subs + w->n_active * p->n_mates;
    w->share = p->stream ? &p->stream->shares[w->index] : NULL;
    w->users = calloc((size_t)w->n_users, sizeof *w->users);
    w->conns = calloc((size_t)w->n_users, (size_t)MAX(conn_bytes, (ptrdiff_t)64));
    w->shared = calloc(1, (size_t)MAX(p->driver->shared_bytes, (ptrdiff_t)1));
    if (!w->users || !w->conns || !w->shared)
        return err_set(err, -ENOMEM, "%td virtual users", w->n_users);
    TRY(reactor_init(&w->loop, w->n_users, p->spec->timeout, p->spec->spin, err));
    w->loop.shared = w->shared;
    for (ptrdiff_t i = 0; i < w->n_users; i++) {
        Vu *v = &w->users[i];
        v->worker = w;
        v->index = (uint32_t)i * p->n_workers + w->index;
        v->conn = w->conns + i * conn_bytes;
        v->io.loop = &w->loop;
        v->io.draw = &v->draw;
        v->io.inbox = i >= n_quiet && i < n_quiet + n_subs ? &subs[i - n_quiet] : NULL;
        v->draw = (Draw){ .rng = rng_new(p->seed, "request", v->index),
                          .user = v->index,
                          .n_users = p->n_users };
    }
    return 0;
}

static void give_mates(Worker *w)
{
    uint32_t n = w->plan->n_mates;
    for (ptrdiff_t i = 0; i < w->n_active; i++) {
        Vu *v = &w->users[i];
        v->mates = w->users + w->n_users - (w->n_active - i) * n;
        for (Vu *mate = v->mates; mate < v->mates + n; mate++) {
            mate->owner = v;
            mate->index = v->index;
            mate->io.draw = &v->draw;
            mate->io.session = v->io.session;
        }
    }
}

static int make_scripts(Worker *w, Err *err)
{
    const Scenarios *s = w->plan->scenarios;
    w->scripts = calloc((size_t)s->n, sizeof *w->scripts);
    if (!w->scripts)
        return err_set(err, -ENOMEM, "%td scenarios", s->n);
    for (ptrdiff_t i = 0; i < s->n; i++)
        if (s->v[i].script)
            TRY(script_state_new(s->v[i].script, &w->scripts[i], err));
    return 0;
}

/* What a user of scenarios has of its own. */
static int make_passes(Worker *w, Err *err)
{
    const WorkerPlan *p = w->plan;
    if (!p->scenarios)
        return 0;
    size_t users = (size_t)MAX(w->n_active, (ptrdiff_t)1);
    ptrdiff_t n_vars = p->scenarios->vars->n,
              bytes = (p->driver->session_bytes + 15) & ~(ptrdiff_t)15;
    w->passes = calloc(users, sizeof *w->passes);
    w->sessions = calloc(users, (size_t)MAX(bytes, (ptrdiff_t)1));
    w->vars = calloc(users, (size_t)MAX(n_vars, (ptrdiff_t)1) * sizeof *w->vars);
    if (!w->passes || !w->sessions || !w->vars)
        return err_set(err, -ENOMEM, "scenarios of %td users", w->n_active);
    for (ptrdiff_t i = 0; i < w->n_active; i++) {
        Vu *v = &w->users[i];
        v->pass = &w->passes[i];
        v->pass->rng = rng_new(p->seed, "scenario", v->index);
        v->draw.vars = w->vars + i * n_vars;
        v->io.session = w->sessions + i * bytes;
    }
    give_mates(w);
    TRY(make_scripts(w, err));
    return play_tally_init(&w->play, p->scenarios, err);
}

static void free_passes(Worker *w)
{
    const WorkerPlan *p = w->plan;
    for (ptrdiff_t i = 0; w->users && w->passes && i < w->n_active; i++) {
        Vu *v = &w->users[i];
        if (v->draw.vars)
            draw_forget(&v->draw, p->scenarios->vars->n, true);
        if (v->io.session && p->driver->clear_session)
            p->driver->clear_session(v->io.session);
    }
    play_tally_done(&w->play);
    for (ptrdiff_t i = 0; w->scripts && i < p->scenarios->n; i++)
        script_state_free(w->scripts[i]);
    free(w->scripts);
    free(w->passes);
    free(w->sessions);
    free(w->vars);
}

static int make_all(Worker *w, Err *err)
{
    TRY(make_users(w, err));
    TRY(make_passes(w, err));
    TRY(tally_init(&w->tally, err));
    TRY(figures_init(&w->tally.figures, w->plan->driver->metrics, err));
    w->stages = calloc((size_t)w->plan->window->n, sizeof *w->stages);
    if (!w->stages)
        return err_set(err, -ENOMEM, "%td stages", w->plan->window->n);
    for (; w->n_stages < w->plan->window->n; w->n_stages++)
        TRY(tally_init(&w->stages[w->n_stages], err));
    w->think_rng = rng_new(w->plan->seed, "think", w->index);
    TRY(interval_init(&w->interval[0], err));
    TRY(interval_init(&w->interval[1], err));
    for (ptrdiff_t i = 0; i < w->n_users; i++)
        TRY(coro_new(&w->stacks, user_main, &w->users[i], &w->users[i].io.coro, err));
    return 0;
}

int worker_init(Worker *w, const WorkerPlan *plan, uint32_t index, Err *err)
{
    *w = (Worker){ .plan = plan, .index = index, .loop.epfd = -1, .next_due_ns = UINT64_MAX };
    w->win = (Window){ UINT64_MAX, UINT64_MAX };
    int r = make_all(w, err);
    if (r < 0)
        worker_done(w);
    return r;
}

void worker_done(Worker *w)
{
    assert(w->n_gone == w->n_born);
    for (ptrdiff_t i = 0; w->users && i < w->n_users; i++)
        coro_free(&w->stacks, w->users[i].io.coro);
    coro_pool_done(&w->stacks);
    interval_done(&w->interval[0]);
    interval_done(&w->interval[1]);
    tally_done(&w->tally);
    for (ptrdiff_t i = 0; i < w->n_stages; i++)
        tally_done(&w->stages[i]);
    free(w->stages);
    reactor_done(&w->loop);
    if (w->shared && w->plan->driver->release_shared)
        w->plan->driver->release_shared(w->shared);
    free(w->shared);
    free_passes(w);
    free(w->conns);
    free(w->users);
    *w = (Worker){ .loop.epfd = -1 };
}

/* ---- phases ---- */

static bool stop_asked(const Worker *w)
{
    return (w->plan->stop && __atomic_load_n(w->plan->stop, __ATOMIC_RELAXED)) ||
           __atomic_load_n(w->plan->halt, __ATOMIC_RELAXED);
}

static void cancel_users(Worker *w)
{
    w->over = true;
    for (ptrdiff_t i = 0; i < w->n_born; i++) {
        Vu *v = &w->users[i];
        if (v->state != VU_GONE)
            vu_cancel(&v->io);
    }
    for (Vu *v = idle_pop(w); v; v = idle_pop(w))
        reactor_resume(&v->io);
    assert(w->n_gone == w->n_born);
    assert(w->in_flight == 0);
}

static void bear_user(Worker *w)
{
    coro_resume(w->users[w->n_born++].io.coro);
}

static void connect_users(Worker *w)
{
    Reactor *l = &w->loop;
    uint64_t ramp_ns = (uint64_t)RAMP_NS * w->plan->n_workers;
    uint64_t next = clock_mono_ns() + (uint64_t)RAMP_NS * w->index;
    ptrdiff_t n_mates = w->n_active * w->plan->n_mates; /* who connect when they are needed */
    ptrdiff_t n_connecting = w->n_users - n_mates;
    while (w->n_settled < w->n_users && !stop_asked(w)) {
        for (; w->n_born < n_connecting && next <= l->now_ns; next += ramp_ns)
            bear_user(w);
        while (w->n_born >= n_connecting && w->n_born < w->n_users)
            bear_user(w);
        uint64_t look = l->now_ns + LOOK_NS;
        reactor_wait(l, w->n_born < w->n_users ? MIN(next, look) : look, false);
        while (reactor_next(l))
            ;
    }
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* 0 where the kernel does not tell. */
static uint64_t thread_run_queue_ns(void)
{
    SchedStat s = { 0 };
    return schedstat_read(SCHEDSTAT_OWN_THREAD, &s) == 0 ? s.wait_ns : 0;
}

/* CPU time, and time without a core, over the window: from the first look at or after its begin to
 * the first at or after its end. */
static void watch_cpu(Worker *w, uint64_t now)
{
    if (!w->cpu_begun && now >= w->win.begin_ns) {
        w->cpu_begun = true;
        w->run_queue_at_begin_ns = thread_run_queue_ns();
        w->cpu_at_begin_ns = thread_cpu_ns();
        w->polled_at_begin_ns = w->loop.polled_ns;
        w->tally.cpu_wall_ns = now;
    }
    if (w->cpu_begun && !w->cpu_ended && now >= w->win.end_ns) {
        w->cpu_ended = true;
        uint64_t used = thread_cpu_ns() - w->cpu_at_begin_ns;
        uint64_t polled = w->loop.polled_ns - w->polled_at_begin_ns;
        w->tally.cpu_ns = used - MIN(used, polled);
        w->tally.cpu_wall_ns = now - w->tally.cpu_wall_ns;
        w->tally.run_queue_ns = thread_run_queue_ns() - w->run_queue_at_begin_ns;
    }
}

static void publish_interval(Worker *w, uint64_t now)
{
    Interval *mine = &w->interval[w->current], *other = &w->interval[!w->current];
    while (w->next_tick_ns <= now + w->plan->tick_ns / 2) /* late: no sliver before the next */
        w->next_tick_ns += w->plan->tick_ns;
    if (atomic_load_explicit(&other->full, memory_order_acquire))
        return; /* the collector is late: this interval gets longer */
    mine->end_ns = other->begin_ns = now;
    mine->in_flight = w->in_flight;
    atomic_store_explicit(&mine->full, true, memory_order_release);
    w->current = !w->current;
}

/* Users stand idle through stages that do not ask for them: in a closed one each looks again
 * whether it is wanted. Those that are not go back to the list's end. */
static void wake_idle(Worker *w)
{
    ptrdiff_t n = 0;
    for (const Vu *v = w->idle_head; v; v = v->next_idle)
        n++;
    for (; n > 0 && w->idle_head; n--)
        reactor_resume(&idle_pop(w)->io);
}

static void enter_slot(Worker *w, uint64_t now)
{
    const Schedule *s = w->plan->window;
    w->slot = now < w->win.begin_ns ? 0 : schedule_slot_at(s, now - w->win.begin_ns);
    bool last = w->slot == s->n - 1;
    w->slot_end_ns = last ? UINT64_MAX : w->win.begin_ns + (uint64_t)s->slots[w->slot].end_ns;
    if (worker_is_closed(w))
        wake_idle(w);
}

static void look_around(Worker *w)
{
    uint64_t now = w->loop.now_ns;
    if (now >= w->slot_end_ns)
        enter_slot(w, now);
    if (!w->stopped && stop_asked(w)) {
        w->stopped = true;
        w->win.end_ns = MIN(w->win.end_ns, MAX(now + 1, w->win.begin_ns));
    }
    watch_cpu(w, now);
    if (now >= w->next_tick_ns)
        publish_interval(w, now);
}

static bool finished(Worker *w)
{
    uint64_t now = w->loop.now_ns;
    if (w->share)
        return stream_finished(w);
    if (w->stopped)
        return true;
    if (now < w->win.end_ns)
        return false;
    bool nothing_left = w->next_due_ns >= w->win.end_ns && w->in_flight == 0;
    return nothing_left || now >= w->win.end_ns + w->plan->grace_ns;
}

static void turn(Worker *w)
{
    Reactor *l = &w->loop;
    uint64_t until = MIN(MIN(w->next_tick_ns, w->slot_end_ns), l->now_ns + LOOK_NS);
    if (l->now_ns < w->win.end_ns)
        until = MIN(until, w->win.end_ns);
    bool wanted = w->idle_head || w->plan->spec->overload == OVERLOAD_DROP;
    bool due_first = w->next_due_ns < until && wanted;
    reactor_wait(l, due_first ? w->next_due_ns : until, due_first);
    dispatch_due(w);
    while (reactor_next(l))
        if (w->next_due_ns <= l->now_ns)
            dispatch_due(w);
}

static void run_window(Worker *w, uint64_t start_ns)
{
    w->win.begin_ns = start_ns + w->plan->warmup_ns;
    w->win.end_ns = w->win.begin_ns + w->plan->duration_ns;
    w->next_tick_ns = start_ns + w->plan->tick_ns;
    w->interval[0].begin_ns = start_ns;
    w->running = true;
    w->loop.now_ns = clock_mono_ns();
    if (w->plan->window->any_open)
        dispatch_begin(w);
    enter_slot(w, start_ns);
    while (!finished(w)) {
        look_around(w);
        turn(w);
    }
    w->loop.now_ns = MAX(clock_mono_ns(), w->win.end_ns);
    look_around(w);
}

static void settle_accounts(Worker *w)
{
    uint64_t now = clock_mono_ns();
    if (w->plan->window->any_open)
        dispatch_drop_rest(w, now);
    cancel_users(w);
    for (ptrdiff_t i = 0; i < w->n_stages; i++)
        assert(outcomes_conserved(&w->stages[i].outcomes));
    Interval *last = &w->interval[w->current];
    last->end_ns = now;
    last->in_flight = 0;
}

/* ---- thread ---- */

/* Tell that all users are settled, and wait for the start. False: there will be none. */
static bool pass_gate(Gate *g, uint64_t *ret_start_ns)
{
    pthread_mutex_lock(&g->lock);
    g->n_settled++;
    pthread_cond_broadcast(&g->cond);
    while (!g->released && !g->abandoned)
        pthread_cond_wait(&g->cond, &g->lock);
    bool go = g->released;
    *ret_start_ns = g->start_ns;
    pthread_mutex_unlock(&g->lock);
    return go;
}

static void *worker_main(void *arg)
{
    Worker *w = arg;
    Gate *g = w->plan->gate;
    prctl(PR_SET_TIMERSLACK, 1); /* best effort: 50 µs is the default */
    connect_users(w);
    uint64_t start_ns = 0;
    if (pass_gate(g, &start_ns)) {
        run_window(w, start_ns);
        settle_accounts(w);
    } else {
        cancel_users(w);
    }
    pthread_mutex_lock(&g->lock);
    g->n_finished++;
    pthread_cond_broadcast(&g->cond);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

int worker_start(Worker *w, Err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* handlers would run on a user's small stack */
    int r = pthread_create(&w->thread, NULL, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r)
        return err_errno(err, -r, "thread of worker %u", w->index);
    w->started = true;
    return 0;
}

void worker_join(Worker *w)
{
    if (w->started)
        pthread_join(w->thread, NULL);
    w->started = false;
}
