/* From evidence to verdicts, over all rows of a comparison at once (Holm). */
#pragma once

#include "judge/judged.h"

/* What was measured for one row, on the log scale: b over a. */
typedef struct Evidence {
    bool paired;
    double *log_ratio; /* paired: [n] by round */
    ptrdiff_t n;
    double *log_a, *log_b; /* unpaired: rising, [n_a], [n_b] */
    ptrdiff_t n_a, n_b;
    const GroupPlan *looks; /* paired: those before this one count; NULL: this is the only one */
    double p_beyond;        /* against "within the smallest effect" */
    double floor;           /* smallest difference that can be a verdict, in the unit */
    bool exact;
    bool distribution; /* a trial has many values of it: its statistics are figures of their own */
    bool separated;    /* unpaired: no value of one side lies within the other's range */
    Grade grade_a, grade_b;
} Evidence;

/* A comparison being built; everything in `arena`. */
typedef struct Rows {
    Arena *arena;
    const JudgeOpts *opts;
    Comparison *c;
    uint64_t at_wall_ns;        /* when b was measured */
    uint64_t reference_wall_ns; /* when a was; 0: unknown, or by b's side */
    const char *run_id;         /* of b */
    bool ruleless;              /* a contest, not a gate: rules don't speak */
    Evidence *evidence;         /* [c->n], row by row */
    ptrdiff_t n_evidence, cap_evidence;
} Rows;

/* For a comparison of which `r` is the judged side; it lives in r's arena. */
Rows rows_new(Run *r, const JudgeOpts *o, const char *label_a, const char *label_b);
/* All figures of case b against case a: by round when `paired`. */
MUST_CHECK int rows_add_case(Rows *rows, const CaseResult *a, const CaseResult *b, bool paired,
                             Err *err);
/* A row that says that only one side has the case. */
void rows_add_missing(Rows *rows, const char *case_name, const char *note);
/* Decide all rows: Holm levels, intervals, verdicts, severities, the whole comparison's verdict and
 * exit code. */
MUST_CHECK int rows_decide(Rows *rows, Err *err);
