/* Distributions made ready to draw: counts in bins that people can read. */
#pragma once

#include "base/arena.h"
#include "stats/hist.h"

typedef struct DistBin {
    double lo, hi; /* lo < value <= hi; the first bin holds lo too */
    double count;
} DistBin;

typedef struct Dist {
    DistBin *bins; /* [n] in the arena, rising, touching; empty ones included */
    ptrdiff_t n;
    double total, most; /* sum of the counts, largest count */
    bool log;           /* bins are even on a log axis */
} Dist;

/* Bins with round edges over all recorded values, for a table of lines: fine ones (at most `most`)
 * for the bulk up to the 95th percentile, then the tail in half decades. n = 0 for an empty
 * histogram; at most most + 24 otherwise. */
Dist dist_of_hist_round(Arena *a, const Hist *h, int most);
/* `n_bins` bins of equal width on a log axis from min to max, for plots. */
Dist dist_of_hist(Arena *a, const Hist *h, int n_bins);
/* Bins of equal width over [lo, hi] (values outside count in the outer bins; NaN are left out). */
Dist dist_of_values(Arena *a, const double *v, ptrdiff_t n, double lo, double hi, int n_bins);
/* A fitting number of bins for n values between the quartiles given: Freedman & Diaconis (1981),
 * kept within [5, most]. */
int dist_bins(ptrdiff_t n, double q1, double q3, double lo, double hi, int most);
