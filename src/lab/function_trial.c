/* Trials of functions: one epoch each. Programs are started anew every few rounds, because what
 * varies between processes (layout, addresses) is not seen within one; what a fresh process does
 * first is run once and thrown away. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "lab/lab_internal.h"

enum { ROUNDS_PER_PROCESS = 8, COUNT_MOST = 1000 };
#define JITTER                                                                                     \
    0.2 /* an epoch is up to this much longer than the least: no beat with the machine             \
         */

static const char by_clock[] = "monotonic clock around the loop, per iteration";
static const char by_thread_clock[] = "thread CPU clocks, per iteration";
static const char by_count[] = "malloc interposed, in a process of its own";
static const char told[] = "told by the benchmark";

/* ---- programs ---- */

static int open_program(Lab *lab, LabProgram *p, bool count, FunctionProgram **ret, Err *err)
{
    FunctionJob job = p->job;
    job.count_allocs = count;
    job.stop = lab->stop;
    return function_open(ret, &job, err);
}

/* A process of this generation, warm for this case. */
static int ready_program(Lab *lab, LabFunction *f, uint32_t round, Err *err)
{
    LabProgram *p = f->program;
    uint32_t generation = round / ROUNDS_PER_PROCESS + 1;
    if (p->handle && p->generation != generation)
        p->handle = function_close(p->handle);
    if (!p->handle) {
        TRY(open_program(lab, p, false, &p->handle, err));
        p->generation = generation;
        p->births++;
    }
    LabFunction *owner = f->like ? f->like : f;
    if (!owner->iterations)
        TRY(function_calibrate(p->handle, f->index, f->epoch_ns, &owner->iterations, err));
    if (f->warm_in == p->births)
        return 0;
    FunctionResult discarded;
    TRY(function_epoch(p->handle, f->index, owner->iterations, false, &discarded, err));
    f->warm_in = p->births;
    return 0;
}

/* Once per case: how much it allocates does not depend on the time of day. */
static void count_allocs(Lab *lab, LabFunction *f, uint64_t iterations)
{
    LabProgram *p = f->program;
    Err err = { 0 };
    FunctionResult r;
    if (f->counted || p->uncountable || !f->allocations)
        return;
    f->counted = true;
    f->allocs = f->alloc_bytes = f->alloc_peak = (double)NAN;
    if (!p->counter && open_program(lab, p, true, &p->counter, &err) < 0) {
        p->uncountable = true;
        return;
    }
    if (!function_counts_allocs(p->counter) ||
        function_epoch(p->counter, f->index, MIN(iterations, (uint64_t)COUNT_MOST), false, &r,
                       &err) < 0) {
        p->uncountable = true;
        return;
    }
    f->has_allocs = true;
    f->allocs = r.allocs;
    f->alloc_bytes = r.alloc_bytes;
    f->alloc_peak = (double)r.alloc_peak;
}

void lab_programs_close(Lab *lab)
{
    for (ptrdiff_t i = 0; i < lab->n_programs; i++) {
        LabProgram *p = &lab->programs[i];
        p->handle = function_close(p->handle);
        p->counter = function_close(p->counter);
    }
}

/* ---- figures ---- */

static void add(Lab *lab, Trial *t, const char *name, const char *method, double v)
{
    trial_add_metric(lab->run, t, name, NULL, BETTER_NONE, method, v, NULL);
}

static void add_rates(Lab *lab, Trial *t, const LabFunction *f, const FunctionResult *r)
{
    double per_s = r->time_ns > 0 ? 1e9 / r->time_ns * f->threads : (double)NAN;
    if (r->bytes)
        add(lab, t, "bytes_per_s", told, (double)r->bytes * per_s);
    if (r->items)
        add(lab, t, "items_per_s", told, (double)r->items * per_s);
    for (ptrdiff_t i = 0; i < r->n_figures; i++) {
        const char *name = arena_strdup(&lab->run->arena, r->figures[i].name);
        if (!trial_find_metric(t, name))
            trial_add_metric(lab->run, t, name, r->figures[i].per_second ? "1/s" : "count",
                             BETTER_NONE, told, r->figures[i].value, NULL);
    }
}

static void add_figures(Lab *lab, Trial *t, const LabFunction *f, const FunctionResult *r)
{
    add(lab, t, "time", by_clock, r->time_ns);
    add(lab, t, "cpu_time", by_thread_clock, (double)r->cpu_ns / (double)r->iterations);
    add(lab, t, "iterations", "counted", (double)r->iterations);
    add(lab, t, "loop_cost", "an empty loop in the same process",
        function_costs(f->program->handle)->loop_ns);
    if (f->has_allocs) {
        add(lab, t, "allocations", by_count, f->allocs);
        add(lab, t, "allocated", by_count, f->alloc_bytes);
        add(lab, t, "allocated_peak", by_count, f->alloc_peak);
    }
    add_rates(lab, t, f, r);
}

/* The compiler may have seen that nobody looks at the result. */
static void check_empty(Lab *lab, Trial *t, const LabFunction *f, const FunctionResult *r)
{
    double loop = function_costs(f->program->handle)->loop_ns;
    if (r->time_ns > 1.5 * loop || r->pauses)
        return;
    char a[FMT_MAX], b[FMT_MAX];
    validity_add(&t->validity, &lab->run->arena, GRADE_SUSPECT, "empty-loop",
                 "an iteration takes %s, an empty one %s: the compiler may have removed the work; "
                 "give results to assay_keep and constants to assay_hide",
                 fmt_duration(a, r->time_ns), fmt_duration(b, loop));
}

static int add_each(Lab *lab, Trial *t, LabFunction *f, uint64_t iterations, Err *err)
{
    FunctionResult r = { 0 };
    TRY(function_epoch(f->program->handle, f->index, iterations, true, &r, err));
    trial_add_metric(lab->run, t, "call_time", NULL, BETTER_NONE, "monotonic clock, each call",
                     (double)NAN, r.each);
    return 0;
}

/* Both sides of a pair run as often: unequal counts bias their ratio. */
static uint64_t draw_iterations(const Lab *lab, const LabFunction *f, uint32_t round)
{
    const LabFunction *owner = f->like ? f->like : f;
    Rng rng = rng_new(lab->run->seed, "epoch", round);
    return owner->iterations + (uint64_t)((double)owner->iterations * JITTER * rng_f64(&rng));
}

static int run_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err)
{
    LabFunction *f = c->function;
    FunctionResult r = { 0 };
    TRY(ready_program(lab, f, round, err));
    uint64_t n = draw_iterations(lab, f, round);
    count_allocs(lab, f, n);
    uint64_t started = clock_wall_ns();
    TRY(function_epoch(f->program->handle, f->index, n, false, &r, err));
    Trial *t = case_add_trial(lab->run, c->result);
    t->round = round;
    t->seq = seq;
    t->started_wall_ns = started;
    t->duration_ns = r.elapsed_ns;
    add_figures(lab, t, f, &r);
    lab_add_simulated(lab, c, t, n);
    check_empty(lab, t, f, &r);
    return f->each ? add_each(lab, t, f, n, err) : 0;
}

/* A benchmark that fails leaves its program fit for the others; one that kills it, or breaks off
 * what they say to each other, does not. */
int lab_function_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err)
{
    LabProgram *p = c->function->program;
    int r = run_trial(lab, c, round, seq, err);
    if (r < 0 && r != -ECHILD)
        p->handle = function_close(p->handle);
    return r;
}
