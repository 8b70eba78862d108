/* One epoch: a benchmark's function, once on each of its threads. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"

static void *run_thread(void *arg)
{
    AssayBench *b = arg;
    b->c->function(b);
    if (b->phase == ASSAY_BEFORE)
        assay_fail(b, "never enters ASSAY_LOOP");
    else if (b->phase != ASSAY_AFTER)
        assay_fail(b, "leaves its loop early");
    if (b->why[0])
        atomic_store(&b->crew->failed, true);
    return NULL;
}

static void start_threads(AssayBench *crew, int n)
{
    pthread_t threads[ASSAY_THREADS_MAX];
    int started = 1;
    for (; started < n; started++)
        if (pthread_create(&threads[started], NULL, run_thread, &crew[started]) != 0)
            break;
    if (started < n) {
        assay_fail(&crew[0], "can't start so many threads");
        atomic_store(&crew[0].crew->failed, true);
    }
    run_thread(&crew[0]);
    for (int i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
}

/* ---- the threads' figures together ---- */

static void add_figures(AssayEpoch *e, const AssayBench *b)
{
    for (int i = 0; i < b->n_figures; i++) {
        int k = 0;
        while (k < e->n_figures && strcmp(e->figures[k].name, b->figures[i].name) != 0)
            k++;
        if (k == ASSAY_COUNTERS_MAX)
            return;
        if (k == e->n_figures) {
            e->figures[e->n_figures++] = b->figures[i];
            e->figures[k].value = 0;
        }
        e->figures[k].value += b->figures[i].value;
    }
}

static void scale_figures(AssayEpoch *e, int threads)
{
    for (int i = 0; i < e->n_figures; i++) {
        AssayFigure *f = &e->figures[i];
        double by = f->how == ASSAY_PER_ITERATION ? (double)e->iterations * threads
                    : f->how == ASSAY_PER_SECOND  ? (double)e->elapsed_ns / 1e9
                                                  : threads;
        f->value = by > 0 ? f->value / by : 0;
    }
}

static void collect(const AssayBench *crew, int n, AssayEpoch *ret)
{
    uint64_t begin = UINT64_MAX, end = 0;
    for (int i = 0; i < n; i++) {
        const AssayBench *b = &crew[i];
        if (b->why[0] && !ret->why[0])
            snprintf(ret->why, sizeof ret->why, "%s", b->why);
        begin = b->begin_ns < begin ? b->begin_ns : begin;
        end = b->end_ns > end ? b->end_ns : end;
        ret->time_ns +=
            (double)(b->end_ns - b->begin_ns - b->paused_ns) / (double)ret->iterations / n;
        ret->cpu_ns += b->cpu_ns;
        ret->n_samples += b->n_samples;
        add_figures(ret, b);
    }
    if (ret->why[0])
        return;
    ret->elapsed_ns = end - begin;
    ret->pauses = crew[0].pauses;
    ret->bytes = crew[0].bytes;
    ret->items = crew[0].items;
    scale_figures(ret, n);
}

/* Samples count the whole of an iteration and two looks at the clock; the epoch's time would add
 * the rest of the bookkeeping, so it is their mean. */
static void time_of_samples(AssayEpoch *e)
{
    double sum = 0;
    for (uint64_t i = 0; i < e->n_samples; i++)
        sum += (double)e->samples[i];
    e->time_ns = e->n_samples ? sum / (double)e->n_samples : 0;
}

void assay_epoch(const AssayCase *c, uint64_t iterations, uint64_t *samples, AssayEpoch *ret)
{
    AssayCrew meeting = { .n = c->threads,
                          .n_inside = c->threads,
                          .count_allocs = assay_allocs_present() };
    static AssayBench crew[ASSAY_THREADS_MAX]; /* one epoch at a time; too large for a stack */
    *ret = (AssayEpoch){ .iterations = iterations, .samples = samples };
    for (int i = 0; i < c->threads; i++)
        crew[i] = (AssayBench){ .c = c,
                                .crew = &meeting,
                                .thread = i,
                                .iterations = iterations,
                                .samples = samples ? samples + iterations * (uint64_t)i : NULL };
    void *state = c->set_up ? c->set_up(&crew[0]) : NULL;
    for (int i = 0; i < c->threads; i++)
        crew[i].state = state;
    start_threads(crew, c->threads);
    ret->counts_allocs = meeting.count_allocs;
    ret->allocs = meeting.allocs;
    if (c->tear_down)
        c->tear_down(state);
    collect(crew, c->threads, ret);
    if (samples && !ret->why[0])
        time_of_samples(ret);
}
