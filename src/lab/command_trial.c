/* Trials of commands. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "lab/lab_internal.h"
#include "stats/quantile.h"

static uint64_t draw_padding(const CommandSpec *spec, Rng *rng)
{
    return spec->pad_env ? rng_below(rng, spec->pad_env + 1) : 0;
}

static const char *how_it_ended(Arena *a, const CommandRun *run)
{
    if (run->timed_out)
        return "was ended after its timeout";
    if (run->signal)
        return arena_printf(a, "was ended by signal %d (%s)", run->signal, strsignal(run->signal));
    return arena_printf(a, "exited with %d", run->exit_code);
}

/* What the command itself said last, behind our words. */
static int refuse_end(const CommandRun *run, const char *cure, const char *how, Err *err)
{
    bool said = *run->message != '\0';
    return err_set(err, -ECHILD, "the command %s%s%s%s", how, cure, said ? "; it said:\n" : "",
                   said ? run->message : "");
}

int lab_check_end(Lab *lab, const LabCase *c, const CommandRun *run, Err *err)
{
    if (command_accepts(c->command, run))
        return 0;
    Arena *a = &lab->run->arena;
    const char *how = how_it_ended(a, run);
    if (run->timed_out || run->signal)
        return refuse_end(run, "", how, err);
    const char *cure = arena_printf(
        a, "; where that is success, say --expect-exit %d (any: all codes)", run->exit_code);
    return refuse_end(run, cure, how, err);
}

int lab_command_warmup(Lab *lab, LabCase *c, Rng *rng, Err *err)
{
    CommandRun run;
    TRY(command_run(lab->launcher, c->command, draw_padding(c->command, rng), lab->stop, &run,
                    err));
    return lab_check_end(lab, c, &run, err);
}

static void refuse_output(Lab *lab, LabCase *c, const CommandRun *run, const LabCase *other)
{
    Arena *a = &lab->run->arena;
    if (run->output_bytes == other->output_bytes)
        validity_add(
            &c->result->validity, a, GRADE_INVALID, "output-differs",
            "printed as many bytes as '%s' had, but other ones: they don't do the same work",
            other->result->name);
    else
        validity_add(&c->result->validity, a, GRADE_INVALID, "output-differs",
                     "printed %llu bytes where '%s' had printed %llu: they don't do the same work",
                     (unsigned long long)run->output_bytes, other->result->name,
                     (unsigned long long)other->output_bytes);
}

/* All runs of a group must have printed the same: the first one seen sets the measure. */
static void check_output(Lab *lab, LabCase *c, const CommandRun *run)
{
    if (!c->command->same_output)
        return;
    for (ptrdiff_t i = 0; i < lab->n_cases; i++) {
        LabCase *other = &lab->cases[i];
        if (other->group != c->group || !other->has_output)
            continue;
        if (other->output_hash != run->output_hash || other->output_bytes != run->output_bytes)
            refuse_output(lab, c, run, other);
        return;
    }
    c->has_output = true;
    c->output_hash = run->output_hash;
    c->output_bytes = run->output_bytes;
}

/* Daemons that a command left running disturb every later round. */
static void check_left(Lab *lab, const CommandRun *run, Trial *t)
{
    if (run->n_left)
        validity_add(&t->validity, &lab->run->arena, GRADE_SUSPECT, "left-behind",
                     "the command left %llu process%s running: what they do is not measured, and "
                     "they disturb later rounds; make it wait for them, or end them in conclude",
                     (unsigned long long)run->n_left, run->n_left == 1 ? "" : "es");
}

int lab_command_trial(Lab *lab, LabCase *c, Rng *rng, uint32_t round, uint32_t seq, Err *err)
{
    uint64_t started = clock_wall_ns();
    CommandRun run;
    TRY(command_run(lab->launcher, c->command, draw_padding(c->command, rng), lab->stop, &run,
                    err));
    Trial *t = case_add_trial(lab->run, c->result);
    t->round = round;
    t->seq = seq;
    t->started_wall_ns = started;
    t->duration_ns = run.wall_ns;
    t->exit_code = run.exit_code;
    t->signal = run.signal;
    command_metrics(lab->run, t, &run);
    lab_add_simulated(lab, c, t, 0);
    check_output(lab, c, &run);
    check_left(lab, &run, t);
    return lab_check_end(lab, c, &run, err);
}

double *lab_sorted_times(Arena *a, const LabCase *c)
{
    const CaseResult *r = c->result;
    double *v = ARENA_ARRAY(a, double, r->n_trials);
    for (ptrdiff_t i = 0; i < r->n_trials; i++)
        v[i] = trial_find_metric(r->trials[i], c->function ? "time" : "wall")->value;
    sort_doubles(v, r->n_trials);
    return v;
}

void lab_command_progress(Lab *lab, const LabCase *c, uint32_t round)
{
    uint64_t now = clock_mono_ns();
    if (!lab->log->live || c->result->n_trials == 0 || now - lab->progress_ns < 100 * NS_PER_MS)
        return;
    lab->progress_ns = now;
    CLEANUP(arena_done) Arena a = { 0 };
    char d[FMT_MAX];
    double median = median_sorted(lab_sorted_times(&a, c), c->result->n_trials);
    log_progress(lab->log, "round %u  %s  median %s", round + 1, c->result->name,
                 fmt_duration(d, median));
}
