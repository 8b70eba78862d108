#include "drivers/freeze.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

enum { FREEZE_T_S = 2, FREEZE_F_S = 1, FREEZE_RATE = 500 };

typedef struct Freeze {
    FakeServer *server;
    pthread_t thread;
    uint64_t begin_ns, stopped_ns, continued_ns;
} Freeze;

static void sleep_until(uint64_t ns)
{
    struct timespec ts = { .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
        ;
}

static void *freeze_main(void *arg)
{
    Freeze *z = arg;
    sleep_until(z->begin_ns + NS_PER_S / 2);
    kill(z->server->pid, SIGSTOP);
    z->stopped_ns = clock_mono_ns();
    sleep_until(z->stopped_ns + FREEZE_F_S * NS_PER_S);
    z->continued_ns = clock_mono_ns(); /* before: whoever wakes may take this thread's core */
    kill(z->server->pid, SIGCONT);
    return NULL;
}

static void begin_freeze(void *user, uint64_t begin_ns)
{
    Freeze *z = user;
    z->begin_ns = begin_ns;
    if (pthread_create(&z->thread, NULL, freeze_main, z) != 0)
        abort();
}

static void prepare(TestTrial *t, Freeze *z)
{
    test_trial_set(t, "users", "0");
    test_trial_set(t, "rate", "500/s");
    test_trial_set(t, "connections", "16");
    test_trial_set(t, "timeout", "30s");
    t->plan.warmup_ns = 100 * NS_PER_MS;
    t->plan.duration_ns = FREEZE_T_S * NS_PER_S;
    t->plan.on_begin = begin_freeze;
    t->plan.user = z;
}

const char *test_freeze_law(TestTrial *t, FakeServer *f, char buf[FREEZE_TEXT_MAX])
{
    Freeze z = { .server = f };
    buf[0] = 0;
    prepare(t, &z);
    test_trial_run(t);
    if (t->result < 0) {
        snprintf(buf, FREEZE_TEXT_MAX, "%s", t->err.msg);
        return buf;
    }
    pthread_join(z.thread, NULL);
    uint64_t ok = t->trial->outcomes.ok;
    /* A process that may run again does not run at once on a busy machine: whoever waited longest
     * tells how long the server really stood still, which is no less than we held it. */
    double T = FREEZE_T_S * 1e9, F = (double)(z.continued_ns - z.stopped_ns);
    double seen = test_trial_quantile(t, "latency", 1);
    if (ok != FREEZE_RATE * FREEZE_T_S || seen < F - 2e6 - 1e9 / FREEZE_RATE) {
        snprintf(buf, FREEZE_TEXT_MAX, "%llu answered; the longest waited %g of %g ms",
                 (unsigned long long)ok, seen / 1e6, F / 1e6);
        return buf;
    }
    F = MAX(F, seen);
    double allowance = 20e6; /* to work off what had piled up */
    for (int i = 0; i < 2; i++) {
        double q = i ? 0.99 : 0.75, law = T * q - (T - F),
               got = test_trial_quantile(t, "latency", q);
        if (fabs(got - law) > MAX(0.01 * law, 2e6) + allowance)
            snprintf(buf, FREEZE_TEXT_MAX, "p%g is %g ms, by the law %g ms", q * 100, got / 1e6,
                     law / 1e6);
    }
    return buf;
}
