/* Birth, merging and reading of histograms; recording is inline in the header.
 *
 * The touched range is not tracked while recording: it follows from min and max, which are kept
 * anyway and exact, because hist_index is monotone. */
#include "stats/hist.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BINS_MAPPED_MIN = 8192 }; /* 64 KiB */

static int floor_log2(uint64_t v)
{
    return 63 - __builtin_clzll(v);
}

static int ceil_log2(uint64_t v)
{
    return v <= 1 ? 0 : floor_log2(v - 1) + 1;
}

static uint64_t pow10_u64(int e)
{
    uint64_t r = 1;
    while (e-- > 0)
        r *= 10;
    return r;
}

static void forget(Hist *h)
{
    h->n = h->n_over = h->n_censored = 0;
    h->censored_min = h->min = UINT64_MAX;
    h->max = 0;
    h->sum = h->sum_over = 0;
}

/* Fill in the geometry; the sub-bucket count is the power of two at or above 2 * 10^digits, so that
 * the upper half of each bucket resolves one part in 10^digits. */
static int set_geometry(Hist *h, uint64_t lowest, uint64_t highest, int digits, Err *err)
{
    if (digits < 1 || digits > 5)
        return err_set(err, -EINVAL, "histogram precision of %d digits: want 1 to 5", digits);
    if (lowest < 1 || highest > INT64_MAX || highest / 2 < lowest)
        return err_set(err, -EINVAL,
                       "histogram range %llu to %llu: want 1 <= lowest, 2 * lowest <= highest",
                       (unsigned long long)lowest, (unsigned long long)highest);
    int sub_bits = ceil_log2(2 * pow10_u64(digits));
    int unit_bits = floor_log2(lowest);
    if (unit_bits + sub_bits > 62)
        return err_set(err, -EINVAL, "histogram of %d digits cannot start at %llu", digits,
                       (unsigned long long)lowest);
    int buckets = 1;
    while (unit_bits + sub_bits + buckets - 1 < 63 &&
           (UINT64_C(1) << (unit_bits + sub_bits + buckets - 1)) <= highest)
        buckets++;
    h->lowest = lowest;
    h->highest = highest;
    h->digits = digits;
    h->unit_bits = unit_bits;
    h->half_bits = sub_bits - 1;
    h->sub_mask = ((UINT64_C(1) << sub_bits) - 1) << unit_bits;
    h->clz_of_sub = 64 - unit_bits - sub_bits;
    h->limit = (UINT64_C(1) << (unit_bits + sub_bits + buckets - 1)) - 1;
    h->n_bins = (ptrdiff_t)(buckets + 1) << h->half_bits;
    if (h->n_bins > HIST_BINS_MAX)
        return err_set(err, -EINVAL, "histogram of %td bins: at most %d", h->n_bins, HIST_BINS_MAX);
    return 0;
}

/* Bins are mapped, not taken from the heap: the heap hands out used pages again and clears them, so
 * that every bin costs memory. A mapped page costs nothing until a value falls into it, and the
 * values of one distribution lie close together. No huge pages: they would undo that. */
static uint64_t *bins_new(ptrdiff_t n)
{
    size_t bytes = (size_t)n * sizeof(uint64_t);
    if (n < BINS_MAPPED_MIN)
        return calloc((size_t)n, sizeof(uint64_t));
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    madvise(p, bytes, MADV_NOHUGEPAGE); /* best effort */
    return p;
}

static void bins_free(uint64_t *bins, ptrdiff_t n)
{
    if (n < BINS_MAPPED_MIN)
        free(bins);
    else if (bins)
        munmap(bins, (size_t)n * sizeof *bins);
}

int hist_new_range(Hist **ret, uint64_t lowest, uint64_t highest, int digits, Err *err)
{
    CLEANUP(hist_freep) Hist *h = calloc(1, sizeof *h);
    if (!h)
        return err_set(err, -ENOMEM, "out of memory for a histogram");
    TRY(set_geometry(h, lowest, highest, digits, err));
    h->bins = bins_new(h->n_bins);
    if (!h->bins)
        return err_set(err, -ENOMEM, "out of memory for a histogram of %td bins", h->n_bins);
    forget(h);
    *ret = TAKE(h);
    return 0;
}

int hist_new(Hist **ret, Err *err)
{
    return hist_new_range(ret, 1, HIST_HIGHEST_NS, HIST_DIGITS, err);
}

int hist_new_like(Hist **ret, const Hist *h, Err *err)
{
    return hist_new_range(ret, h->lowest, h->highest, h->digits, err);
}

Hist *hist_free(Hist *h)
{
    if (!h)
        return NULL;
    bins_free(h->bins, h->n_bins);
    free(h);
    return NULL;
}

void hist_freep(Hist **h)
{
    *h = hist_free(*h);
}

bool hist_same_geometry(const Hist *a, const Hist *b)
{
    return a->unit_bits == b->unit_bits && a->half_bits == b->half_bits && a->n_bins == b->n_bins;
}

/* Bins [from, to) that may hold something. */
typedef struct Span {
    ptrdiff_t from, to;
} Span;

static Span touched(const Hist *h)
{
    if (h->n == h->n_over)
        return (Span){ 0, 0 };
    assert(h->min <= h->limit);
    return (Span){ hist_index(h, h->min), hist_index(h, MIN(h->max, h->limit)) + 1 };
}

void hist_reset(Hist *h)
{
    Span s = touched(h);
    memset(h->bins + s.from, 0, (size_t)(s.to - s.from) * sizeof *h->bins);
    forget(h);
}

static void add_figures(Hist *dst, const Hist *src)
{
    dst->n += src->n;
    dst->n_over += src->n_over;
    dst->n_censored += src->n_censored;
    dst->censored_min = MIN(dst->censored_min, src->censored_min);
    dst->min = MIN(dst->min, src->min);
    dst->max = MAX(dst->max, src->max);
    dst->sum += src->sum;
    dst->sum_over += src->sum_over;
}

void hist_copy(Hist *dst, const Hist *src)
{
    assert(hist_same_geometry(dst, src));
    if (dst == src)
        return;
    hist_reset(dst);
    Span s = touched(src);
    memcpy(dst->bins + s.from, src->bins + s.from, (size_t)(s.to - s.from) * sizeof *dst->bins);
    add_figures(dst, src);
}

static uint64_t index_lo(const Hist *h, ptrdiff_t i)
{
    ptrdiff_t bucket = (i >> h->half_bits) - 1;
    if (bucket < 0)
        return (uint64_t)i << h->unit_bits;
    uint64_t sub = (uint64_t)(i - (bucket << h->half_bits));
    return sub << (bucket + h->unit_bits);
}

static uint64_t index_hi(const Hist *h, ptrdiff_t i)
{
    return i + 1 < h->n_bins ? index_lo(h, i + 1) - 1 : h->limit;
}

uint64_t hist_bin_lo(const Hist *h, uint64_t value)
{
    assert(value <= h->limit);
    return index_lo(h, hist_index(h, value));
}

uint64_t hist_bin_hi(const Hist *h, uint64_t value)
{
    assert(value <= h->limit);
    return index_hi(h, hist_index(h, value));
}

static uint64_t clamp_u64(uint64_t v, uint64_t lo, uint64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* Bins of another layout: what falls beyond dst's range becomes part of n_over there. */
static void add_foreign_bins(Hist *dst, const Hist *src)
{
    Span s = touched(src);
    for (ptrdiff_t i = s.from; i < s.to; i++) {
        uint64_t count = src->bins[i];
        if (!count)
            continue;
        uint64_t value = clamp_u64(index_hi(src, i), src->min, src->max);
        if (value <= dst->limit) {
            dst->bins[hist_index(dst, value)] += count;
        } else {
            dst->n_over += count;
            dst->sum_over += (unsigned __int128)value * count;
        }
    }
}

void hist_add(Hist *dst, const Hist *src)
{
    assert(dst != src);
    if (src->n == 0)
        return;
    if (hist_same_geometry(dst, src)) {
        Span s = touched(src);
        for (ptrdiff_t i = s.from; i < s.to; i++)
            dst->bins[i] += src->bins[i];
    } else {
        add_foreign_bins(dst, src);
    }
    add_figures(dst, src);
}

double hist_mean(const Hist *h)
{
    return h->n ? (double)h->sum / (double)h->n : (double)NAN;
}

double hist_stddev(const Hist *h)
{
    if (h->n < 2)
        return (double)NAN;
    double mean = hist_mean(h), squares = 0;
    Span s = touched(h);
    for (ptrdiff_t i = s.from; i < s.to; i++) {
        if (!h->bins[i])
            continue;
        double lo = (double)MAX(index_lo(h, i), h->min), hi = (double)MIN(index_hi(h, i), h->max);
        double d = (lo + hi) / 2 - mean;
        squares += d * d * (double)h->bins[i];
    }
    if (h->n_over) {
        double d = (double)h->sum_over / (double)h->n_over - mean;
        squares += d * d * (double)h->n_over;
    }
    /* One value only: its mean is exact up to the division's rounding, which is no spread. */
    return h->min == h->max ? 0 : sqrt(squares / (double)(h->n - 1));
}

/* Bin that holds the rank, or -1 when it lies among the values above the range. */
static ptrdiff_t index_of_rank(const Hist *h, uint64_t rank)
{
    Span s = touched(h);
    uint64_t seen = 0;
    for (ptrdiff_t i = s.from; i < s.to; i++) {
        seen += h->bins[i];
        if (seen >= rank)
            return i;
    }
    return -1;
}

uint64_t hist_value_at_rank(const Hist *h, uint64_t rank)
{
    assert(rank >= 1 && rank <= h->n);
    if (rank == 1)
        return h->min;
    if (rank == h->n)
        return h->max;
    ptrdiff_t i = index_of_rank(h, rank);
    return i < 0 ? h->max : clamp_u64(index_hi(h, i), h->min, h->max);
}

uint64_t hist_value_at_rank_lo(const Hist *h, uint64_t rank)
{
    assert(rank >= 1 && rank <= h->n);
    if (rank == 1)
        return h->min;
    if (rank == h->n)
        return h->max;
    ptrdiff_t i = index_of_rank(h, rank);
    return clamp_u64(i < 0 ? h->limit + 1 : index_lo(h, i), h->min, h->max);
}

uint64_t hist_rank(uint64_t n, double q)
{
    assert(n > 0);
    assert(q >= 0 && q <= 1);
    /* 0.07 * 100 is 7.000000000000001: without the slack that would be rank 8. */
    double r = ceil(q * (double)n * (1 - 4 * DBL_EPSILON));
    if (r < 1)
        return 1;
    return r >= (double)n ? n : (uint64_t)r;
}

int hist_quantile_ns(const Hist *h, double q, uint64_t *ret_ns)
{
    if (!(q >= 0 && q <= 1))
        return -EINVAL;
    if (h->n == 0)
        return HIST_EMPTY;
    *ret_ns = q >= 1 ? h->max : q <= 0 ? h->min : hist_value_at_rank(h, hist_rank(h->n, q));
    return 0;
}

double hist_quantile(const Hist *h, double q)
{
    uint64_t ns;
    return hist_quantile_ns(h, q, &ns) == 0 ? (double)ns : (double)NAN;
}

bool hist_quantile_is_bound(const Hist *h, double q)
{
    uint64_t ns;
    return h->n_censored && hist_quantile_ns(h, q, &ns) == 0 && ns >= h->censored_min;
}

uint64_t hist_count_at_or_below(const Hist *h, uint64_t value)
{
    if (value >= h->max)
        return h->n;
    if (value < h->min)
        return 0;
    Span s = touched(h);
    ptrdiff_t last = hist_index(h, MIN(value, h->limit));
    uint64_t count = 0;
    for (ptrdiff_t i = s.from; i <= last && i < s.to; i++)
        count += h->bins[i];
    return count;
}

HistIter hist_iter(const Hist *h)
{
    Span s = touched(h);
    return (HistIter){ .h = h, .at = s.from, .end = s.to, .over_left = h->n_over > 0 };
}

bool hist_next(HistIter *it, HistBin *ret)
{
    const Hist *h = it->h;
    while (it->at < it->end) {
        ptrdiff_t i = it->at++;
        if (!h->bins[i])
            continue;
        *ret = (HistBin){ index_lo(h, i), index_hi(h, i), h->bins[i] };
        return true;
    }
    if (!it->over_left)
        return false;
    it->over_left = false;
    *ret = (HistBin){ h->limit + 1, h->max, h->n_over };
    return true;
}

static unsigned __int128 join(uint64_t hi, uint64_t lo)
{
    return (unsigned __int128)hi << 64 | lo;
}

HistExact hist_exact(const Hist *h)
{
    return (HistExact){
        .n_over = h->n_over,
        .n_censored = h->n_censored,
        .censored_min = h->censored_min,
        .min = h->min,
        .max = h->max,
        .sum_hi = (uint64_t)(h->sum >> 64),
        .sum_lo = (uint64_t)h->sum,
        .sum_over_hi = (uint64_t)(h->sum_over >> 64),
        .sum_over_lo = (uint64_t)h->sum_over,
    };
}

/* Bins and figures belong together when the outer bins are those of min and max. */
static bool fits(const Hist *h, const HistExact *x)
{
    uint64_t n_binned = h->n - h->n_over, n = n_binned + x->n_over;
    if (n == 0 || n < n_binned || x->n_censored > n)
        return n == 0 && x->n_censored == 0;
    if (x->min > x->max || (x->max > h->limit) != (x->n_over > 0))
        return false;
    if (x->n_censored ? x->censored_min < x->min || x->censored_min > x->max
                      : x->censored_min != UINT64_MAX)
        return false;
    unsigned __int128 sum = join(x->sum_hi, x->sum_lo);
    if (sum < (unsigned __int128)x->min * n || sum > (unsigned __int128)x->max * n ||
        join(x->sum_over_hi, x->sum_over_lo) > sum)
        return false;
    if (n_binned == 0)
        return x->min > h->limit;
    Span s = touched(h);
    return x->min <= h->limit && hist_index(h, x->min) == s.from &&
           (x->n_over || hist_index(h, x->max) == s.to - 1);
}

int hist_set_exact(Hist *h, const HistExact *x, Err *err)
{
    if (!fits(h, x))
        return err_set(err, -EINVAL, "exact figures (min %llu, max %llu) belong to other bins",
                       (unsigned long long)x->min, (unsigned long long)x->max);
    h->n += x->n_over - h->n_over;
    if (h->n == 0)
        return 0;
    h->n_over = x->n_over;
    h->n_censored = x->n_censored;
    h->censored_min = x->censored_min;
    h->min = x->min;
    h->max = x->max;
    h->sum = join(x->sum_hi, x->sum_lo);
    h->sum_over = join(x->sum_over_hi, x->sum_over_lo);
    return 0;
}

void hist_settle(Hist *h, ptrdiff_t end)
{
    assert(end >= 0 && end <= h->n_bins);
    forget(h);
    for (ptrdiff_t i = 0; i < end; i++) {
        uint64_t count = h->bins[i];
        if (!count)
            continue;
        uint64_t lo = index_lo(h, i), hi = index_hi(h, i);
        h->n += count;
        h->sum += (unsigned __int128)(lo + (hi - lo) / 2) * count;
        h->min = MIN(h->min, lo);
        h->max = hi;
    }
}
