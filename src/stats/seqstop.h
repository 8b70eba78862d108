/* Sample until the median is known precisely enough, without spoiling the interval by looking.
 *
 * A rule that looks after every sample and stops at the first interval that pleases covers less
 * than it says. Here everything is declared before the first sample: at which sizes to look (a
 * geometric schedule) and how sure the interval of each look is. That level, the same for all
 * looks, is the lowest at which the chance that any of the intervals misses stays within 1 - level;
 * the number of values below the true median is a fair random walk whatever their law, so the
 * chance is computed and not assumed. Hence the interval of the look at which it stops covers the
 * median with at least the promised probability, whatever the data do (values independent, law
 * continuous; ties only help). The price is a wider interval per look: with 9 looks from 10
 * to 200 samples at 95 %, each is a 98.6 % one.
 *
 * Pure: the plan is a value, to be stored beside the results.
 * Source: constant boundaries, Pocock, Biometrika 64 (1977) 191, and the recursion over looks of
 * Armitage, McPherson & Rowe, J. R. Stat. Soc. A 132 (1969) 235, here on the binomial walk of
 * quantile.h's order statistics. */
#pragma once

#include "base/err.h"

enum { SEQ_LOOKS_MAX = 24, SEQ_EXACT_MAX = 200000 };

typedef struct SeqPlan {
    double level;      /* confidence over all looks together, in (0, 1) */
    double half_width; /* stop when the interval's half width is at most this, > 0 */
    bool relative;     /* as a fraction of the median (positive values such as times); else
                        * absolute (log ratios) */
    ptrdiff_t n_first; /* first look, >= 1; raised to the fewest that give a finite interval */
    ptrdiff_t n_max;   /* last look, >= n_first */
    double growth;     /* of the size from look to look, > 1; 1.5 is usual */
} SeqPlan;

typedef struct SeqSchedule {
    SeqPlan plan;
    int n_looks;
    ptrdiff_t look_at[SEQ_LOOKS_MAX]; /* sizes, rising; the last is n_max */
    double look_level;                /* confidence of the interval at each look */
} SeqSchedule;

/* Declare the looks. Cost: O(n_max) steps times some tens; above SEQ_EXACT_MAX samples the looks
 * share the error evenly (Bonferroni) instead. -ENOMEM. -EINVAL for a plan out of its ranges, or
 * one that needs more than SEQ_LOOKS_MAX looks, or whose n_max can't give a finite interval at any
 * look; says which and the cure. */
MUST_CHECK int seqstop_declare(const SeqPlan *plan, SeqSchedule *ret, Err *err);

typedef enum SeqState {
    SEQ_GO_ON,     /* not precise enough: sample on to the next look */
    SEQ_PRECISE,   /* stop: the half width is reached */
    SEQ_EXHAUSTED, /* stop: n_max samples, still wider than wanted; say so */
} SeqState;

typedef struct SeqLook {
    SeqState state;
    double median, low, high; /* interval at look_level; may be infinite */
    double half_width;        /* reached, in the plan's terms; infinite when it is not finite */
} SeqLook;

/* Look number `look` (0 …): x[look_at[look]] are all samples so far, in any order, borrowed.
 * -EINVAL for NaN; -ENOMEM. Cost O(n log n). */
MUST_CHECK int seqstop_look(const SeqSchedule *s, int look, const double *x, SeqLook *ret,
                            Err *err);
