/* A thread with absolute deadlines around the sampler. Whoever asks (mark, finish) only leaves word
 * under the lock; all looks but the first are the thread's, so the sampler needs no lock. */
#include "probe/probe.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "probe/probe_internal.h"
#include "probe/told.h"

struct Probe {
    double rate_per_s;
    uint64_t period_ns;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;  /* word was left, or a look was made */
    bool stop;
    bool mark_wanted;
    uint64_t mark_ns;
    uint64_t n_looks; /* of the thread */
    ProbeNow now;

    Sampler sampler; /* the thread's while it runs */
};

static void wait_until(Probe *p, uint64_t at_ns)
{
    struct timespec ts = { .tv_sec = (time_t)(at_ns / NS_PER_S),
                           .tv_nsec = (long)(at_ns % NS_PER_S) };
    (void)pthread_cond_timedwait(&p->wake, &p->lock, &ts); /* too early is no harm */
}

static double per_ns(const Sample *from, const Sample *to, Fig f)
{
    return (to->v[f] - from->v[f]) / (double)(to->at_ns - from->at_ns);
}

static ProbeNow now_of(const Sampler *s)
{
    const Sample *to = &s->samples[s->n - 1], *from = to;
    ProbeNow ret = { (double)NAN, (double)NAN, to->v[FIG_TARGET_RSS], to->v[FIG_SELF_RSS],
                     (double)NAN };
    if (s->n > 1)
        from--;
    if (to->at_ns <= from->at_ns)
        return ret;
    ret.target_cpu = per_ns(from, to, FIG_TARGET_CPU);
    ret.generator_cpu = per_ns(from, to, FIG_SELF_CPU);
    ret.host_busy = per_ns(from, to, FIG_HOST_BUSY) / per_ns(from, to, FIG_HOST_TICKS);
    return ret;
}

ProbeNow probe_now(Probe *p)
{
    pthread_mutex_lock(&p->lock);
    ProbeNow ret = p->now;
    pthread_mutex_unlock(&p->lock);
    return ret;
}

typedef enum Look { LOOK_TICK, LOOK_MARK, LOOK_LAST } Look;

/* Looks without the lock. */
static void look(Probe *p, Look what)
{
    uint64_t mark_ns = p->mark_ns;
    pthread_mutex_unlock(&p->lock);
    if (what == LOOK_MARK)
        sampler_mark(&p->sampler, mark_ns);
    else
        sampler_look(&p->sampler, what == LOOK_LAST);
    ProbeNow now = now_of(&p->sampler);
    pthread_mutex_lock(&p->lock);
    p->now = now;
    p->n_looks++;
    pthread_cond_broadcast(&p->wake);
}

/* Ticks that were missed are not made up for. */
static uint64_t next_tick(const Probe *p, uint64_t tick_ns)
{
    uint64_t now = clock_mono_ns();
    tick_ns += p->period_ns;
    return tick_ns > now ? tick_ns : now + p->period_ns - (now - tick_ns) % p->period_ns;
}

static void *run(void *arg)
{
    Probe *p = arg;
    uint64_t tick = clock_mono_ns() + p->period_ns;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        uint64_t now = clock_mono_ns();
        if (p->mark_wanted && p->mark_ns <= now) {
            p->mark_wanted = false;
            look(p, LOOK_MARK);
        } else if (p->stop) {
            break;
        } else if (tick <= now) {
            look(p, LOOK_TICK);
            tick = next_tick(p, tick);
        } else {
            wait_until(p, p->mark_wanted ? MIN(tick, p->mark_ns) : tick);
        }
    }
    look(p, LOOK_LAST);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Signals are for the program's main thread. */
static int start_thread(Probe *p, Err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&p->thread, NULL, run, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r)
        return err_errno(err, -r, "start the sampling thread");
    p->running = true;
    return 0;
}

static void init_lock(Probe *p)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->wake, &attr);
    pthread_condattr_destroy(&attr);
}

int probe_start(Probe **ret, const ProbeSpec *spec, Err *err)
{
    if (!(spec->rate_per_s > 0) || spec->rate_per_s > 1000)
        return err_set(err, -EINVAL, "%g samples per second: it takes more than 0, at most 1000",
                       spec->rate_per_s);
    Probe *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, -ENOMEM, "no memory for the sampler");
    p->rate_per_s = spec->rate_per_s;
    p->period_ns = (uint64_t)(1e9 / spec->rate_per_s);
    int r = sampler_init(&p->sampler, spec->target_pid, err);
    if (r < 0) {
        free(p);
        return r;
    }
    p->now = now_of(&p->sampler);
    init_lock(p);
    r = start_thread(p, err);
    if (r < 0) {
        probe_free(p);
        return r;
    }
    *ret = p;
    return 0;
}

void probe_mark(Probe *p, uint64_t begin_mono_ns)
{
    pthread_mutex_lock(&p->lock);
    p->mark_wanted = true;
    p->mark_ns = begin_mono_ns;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

uint64_t probe_await(Probe *p, uint64_t n_more)
{
    pthread_mutex_lock(&p->lock);
    uint64_t until = p->n_looks + n_more;
    while (p->n_looks < until)
        pthread_cond_wait(&p->wake, &p->lock);
    uint64_t n = p->n_looks;
    pthread_mutex_unlock(&p->lock);
    return n;
}

static void stop(Probe *p)
{
    if (!p->running)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    p->running = false;
}

int probe_finish(Probe *p, uint64_t end_mono_ns, Run *r, Trial *t, Err *err)
{
    stop(p);
    const Sampler *s = &p->sampler;
    const Sample *end = sampler_near(s, end_mono_ns);
    int result = 0;
    if (end->at_ns <= s->begin.at_ns) {
        result = err_set(err, -ERANGE, "the measured part was too short to sample resources");
    } else {
        Totals all = totals_of(s, end, p->rate_per_s);
        told_series(s, end, r, t);
        told_metrics(s, end, &all, r, t);
        totals_judge(&all, &t->validity, &r->arena);
    }
    probe_free(p);
    return result;
}

Probe *probe_free(Probe *p)
{
    if (!p)
        return NULL;
    stop(p);
    sampler_done(&p->sampler);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
    return NULL;
}
