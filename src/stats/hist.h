/* Log-linear histogram of times: constant relative error, constant memory, cheap to record into and
 * to merge.
 *
 * Large ones take memory page by page as values fall into them: what a distribution does not reach
 * costs nothing, so many can be kept.
 *
 * Buckets are HdrHistogram's: values below 2^b (b bits for `digits` decimal digits) in units of
 * `lowest` have a bin each; every further power of two has 2^(b-1) bins. Default: 1 ns to a little
 * over one hour (2^42 - 1 ns) with 3 digits: 33 792 bins, 264 KiB, relative error below 1/1024.
 *
 * Invariants
 *   1. n = sum of bins + n_over: nothing is dropped, nothing is clamped silently. What lies above
 *      the range counts in n_over and its true value stands in max and sum.
 *   2. n = 0, or min and max are values that were recorded; every touched bin lies between
 *      theirs, so reset, merge and walks cost only the touched range.
 *   3. min, max, n and sum are exact; bins and all that derives from them are within the relative
 *      error. (After decoding foreign bytes min, max and sum have bin precision as well.)
 *
 * Units are the caller's: ns throughout assay. One writer at a time; readers need it at rest.
 * Source: G. Tene's HdrHistogram (bucket layout); quantiles as type 1 of Hyndman & Fan, Am. Stat.
 * 50 (1996) 361. */
#pragma once

#include "base/err.h"

enum {
    HIST_DIGITS = 3,
    HIST_BINS_MAX = 1 << 23, /* 64 MiB; 5 digits over all of 63 bits need 6.3 million */
};
#define HIST_HIGHEST_NS (UINT64_C(3600) * NS_PER_S)

typedef struct Hist {
    /* geometry, fixed at birth */
    uint64_t lowest;  /* smallest value told apart from 0, >= 1 */
    uint64_t highest; /* as asked for */
    uint64_t limit;   /* largest value that has a bin, >= highest */
    uint64_t sub_mask;
    int digits;     /* 1 to 5 decimal digits */
    int unit_bits;  /* floor(log2(lowest)) */
    int half_bits;  /* log2 of the bins per power of two */
    int clz_of_sub; /* leading zeros of a value in the first bucket, with sub_mask */
    ptrdiff_t n_bins;
    /* content */
    uint64_t n;            /* recorded values, those in n_over included */
    uint64_t n_over;       /* values above limit: in n, min, max and sum, in no bin */
    uint64_t n_censored;   /* values that are lower bounds; they are in n and in the bins too */
    uint64_t censored_min; /* smallest of those; UINT64_MAX when there is none */
    uint64_t min;          /* UINT64_MAX when empty */
    uint64_t max;          /* 0 when empty */
    unsigned __int128 sum;
    unsigned __int128 sum_over; /* part of sum that lies above limit */
    uint64_t *bins;             /* owned, [n_bins] */
} Hist;

/* A bin with something in it; both ends belong to it. */
typedef struct HistBin {
    uint64_t lo, hi;
    uint64_t count;
} HistBin;

/* What an encoding of the bins alone loses; see hist_exact. */
typedef struct HistExact {
    uint64_t n_over, n_censored, censored_min, min, max;
    uint64_t sum_hi, sum_lo, sum_over_hi, sum_over_lo; /* halves of 128 bits */
} HistExact;

/* A histogram of ns: 1 ns to 1 h, 3 digits. -ENOMEM. */
MUST_CHECK int hist_new(Hist **ret, Err *err);
/* Any geometry: lowest >= 1, 2 * lowest <= highest < 2^63, digits in [1, 5], at most HIST_BINS_MAX
 * bins; else -EINVAL. */
MUST_CHECK int hist_new_range(Hist **ret, uint64_t lowest, uint64_t highest, int digits, Err *err);
/* A new, empty histogram with h's geometry. */
MUST_CHECK int hist_new_like(Hist **ret, const Hist *h, Err *err);
/* Accepts NULL; returns NULL. */
Hist *hist_free(Hist *h);
void hist_freep(Hist **h);

/* Forget everything recorded. Cost: the touched range. */
void hist_reset(Hist *h);
/* dst := src; both have the same geometry (asserted). Cost: the two touched ranges. */
void hist_copy(Hist *dst, const Hist *src);
/* dst += src. Same geometry: exact, cost of src's touched range. Other geometry: each bin of src
 * goes where its representative value (see hist_quantile_ns) belongs; n, min, max, sum stay exact;
 * src's n_over stays in dst's n_over. Histograms from many threads are merged this way: percentiles
 * are never averaged. */
void hist_add(Hist *dst, const Hist *src);
bool hist_same_geometry(const Hist *a, const Hist *b);

/* Bin of a value; value <= limit. Monotone in value. */
static inline ptrdiff_t hist_index(const Hist *h, uint64_t value)
{
    int bucket = h->clz_of_sub - __builtin_clzll(value | h->sub_mask);
    return (ptrdiff_t)(((uint64_t)bucket << h->half_bits) + (value >> (bucket + h->unit_bits)));
}

/* Record `count` times the same value. */
static inline void hist_record_n(Hist *h, uint64_t value, uint64_t count)
{
    if (__builtin_expect(count == 0, 0))
        return;
    unsigned __int128 total = (unsigned __int128)value * count;
    h->n += count;
    h->sum += total;
    h->min = value < h->min ? value : h->min;
    h->max = value > h->max ? value : h->max;
    if (__builtin_expect(value <= h->limit, 1)) {
        h->bins[hist_index(h, value)] += count;
    } else {
        h->n_over += count;
        h->sum_over += total;
    }
}

/* Record one value. Cost: a few ns, no allocation, no lock, no branch that depends on the data
 * except "within the range". */
static inline void hist_record(Hist *h, uint64_t value)
{
    hist_record_n(h, value, 1);
}

/* Record something that never finished: it took at least `lower_bound`. It enters the distribution
 * at that bound and the quantiles at or above the smallest such bound become lower bounds
 * themselves (hist_quantile_is_bound). */
static inline void hist_record_censored(Hist *h, uint64_t lower_bound)
{
    hist_record_n(h, lower_bound, 1);
    h->n_censored++;
    h->censored_min = lower_bound < h->censored_min ? lower_bound : h->censored_min;
}

/* Smallest and largest value that share a bin with `value` (<= limit). */
uint64_t hist_bin_lo(const Hist *h, uint64_t value);
uint64_t hist_bin_hi(const Hist *h, uint64_t value);

/* Exact mean; NaN when empty. */
double hist_mean(const Hist *h);
/* Standard deviation with n - 1, about the exact mean, from the middles of the bins (values above
 * the range stand at their own mean): NaN when n < 2, exactly 0 when all values are equal. */
double hist_stddev(const Hist *h);

/* The value of rank `rank` (1 = smallest, n = largest) in the sorted samples, as the upper end of
 * its bin, never outside [min, max]. 1 <= rank <= n, asserted. A rank among the values above the
 * range gives max, an upper bound. Cost: the touched range. */
uint64_t hist_value_at_rank(const Hist *h, uint64_t rank);
/* The other end of the same bin, never outside [min, max]; among the values above the range,
 * limit + 1 or min if that is larger. Together: lo <= true value <= value_at_rank. */
uint64_t hist_value_at_rank_lo(const Hist *h, uint64_t rank);

/* Rank that a quantile means: max(1, ceil(q * n)); products that are whole but for rounding count
 * as whole. n > 0; q in [0, 1]. */
uint64_t hist_rank(uint64_t n, double q);

/* The q-quantile of the recorded values: inverse empirical distribution function (type 1), that is
 * the value at hist_rank(n, q); q = 0 gives min, q = 1 gives max exactly. Never below the true
 * sample quantile and less than 10^-digits of it above.
 *
 *   q       fraction in [0, 1]
 *   ret_ns  out, written on 0 only
 *
 * Returns 0; HIST_EMPTY when n = 0; -EINVAL when q is outside [0, 1] or NaN. */
enum { HIST_EMPTY = 1 };
MUST_CHECK int hist_quantile_ns(const Hist *h, double q, uint64_t *ret_ns);
/* The same as a double: NaN when empty or q is no fraction. For reports, where NaN becomes null. */
double hist_quantile(const Hist *h, double q);
/* True when the q-quantile is only a lower bound, because something that never finished could lie
 * above it although it was recorded at or below it. */
bool hist_quantile_is_bound(const Hist *h, double q);

/* How many recorded values lie in the bins up to that of `value`: n when value >= max, 0 when
 * value < min. Values above the range count only when value >= max. */
uint64_t hist_count_at_or_below(const Hist *h, uint64_t value);

/* Non-empty bins in rising order; values above the range come last as one bin [limit + 1, max].
 * Counts add up to n.
 *
 *     HistIter it = hist_iter(h);
 *     HistBin b;
 *     while (hist_next(&it, &b)) … */
typedef struct HistIter {
    const Hist *h; /* borrowed, at rest while iterating */
    ptrdiff_t at, end;
    bool over_left;
} HistIter;
HistIter hist_iter(const Hist *h);
bool hist_next(HistIter *it, HistBin *ret);

/* The exact figures that encoded bins don't carry, to keep beside an encoding… */
HistExact hist_exact(const Hist *h);
/* …and to put back onto a histogram that was decoded from it. -EINVAL, h unchanged, when they don't
 * fit its bins (min outside the first bin, max outside the last, impossible counts). */
MUST_CHECK int hist_set_exact(Hist *h, const HistExact *x, Err *err);
/* Derive n, min, max and sum from bins[0 … end), which somebody filled directly (a decoder); those
 * from `end` on are empty. Ends of the outer bins and middles stand in for what is not known.
 * n_over and n_censored become 0. */
void hist_settle(Hist *h, ptrdiff_t end);
