/* Instructions by simulation: counted once per case, the same number in every trial. */
#include <math.h>

#include "lab/lab_internal.h"
#include "launch/simulate.h"

static int count(Lab *lab, const LabCase *c, uint64_t iterations, double *ret, Err *err)
{
    const LabFunction *f = c->function;
    log_progress(lab->log, "%s: counting instructions", c->result->name);
    if (f)
        return simulate_function(lab->launcher, f->program->job.argv, f->program->job.cwd,
                                 f->program->job.env, f->index, iterations, lab->stop, ret, err);
    return simulate_command(lab->launcher, c->command, lab->stop, ret, err);
}

void lab_add_simulated(Lab *lab, LabCase *c, Trial *t, uint64_t iterations)
{
    int meter = c->function ? c->function->meter : c->command->meter;
    Run *r = lab->run;
    if (meter != METER_SIMULATED || !lab->launcher)
        return;
    if (!c->simulated) {
        Err err = { 0 };
        c->simulated = true;
        if (count(lab, c, iterations, &c->instructions, &err) < 0) {
            c->instructions = (double)NAN;
            validity_add(&c->result->validity, &r->arena, GRADE_SUSPECT, "no-instructions",
                         "instructions could not be counted: %s", err.msg);
        }
    }
    trial_add_metric(r, t, "simulated_instructions", NULL, BETTER_NONE,
                     isnan(c->instructions) ? "unsupported" : "valgrind (cachegrind), one run",
                     c->instructions, NULL);
}
