/* Between lab.c and the two kinds of trial. */
#pragma once

#include "lab/lab.h"

/* One discarded run, before the first round. */
MUST_CHECK int lab_command_warmup(Lab *lab, LabCase *c, Rng *rng, Err *err);
/* One trial, appended to the case. Negative: this case can't go on. */
MUST_CHECK int lab_command_trial(Lab *lab, LabCase *c, Rng *rng, uint32_t round, uint32_t seq,
                                 Err *err);
MUST_CHECK int lab_load_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err);
/* The same of loads cases[n] that run side by side: one trial each. */
MUST_CHECK int lab_loads_trial(Lab *lab, LabCase *const *cases, ptrdiff_t n, uint32_t round,
                               uint32_t seq, Err *err);
/* A search for the highest rate that keeps load->find_rate. */
MUST_CHECK int lab_find_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err);
MUST_CHECK int lab_function_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t seq, Err *err);
/* One execution. The trials it brings take their places in the order of execution from *seq on. */
MUST_CHECK int lab_harness_trial(Lab *lab, LabCase *c, uint32_t round, uint32_t *seq, Err *err);
/* Every harness has run once: put their cases in the order of the plan and store what came so far.
 * Once. */
void lab_harness_settle(Lab *lab);
/* Did the command end as it should? -ECHILD, with what it said last. */
MUST_CHECK int lab_check_end(Lab *lab, const LabCase *c, const CommandRun *run, Err *err);
/* Store a trial; told once when that fails. */
void lab_keep(Lab *lab, const CaseResult *c, const Trial *t);
/* Where meter says simulated: count once, and note it in each trial. `iterations` of functions. */
void lab_add_simulated(Lab *lab, LabCase *c, Trial *t, uint64_t iterations);
/* End all benchmark programs. */
void lab_programs_close(Lab *lab);
/* Values so far of what a case is paced by (wall of commands, time of functions), rising, in the
 * arena. [n_trials] */
double *lab_sorted_times(Arena *a, const LabCase *c);
/* Median of the wall time so far (commands) and progress line. */
void lab_command_progress(Lab *lab, const LabCase *c, uint32_t round);
