/* What several outputs say in the same words: figures with their spread, verdicts as sentences,
 * what a run comes to. Texts live in the arena that is passed in and are not yet escaped. */
#pragma once

#include "model/run.h"

/* "100.1 … 107.3 ms": one unit when both share it. NaN on either side: "-". Infinite ends are
 * named ("≥ 3 ms"). */
const char *words_range(Arena *a, double lo, double hi, const char *unit);
/* "102.5 ± 1.2 ms", the spread with the mean's decimals; without it when it is missing. */
const char *words_spread(Arena *a, double mean, double stddev, const char *unit);
/* Like fmt_value without zeros behind the last digit that counts, for edges, limits and shares that
 * are round: "8 GiB", "95 %". */
const char *words_round(Arena *a, double v, const char *unit);
/* 12 345 678, in groups of three. */
const char *words_count(Arena *a, uint64_t n);
/* "2026-01-31 23:59:59 UTC" */
const char *words_time(Arena *a, uint64_t wall_ns);
/* First 10 digits of a hash, branch, "uncommitted changes"; NULL outside a repository. */
const char *words_commit(Arena *a, const Run *r);
/* "box, Intel Xeon, 2 CPUs, 7.8 GiB, Linux 6.1.0, kvm"; NULL when nothing is known. */
const char *words_testbed(Arena *a, const Testbed *t);

/* What people call a metric: "rss_peak" is "peak memory"; others lose their underscores. */
const char *words_metric(Arena *a, const char *name);
/* The unit as it stands behind a plain number: "cores" for cpu counts … NULL when none. */
bool words_is_cores(const char *metric, const char *unit);
/* The q-quantile `v` of a summary for people; one that is only a lower bound (something never came
 * back) says so: "≥ 5 s". q = 1 is the maximum. */
const char *words_quantile(Arena *a, const MetricSummary *m, double q, double v);
/* What an expectation met; a lower bound says so. */
const char *words_expected(Arena *a, const ExpectResult *e, const char *metric);
/* "0.3 … ≥ 5 s", from the smallest to the largest. */
const char *words_extent(Arena *a, const MetricSummary *m);
/* A metric's value for people. */
const char *words_value(Arena *a, double v, const char *metric, const char *unit);

/* A comparison row's change: "+3.2 %", from the ratio, or the difference when there is none. */
const char *words_change(Arena *a, const CompareRow *row);
/* "+2.1 % … +4.3 %", "-" when unknown, "≥ +2 %" when one end is open. */
const char *words_change_range(Arena *a, const CompareRow *row);
/* One sentence: "B is 1.52 times as fast as A (1.49 … 1.55)", "no difference shown …". */
const char *words_verdict(Arena *a, const Comparison *c, const CompareRow *row);
/* One line for all inconclusive rows of a gate ("12 inconclusive: too little evidence either way;
 * about 40 more rounds would settle most of them"), since a sentence for each says nothing that the
 * table does not; NULL when there is none. Contests speak for themselves. */
const char *words_inconclusive(Arena *a, const Comparison *c);
/* Does the row deserve a sentence beside the table? `first` is true for the first row of a pair. */
bool words_worth_saying(const CompareRow *row, bool first);
/* The row's verdict in a word. Between competing commands nothing regressed: one is better or worse
 * than the other. */
const char *words_outcome(const CompareRow *row);
/* Is all of it a contest between commands, and no gate? */
bool words_contest(const Comparison *c);
/* Do the rows hold different commands of one run against each other? */
bool words_competing(const CompareRow *row);
/* "critical, blocks", "" without a rule. */
const char *words_action(Arena *a, const CompareRow *row);
/* What a run came to, in words ("an expectation broke"), and how good that is. A run without
 * expectations and rules has no gate that could hold. */
const char *run_outcome(const Run *r, Grade *ret_tone);
/* Does the run have an expectation, or a row that a rule could block? */
bool run_has_gates(const Run *r);

/* Counts over a run, for headlines. */
typedef struct RunTally {
    ptrdiff_t cases, trials; /* of the head side; trials of both */
    ptrdiff_t grades[3];     /* cases of the head side by Grade */
    ptrdiff_t expects, broken;
    ptrdiff_t verdicts[5]; /* comparison rows by Verdict */
    ptrdiff_t blocking;    /* rows that regressed with an action that blocks */
} RunTally;
RunTally run_tally(const Run *r);
/* "1 regressed, 2 improved, 7 unchanged"; "" without rows. */
const char *words_tally(Arena *a, const Comparison *c);
/* Row regressed and its rule says block. */
bool row_blocks(const CompareRow *row);
/* Does this reason of the run come up from a case of the head side, where it is shown already? (The
 * run's text may have the case's name in front.) */
bool reason_in_cases(const Run *r, const Reason *reason);

/* Geometric mean of the ratios of one metric over all valid rows that have one. NaN with fewer
 * than 2. */
double rows_geomean(const Comparison *c, const char *metric, ptrdiff_t *ret_n);

/* The n of a case's trials' values that are numbers, sorted, in the arena. */
double *values_sorted(Arena *a, const MetricSummary *m, ptrdiff_t *ret_n);
/* Loads, streams and anything with operations; the rest is shown like commands. */
bool case_is_load(const CaseResult *c);
/* The figure a case is about: latency, wall, time, or its first. NULL when nothing was measured. */
const MetricSummary *case_main_metric(const CaseResult *c);
/* Operations per second that were due, over all trials; NaN without outcomes or duration. */
double case_offered_rate(const CaseResult *c);
