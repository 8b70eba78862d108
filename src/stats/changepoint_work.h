/* What the steps of changepoint.h share. Private to changepoint*.c. */
#pragma once

#include "stats/changepoint.h"

typedef struct Cut {
    ptrdiff_t at;         /* first value of the stretch behind it */
    double p;             /* as ChangePoint.p */
    double badness;       /* >= 1: has to go, the largest first */
    ptrdiff_t prev, next; /* neighbours that are still there, by number */
} Cut;

typedef struct Ranked {
    double value;
    ptrdiff_t at;
} Ranked;

typedef struct CpWork {
    const double *y; /* borrowed, [n] finite */
    ptrdiff_t n;
    double p_max;             /* as asked for */
    double p_now;             /* tightened for the number of candidates */
    double narrow;            /* sqrt((1 - r) / (1 + r)), r the correlation of neighbours */
    double *sorted;           /* owned, [n]: each stretch sorted */
    double *z, *tmp;          /* owned, [n] */
    Ranked *ranked, *ranked2; /* owned, [n] */
    double *scratch;          /* owned, [SPLITRANK_SCRATCH] */
    ptrdiff_t *at, *found;    /* owned, [n + 2]: at[0] = 0, cuts, at[n_cuts + 1] = n */
    ptrdiff_t n_cuts;
    double *p;      /* owned, [n + 2], of the cuts */
    Cut *cut;       /* owned, [n + 2] */
    ptrdiff_t *top; /* owned, [4 * (n + 2)]: tournament of badness */
} CpWork;

/* z[a … b) := ranks of y[a … b), ties shared, centred, with mean square 1. False when all values
 * are equal. */
bool cp_rank(CpWork *w, ptrdiff_t a, ptrdiff_t b);
/* z[a … b) := y[a … b) by its own median and spread, clipped. False when all are equal. */
bool cp_scale(CpWork *w, ptrdiff_t a, ptrdiff_t b);

/* Squared distances of z[a … c) from its mean, and by how much the best single cut lowers them. */
double cp_squares(const CpWork *w, ptrdiff_t a, ptrdiff_t c);
double cp_best_gain(const CpWork *w, ptrdiff_t a, ptrdiff_t c);
/* Append the best cuts of [a, b) to found. */
MUST_CHECK int cp_look(CpWork *w, ptrdiff_t a, ptrdiff_t b, ptrdiff_t *n_found, Err *err);
/* Move each cut of `at` to where its two stretches divide best, at most `reach` values away. */
void cp_place(CpWork *w, ptrdiff_t reach);
/* The cuts of (a, c) that are about as likely as b: the range [*lo, *hi] around b. */
void cp_range(CpWork *w, ptrdiff_t a, ptrdiff_t b, ptrdiff_t c, ptrdiff_t *lo, ptrdiff_t *hi);

/* Drop what does not stand from at[1 … n_cuts]; fills p[] and sets narrow. */
void cp_eliminate(CpWork *w, ptrdiff_t n_candidates);
/* p as it is compared with p_now: raised for a short stretch within a long series. */
double cp_level(double p, ptrdiff_t n1, ptrdiff_t n2);

/* The newest values as a suspected change of the last stretch [a, n): how many, or 0. */
ptrdiff_t cp_tail(CpWork *w, ptrdiff_t a);
/* More values that n2 behind n1 need until a test can confirm them; -1: no number would. */
ptrdiff_t cp_points_needed(const CpWork *w, ptrdiff_t n1, ptrdiff_t n2);
