/* Before the trial: is the load possible here, and what do the options compile to. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "load/load_internal.h"

enum {
    USERS_DEFAULT = 10,
    CONNECTIONS_DEFAULT = 64,
    SPARE_DESCRIPTORS = 32, /* store, logs, epoll, /proc files of the probe */
};

static uint32_t count_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 1;
    return (uint32_t)MAX(CPU_COUNT(&set), 1);
}

static void choose_numbers(Load *l)
{
    const LoadSpec *s = &l->spec;
    uint32_t connections = s->connections ? s->connections : CONNECTIONS_DEFAULT;
    l->wp.n_idle = s->idle;
    l->wp.n_mates = (uint32_t)scenarios_width(&s->scenarios) - 1;
    l->wp.n_users = l->window.any_closed ? schedule_most_users(&l->window) : 0;
    if (l->window.any_open)
        l->wp.n_users = MAX(l->wp.n_users, connections);
    uint32_t cores = count_cores();
    l->wp.n_workers = s->workers ? s->workers : MAX(cores, 2u) - 1;
    l->wp.n_workers = MIN(l->wp.n_workers, l->wp.n_users);
}

/* Publishers are the users of a closed load and the connections of an open one. */
static void settle_stream(LoadSpec *s)
{
    if (!s->stream)
        return;
    s->connections = s->stream->publishers;
    s->users = s->rate > 0 || s->stages.n ? 0 : s->stream->publishers;
}

/* So many messages take their time where they are due at a rate. */
static uint64_t length_ns(const Load *l)
{
    const StreamSpec *stream = l->spec.stream;
    uint64_t ns = l->plan->duration_ns;
    if (!stream || !stream->messages || !(l->spec.rate > 0))
        return ns;
    double all = (double)stream->messages / l->spec.rate * 1e9;
    return all < (double)ns ? MAX((uint64_t)all, (uint64_t)1) : ns;
}

/* One stage, where no others are given: users or a rate, for the plan's duration. */
static int make_window(Load *l, Err *err)
{
    const LoadSpec *s = &l->spec;
    if (s->replay)
        return replay_make_window(l, err);
    uint32_t users = s->users ? s->users : s->connections ? s->connections : USERS_DEFAULT;
    Stage one = { .name = "all",
                  .open = s->rate > 0,
                  .from = s->rate > 0 ? s->rate : users,
                  .to = s->rate > 0 ? s->rate : users,
                  .over_ns = length_ns(l) };
    StageList list = s->stages.n ? s->stages : (StageList){ .v = &one, .n = 1 };
    return schedule_init(&l->window, &list, err);
}

/* Warm-up holds what the first stage begins with, evenly. */
static int make_warmup(Load *l, Err *err)
{
    double rate = schedule_rate_at(&l->window, 0);
    if (l->window.dues) /* nothing was recorded before */
        return 0;
    if (l->plan->warmup_ns == 0 || !(rate > 0))
        return 0;
    return schedule_init_rate(&l->warmup, rate, l->plan->warmup_ns, err);
}

/* A tenth of the load, as far as that is between half a second and ten. */
static uint64_t stop_window_ns(const Load *l)
{
    uint64_t tenth = l->window.length_ns / 10;
    return l->spec.stop_window ? l->spec.stop_window : MIN(MAX(tenth, NS_PER_S / 2), 10 * NS_PER_S);
}

static int make_schedules(Load *l, Err *err)
{
    TRY(think_parse(l->spec.think, &l->think, err));
    TRY(make_window(l, err));
    TRY(make_warmup(l, err));
    TRY(stop_init(&l->stop, &l->arena, l->spec.stop, stop_window_ns(l), err));
    l->wp.window = &l->window;
    l->wp.warmup = l->warmup.n ? &l->warmup : NULL;
    l->wp.think = &l->think;
    l->wp.seed = l->plan->seed;
    return 0;
}

/* Series are bounded: at most SERIES_POINTS, 100 ms apart where the trial is short enough. */
static void choose_times(Load *l)
{
    const LoadPlan *p = l->plan;
    uint64_t total = p->warmup_ns + l->window.length_ns;
    uint64_t tenths = total / (TICK_NS * SERIES_POINTS) + 1;
    l->wp.warmup_ns = p->warmup_ns;
    l->wp.duration_ns = l->window.length_ns;
    l->wp.tick_ns = TICK_NS * tenths;
    l->wp.grace_ns = MIN(l->spec.timeout, GRACE_MAX_NS);
}

static int check_plan(const Load *l, Err *err)
{
    const LoadSpec *s = &l->spec;
    const Driver *d = l->plan->driver;
    assert(d->abi == DRIVER_ABI);
    assert(d->open && d->call && d->close);
    if (s->rate > 0 && s->users)
        return err_set(err, -EINVAL,
                       "users (closed load) and rate (open load) exclude each other; an open load "
                       "takes connections");
    if (s->rate > 0 && s->think)
        return err_set(err, -EINVAL, "think belongs to a closed load; leave it out or give users");
    if (s->stages.n && (s->rate > 0 || s->users))
        return err_set(err, -EINVAL, "stages say users and rates themselves; leave these out");
    if (l->plan->duration_ns == 0 && !s->stages.n && !s->replay)
        return err_set(err, -EINVAL, "a load needs a duration above 0");
    if (s->timeout == 0)
        return err_set(err, -EINVAL, "a load needs a timeout above 0");
    if (s->idle && !d->hold)
        return err_set(err, -EINVAL, "idle: driver %s can't hold connections without operations",
                       d->name);
    if (s->replay && !d->prepare_replay)
        return err_set(err, -EINVAL, "replay: driver %s can't send recorded requests", d->name);
    if (s->stream && !d->stream)
        return err_set(err, -EINVAL, "driver %s has no streams: nothing to subscribe to", d->name);
    if (s->stream && s->scenarios.n)
        return err_set(err, -EINVAL, "scenarios make requests; a stream has none");
    if (d->caps & DRIVER_BLOCKS)
        return err_set(err, -ENOTSUP, "driver %s blocks; this build runs no such drivers", d->name);
    return 0;
}

/* Descriptors cost nothing until used: take all we may have. */
static int raise_descriptors(const Load *l, Err *err)
{
    struct rlimit lim;
    uint32_t n = l->wp.n_users * (1 + l->wp.n_mates) + l->wp.n_idle +
                 (l->spec.stream ? l->spec.stream->subscribers : 0);
    if (l->plan->driver->caps & DRIVER_NO_SOCKET || getrlimit(RLIMIT_NOFILE, &lim) < 0)
        return 0;
    if (lim.rlim_cur < lim.rlim_max) {
        struct rlimit most = { lim.rlim_max, lim.rlim_max };
        if (setrlimit(RLIMIT_NOFILE, &most) == 0)
            lim = most;
    }
    if (lim.rlim_cur >= (rlim_t)n + SPARE_DESCRIPTORS)
        return 0;
    return err_set(err, -EMFILE,
                   "%u connections need %u descriptors, and the limit is %llu; raise it (ulimit "
                   "-Hn, LimitNOFILE=) or use fewer connections",
                   n, n + SPARE_DESCRIPTORS, (unsigned long long)lim.rlim_cur);
}

static int prepare_stream(Load *l, Err *err)
{
    const StreamSpec *s = l->spec.stream;
    const DriverStream *d = l->plan->driver->stream;
    TRY(stream_new(&l->stream, s, l->wp.n_users, l->wp.n_workers, err));
    StreamSetup setup =
        stream_setup(l->stream, l->wp.warmup_ns + l->wp.duration_ns + l->wp.grace_ns);
    l->stream_state = calloc(1, (size_t)MAX(d->state_bytes, (ptrdiff_t)1));
    if (!l->stream_state)
        return err_set(err, -ENOMEM, "state of driver %s", l->plan->driver->name);
    TRY(d->prepare(l->target, s->driver_opts, &setup, l->stream_state, err));
    l->stream_ready = true;
    l->stream->driver = d;
    l->stream->state = l->stream_state;
    l->wp.stream = l->stream;
    return 0;
}

static int prepare_driver(Load *l, Err *err)
{
    const Driver *d = l->plan->driver;
    l->target = calloc(1, (size_t)MAX(d->target_bytes, (ptrdiff_t)1));
    l->request = calloc(1, (size_t)MAX(d->request_bytes, (ptrdiff_t)1));
    if (!l->target || !l->request)
        return err_set(err, -ENOMEM, "state of driver %s", d->name);
    if (d->prepare_target)
        TRY(d->prepare_target(l->plan->target_opts, l->target, err));
    l->target_ready = true;
    l->wp.target = l->target;
    if (l->plan->on_target)
        TRY(l->plan->on_target(l->plan->user, d->target_pid ? d->target_pid(l->target) : 0, err));
    if (l->spec.stream)
        return prepare_stream(l, err);
    if (l->spec.scenarios.n) {
        TRY(scenarios_prepare(&l->arena, &l->spec.scenarios, d, l->target, &l->scenarios, err));
        l->wp.scenarios = &l->scenarios;
        return play_tally_init(&l->play, &l->scenarios, err);
    }
    if (l->window.dues)
        TRY(replay_prepare(l, err));
    else if (d->prepare_request)
        TRY(d->prepare_request(l->target, l->plan->request_opts, l->request, err));
    l->request_ready = true;
    l->wp.request = l->request;
    return 0;
}

static int make_workers(Load *l, Err *err)
{
    l->workers = calloc(l->wp.n_workers, sizeof *l->workers);
    if (!l->workers)
        return err_set(err, -ENOMEM, "%u workers", l->wp.n_workers);
    for (uint32_t i = 0; i < l->wp.n_workers; i++) {
        TRY(worker_init(&l->workers[i], &l->wp, i, err));
        l->n_made++;
    }
    TRY(tally_init(&l->total, err));
    l->stages = calloc((size_t)l->window.n, sizeof *l->stages);
    if (!l->stages)
        return err_set(err, -ENOMEM, "%td stages", l->window.n);
    for (; l->n_stages < l->window.n; l->n_stages++)
        TRY(tally_init(&l->stages[l->n_stages], err));
    TRY(figures_init(&l->total.figures, l->plan->driver->metrics, err));
    return hist_new(&l->now, err);
}

static void gate_init(Gate *g)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&g->cond, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&g->lock, NULL);
}

int load_prepare(Load *l, const LoadPlan *plan, Err *err)
{
    *l = (Load){ .plan = plan, .spec = *plan->spec };
    gate_init(&l->gate);
    settle_stream(&l->spec);
    l->wp.spec = &l->spec;
    l->wp.driver = plan->driver;
    l->wp.stop = plan->stop;
    l->wp.halt = &l->halt;
    l->wp.gate = &l->gate;
    TRY(check_plan(l, err));
    TRY(make_schedules(l, err));
    choose_numbers(l);
    choose_times(l);
    TRY(raise_descriptors(l, err));
    TRY(prepare_driver(l, err));
    return make_workers(l, err);
}

void load_done(Load *l)
{
    const Driver *d = l->plan->driver;
    for (uint32_t i = 0; i < l->n_made; i++)
        worker_done(&l->workers[i]);
    free(l->workers);
    tally_done(&l->total);
    for (ptrdiff_t i = 0; i < l->n_stages; i++)
        tally_done(&l->stages[i]);
    free(l->stages);
    stop_done(&l->stop);
    schedule_done(&l->warmup);
    schedule_done(&l->window);
    l->now = hist_free(l->now);
    play_tally_done(&l->play);
    scenarios_release(&l->scenarios, d);
    if (l->stream_ready && d->stream->release)
        d->stream->release(l->stream_state);
    free(l->stream_state);
    stream_free(l->stream);
    if (l->request_ready && d->release_request)
        d->release_request(l->request);
    if (l->target_ready && d->release_target)
        d->release_target(l->target);
    free(l->request);
    free(l->target);
    free(l->dues);
    recording_done(&l->recording);
    arena_done(&l->arena);
    pthread_cond_destroy(&l->gate.cond);
    pthread_mutex_destroy(&l->gate.lock);
}
