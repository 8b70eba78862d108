/* Judging: pure functions of results. The same inputs give the same verdicts, and each verdict
 * carries its evidence. */
#pragma once

#include "model/run.h"
#include "model/triage.h"

typedef struct JudgeOpts {
    double confidence;        /* 0.95 */
    double min_effect;        /* smallest effect of interest, fraction; 0.01 */
    const RuleSet *rules;     /* NULL or empty: rules_default() */
    Correction correction;    /* for many comparisons at once */
    bool fresh_pairs;         /* both sides were measured interleaved: wall-clock rules may block */
    const TriageList *triage; /* what people said of regressions; may be NULL */
    bool strict;              /* inconclusive makes exit code 6 */
} JudgeOpts;

/* Competing commands of one run (assay time A B …): every case against the first, paired by round.
 * NULL-safe: with fewer than two cases *ret is NULL. The comparison lives in r's arena. */
MUST_CHECK int judge_competitors(Run *r, const JudgeOpts *o, Comparison **ret, Err *err);
/* Head side against base side of one run (--against), paired by round. *ret NULL when there is no
 * base side. */
MUST_CHECK int judge_sides(Run *r, const JudgeOpts *o, Comparison **ret, Err *err);
/* Two runs, a the reference: cases of the same name; unpaired (Mann-Whitney and bootstrap interval
 * of the ratio). Cases that only one side has are named in rows with VERDICT_INCONCLUSIVE and a
 * note. Different testbeds: rows carry a note and nothing blocks. The comparison lives in b's
 * arena. */
MUST_CHECK int judge_runs(const Run *a, Run *b, const JudgeOpts *o, Comparison **ret, Err *err);

/* Leave out what was held against the same case elsewhere: a gate judges that anew. NULL-safe. */
void judge_keep_contest(Comparison *c);
/* The rows of a contest behind those of a gate; the whole verdict and exit code stay the gate's.
 * Either may be NULL. */
Comparison *judge_join(Arena *a, Comparison *gate, Comparison *contest);

/* Exit code of a run by the contract: 130/143 are the caller's; 5 when INVALID; 3 when an
 * expectation broke; 4 when a row blocks; 6 when strict and inconclusive; else 0. When several
 * hold: 5, then 4, then 3, then 6. */
int judge_exit_code(const Run *r, const JudgeOpts *o);
