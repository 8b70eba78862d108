/* Judgements, with their evidence. */
#pragma once

#include "model/metric.h"
#include "model/rule.h"

typedef enum Verdict {
    VERDICT_UNCHANGED,    /* the whole interval lies within the smallest effect */
    VERDICT_IMPROVED,     /* the whole interval lies beyond it, to the good side */
    VERDICT_REGRESSED,    /* … to the bad side */
    VERDICT_INCONCLUSIVE, /* neither: more rounds would tell */
    VERDICT_INVALID,      /* one of the sides is INVALID */
} Verdict;

/* How many comparisons at once are allowed for: the chance of any false alarm (Holm), or the share
 * of false ones among the alarms (Benjamini and Hochberg). */
typedef enum Correction { CORRECTION_HOLM, CORRECTION_BH } Correction;
extern const char *const correction_names[]; /* "holm", "bh", NULL */
/* Reads the same words. 0 or -EINVAL. */
MUST_CHECK int correction_parse(const char *text, Correction *ret);

typedef struct CompareRow {
    const char *case_name; /* the case judged */
    const char *reference; /* case it was held against: the same case in another run, or a competing
                              command */
    const char *metric;    /* "wall", "latency", "latency.p99" */
    const char *unit;
    Better better;
    Verdict verdict;
    double value_a, value_b;             /* medians of the trials: a reference, b judged */
    double ratio, ratio_low, ratio_high; /* b / a; NaN when unknown; interval may be infinite */
    double difference;                   /* value_b - value_a, in unit */
    double p;                            /* two-sided, before correction */
    double p_adjusted;                   /* after the correction over all rows of the comparison */
    ptrdiff_t n;                         /* pairs, or trials on the smaller side */
    double mde;         /* smallest change (fraction) this evidence could have shown */
    double rounds_more; /* estimated further rounds to settle an inconclusive row; NaN otherwise */
    const char *method; /* "paired sign test", "Mann-Whitney", "exact" */
    Severity severity;
    Action action;
    const char *note; /* NULL, or what a person should know ("wall-clock baseline from another day:
                         not blocking") */
    const char *triage; /* what people said of a regression: "acknowledged", "expected", "false";
                           NULL: nothing that covers it */
} CompareRow;

typedef struct Comparison {
    const char *a, *b; /* what was compared: run ids, labels, commands */
    const char *about; /* what a is, where its id does not say it: how many runs, which commit, how
                          old; NULL */
    Verdict verdict;   /* gravest of the rows: invalid > regressed > inconclusive > improved >
                          unchanged */
    int exit_code;     /* as in the contract */
    double confidence; /* 0.95 */
    double min_effect; /* 0.01 */
    CompareRow *rows;  /* [n] */
    ptrdiff_t n, cap;
} Comparison;

const char *verdict_name(
    Verdict v); /* "unchanged", "improved", "regressed", "inconclusive", "invalid" */
/* Reads the same words. 0 or -EINVAL. */
MUST_CHECK int verdict_parse(const char *text, Verdict *ret);
