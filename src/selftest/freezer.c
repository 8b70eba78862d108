#include "selftest/freezer.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"

struct Freezer {
    pthread_t thread;
    sem_t told;
    int pid;
    uint64_t at_ns, for_ns;
    uint64_t begin_ns; /* 0: it never began. Written before `told` is posted */
    uint64_t frozen_ns;
};

static void sleep_until(uint64_t ns)
{
    struct timespec ts = { .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR) {
    }
}

static void *freeze(void *arg)
{
    Freezer *f = arg;
    while (sem_wait(&f->told) < 0 && errno == EINTR) {
    }
    if (!f->begin_ns)
        return NULL;
    sleep_until(f->begin_ns + f->at_ns);
    uint64_t from = clock_mono_ns();
    if (kill(f->pid, SIGSTOP) < 0)
        return NULL;
    sleep_until(from + f->for_ns);
    kill(f->pid, SIGCONT);
    f->frozen_ns = clock_mono_ns() - from;
    return NULL;
}

int freezer_start(Freezer **ret, int pid, uint64_t at_ns, uint64_t for_ns, Err *err)
{
    Freezer *f = calloc(1, sizeof *f);
    if (!f)
        return err_set(err, -ENOMEM, "freezer");
    *f = (Freezer){ .pid = pid, .at_ns = at_ns, .for_ns = for_ns };
    sem_init(&f->told, 0, 0);
    int r = -pthread_create(&f->thread, NULL, freeze, f);
    if (r < 0) {
        sem_destroy(&f->told);
        free(f);
        return err_errno(err, r, "start the freezer's thread");
    }
    *ret = f;
    return 0;
}

void freezer_begin(Freezer *f, uint64_t begin_ns)
{
    f->begin_ns = begin_ns;
    sem_post(&f->told);
}

uint64_t freezer_finish(Freezer *f)
{
    if (!f)
        return 0;
    sem_post(&f->told); /* one too many when it began: nobody waits for it any more */
    pthread_join(f->thread, NULL);
    uint64_t frozen = f->frozen_ns;
    sem_destroy(&f->told);
    free(f);
    return frozen;
}
