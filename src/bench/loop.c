/* The timed loop, and what a benchmark tells of itself. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"

static uint64_t clock_of(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

uint64_t assay_clock_ns(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

void assay_fail(AssayBench *b, const char *why)
{
    if (!b->why[0])
        snprintf(b->why, sizeof b->why, "%s", why && *why ? why : "it said so");
}

/* All threads begin together; one that failed before its loop does not hold the others up. */
static void meet(AssayCrew *crew)
{
    atomic_fetch_add(&crew->n_ready, 1);
    while (atomic_load(&crew->n_ready) < crew->n && !atomic_load(&crew->failed))
        sched_yield();
}

uint64_t assay_begin_(AssayBench *b)
{
    if (b->phase != ASSAY_BEFORE) {
        assay_fail(b, "enters a second ASSAY_LOOP");
        return 0;
    }
    if (b->crew->n > 1)
        meet(b->crew);
    if (b->crew->count_allocs && b->thread == 0)
        assay_allocs_begin();
    b->phase = ASSAY_INSIDE;
    b->cpu_begin_ns = clock_of(CLOCK_THREAD_CPUTIME_ID);
    b->begin_ns = b->mark_ns = assay_clock_ns();
    return b->samples ? 1 : b->iterations;
}

/* An iteration of its own sample, or the end of them all. */
uint64_t assay_more_(AssayBench *b)
{
    uint64_t now = assay_clock_ns();
    if (b->phase != ASSAY_INSIDE) {
        assay_fail(b,
                   b->phase == ASSAY_PAUSED ? "ends an iteration paused" : "loops after its end");
        b->phase = ASSAY_AFTER;
        return 0;
    }
    if (b->samples) {
        b->samples[b->n_samples++] = now - b->mark_ns;
        if (b->n_samples < b->iterations) {
            b->mark_ns = assay_clock_ns();
            return 1;
        }
    }
    b->end_ns = now;
    b->cpu_ns = clock_of(CLOCK_THREAD_CPUTIME_ID) - b->cpu_begin_ns;
    b->phase = ASSAY_AFTER;
    if (atomic_fetch_sub(&b->crew->n_inside, 1) == 1 && b->crew->count_allocs)
        assay_allocs_end(&b->crew->allocs);
    return 0;
}

void assay_pause(AssayBench *b)
{
    uint64_t now = assay_clock_ns();
    if (b->phase != ASSAY_INSIDE) {
        assay_fail(b, "pauses outside its loop, or twice");
        return;
    }
    b->phase = ASSAY_PAUSED;
    b->end_ns = now; /* since when it stands */
}

void assay_resume(AssayBench *b)
{
    if (b->phase != ASSAY_PAUSED) {
        assay_fail(b, "resumes without a pause");
        return;
    }
    b->phase = ASSAY_INSIDE;
    b->pauses++;
    uint64_t stood = assay_clock_ns() - b->end_ns;
    b->paused_ns += stood;
    b->mark_ns += stood; /* the sample of this iteration leaves it out as well */
}

/* ---- questions ---- */

int64_t assay_arg(const AssayBench *b)
{
    for (int i = 0; i < b->c->n_args; i++)
        if (!b->c->args[i].word)
            return b->c->args[i].value;
    return 0;
}

static const AssayArg *find_arg(AssayBench *b, const char *name)
{
    for (int i = 0; i < b->c->n_args; i++)
        if (strcmp(b->c->args[i].name, name) == 0)
            return &b->c->args[i];
    char why[ASSAY_WHY_MAX];
    snprintf(why, sizeof why, "asks for an argument '%.60s' that it does not have", name);
    assay_fail(b, why);
    return NULL;
}

int64_t assay_arg_of(AssayBench *b, const char *name)
{
    const AssayArg *a = find_arg(b, name);
    return a ? a->value : 0;
}

const char *assay_choice_of(AssayBench *b, const char *name)
{
    const AssayArg *a = find_arg(b, name);
    return a && a->word ? a->word : "";
}

void *assay_state(const AssayBench *b)
{
    return b->state;
}

int assay_thread(const AssayBench *b)
{
    return b->thread;
}

int assay_threads(const AssayBench *b)
{
    return b->c->threads;
}

uint64_t assay_iterations(const AssayBench *b)
{
    return b->iterations;
}

/* ---- answers ---- */

void assay_bytes(AssayBench *b, uint64_t per_iteration)
{
    b->bytes = per_iteration;
}

void assay_items(AssayBench *b, uint64_t per_iteration)
{
    b->items = per_iteration;
}

void assay_counter(AssayBench *b, const char *name, double value, AssayCounter how)
{
    int i = 0;
    while (i < b->n_figures && strcmp(b->figures[i].name, name) != 0)
        i++;
    if (i == ASSAY_COUNTERS_MAX || !*name || strlen(name) >= sizeof b->figures[0].name) {
        assay_fail(b, "has too many counters, or one without a name of 1 to 31 bytes");
        return;
    }
    AssayFigure *f = &b->figures[i];
    b->n_figures += i == b->n_figures;
    snprintf(f->name, sizeof f->name, "%s", name);
    f->value = value;
    f->how = how;
}
