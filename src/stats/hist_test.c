#include "stats/hist.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/str.h"
#include "tap.h"

static Hist *new_hist(void)
{
    Hist *h;
    Err err;
    if (hist_new(&h, &err) < 0)
        abort();
    return h;
}

static void test_geometry(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist();
    CHECK_INT(h->n_bins, 33 * 1024, "32 buckets of 1024 and the first half");
    CHECK(h->limit == (UINT64_C(1) << 42) - 1 && h->limit >= HIST_HIGHEST_NS, "an hour fits");
    bool joined = true, rising = true;
    uint64_t prev_hi = 0;
    for (uint64_t v = 1; v < h->limit; v = hist_bin_hi(h, v) + 1) {
        joined &= hist_bin_lo(h, v) == prev_hi + 1;
        rising &= hist_index(h, v) == hist_index(h, prev_hi) + 1;
        joined &= hist_index(h, hist_bin_hi(h, v)) == hist_index(h, v);
        prev_hi = hist_bin_hi(h, v);
    }
    CHECK(joined, "bins join without gap or overlap");
    CHECK(rising, "each next bin has the next index");
    CHECK(prev_hi == h->limit && hist_index(h, h->limit) == h->n_bins - 1, "up to the limit");
}

static void test_new_range(void)
{
    static const struct {
        uint64_t lowest, highest;
        int digits;
        int want;
        ptrdiff_t n_bins;
        const char *why;
    } t[] = {
        { 1, 3600000000, 3, 0, 23552, "an hour of microseconds: HdrHistogram's textbook size" },
        { 1, INT64_MAX, 3, 0, 54 * 1024, "all positive 63-bit values" },
        { 1000, HIST_HIGHEST_NS, 2, 0, 27 * 128, "units of 512 ns: buckets up to 2^42" },
        { 1, INT64_MAX, 5, 0, 47 * 131072, "five digits over everything" },
        { 1, 2, 1, 0, 32, "smallest useful" },
        { 0, 100, 3, -EINVAL, 0, "0 is no resolution" },
        { 10, 19, 3, -EINVAL, 0, "less than a factor 2" },
        { 1, (uint64_t)INT64_MAX + 1, 3, -EINVAL, 0, "beyond 63 bits" },
        { 1, 100, 0, -EINVAL, 0, "no digits" },
        { 1, 100, 6, -EINVAL, 0, "too many digits" },
        { UINT64_C(1) << 52, INT64_MAX, 3, -EINVAL, 0, "no room for sub-buckets" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        CLEANUP(hist_freep) Hist *h = NULL;
        Err err = { 0 };
        int r = hist_new_range(&h, t[i].lowest, t[i].highest, t[i].digits, &err);
        CHECK_INT(r, t[i].want, "%s", t[i].why);
        if (r == 0)
            CHECK_INT(h->n_bins, t[i].n_bins, "bins of: %s", t[i].why);
        else
            CHECK(h == NULL && err.code == r && err.msg[0], "says why: %s", err.msg);
    }
}

static void test_empty(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist();
    uint64_t v = 7;
    HistIter it = hist_iter(h);
    HistBin b;
    CHECK_INT(hist_quantile_ns(h, .5, &v), HIST_EMPTY, "empty has no quantile");
    CHECK(v == 7, "and leaves the output alone");
    CHECK(isnan(hist_quantile(h, .5)) && isnan(hist_mean(h)) && isnan(hist_stddev(h)), "NaN");
    CHECK(!hist_next(&it, &b), "no bins");
    CHECK(hist_count_at_or_below(h, 5) == 0, "nothing below");
    hist_record(h, 0);
    CHECK(h->min == 0 && h->max == 0 && hist_quantile(h, 1) == 0, "0 is a value");
    CHECK_INT(hist_quantile_ns(h, 1.01, &v), -EINVAL, "q above 1");
    CHECK_INT(hist_quantile_ns(h, (double)NAN, &v), -EINVAL, "q not a number");
}

static void test_exact_figures(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist();
    hist_record(h, 1000003);
    hist_record(h, 3000017);
    hist_record_n(h, 2000029, 2);
    CHECK(h->min == 1000003 && h->max == 3000017 && h->n == 4, "min, max, n");
    CHECK_NEAR(hist_mean(h), (1000003 + 3000017 + 2 * 2000029.) / 4, 0, "mean is exact");
    CHECK_NEAR(hist_stddev(h), 816503., 816503 * 1e-3, "stddev within bin precision");
    CHECK(hist_quantile(h, 0) == 1000003 && hist_quantile(h, 1) == 3000017, "q = 0 and q = 1");
    CHECK(hist_quantile(h, .99) <= 3000017, "p99 is not above max");
    hist_reset(h);
    hist_record_n(h, 1000003, 5);
    CHECK(hist_stddev(h) == 0, "equal values have no spread although their bin is wide");
    hist_record_n(h, 5, 0);
    CHECK(h->min == 1000003 && h->n == 5, "no times a value is nothing");
}

static void test_rank(void)
{
    static const struct {
        uint64_t n;
        double q;
        uint64_t want;
    } t[] = {
        { 100, .07, 7 },
        { 100, .99, 99 },
        { 100, .991, 100 },
        { 1, .5, 1 },
        { 2, .5, 1 },
        { 3, .5, 2 },
        { 10, 0, 1 },
        { 10, 1, 10 },
        { 1000, .29, 290 },
        { 1000, .999, 999 },
        { 1000000000, .99999, 999990000 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++)
        CHECK_INT(hist_rank(t[i].n, t[i].q), t[i].want, "rank of %g in %llu", t[i].q,
                  (unsigned long long)t[i].n);
}

static void test_over(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist();
    uint64_t day = UINT64_C(86400) * NS_PER_S;
    hist_record_n(h, 1000, 98);
    hist_record(h, day);
    hist_record(h, 2 * day);
    CHECK(h->n == 100 && h->n_over == 2 && h->max == 2 * day, "counted, true maximum kept");
    CHECK_NEAR(hist_mean(h), (98. * 1000 + 3. * (double)day) / 100, 1e-2, "mean is true");
    CHECK(hist_quantile(h, .98) == 1000 && hist_quantile(h, 1) == 2. * (double)day, "quantiles");
    CHECK(hist_quantile(h, .99) == 2. * (double)day, "a rank among them: an upper bound");
    CHECK(hist_value_at_rank_lo(h, 99) == h->limit + 1, "and a lower one");
    CHECK(hist_count_at_or_below(h, h->limit) == 98, "not below the limit");
    CHECK(hist_count_at_or_below(h, 2 * day) == 100, "all at the maximum");
    HistIter it = hist_iter(h);
    HistBin b = { 0 };
    CHECK(hist_next(&it, &b) && b.count == 98 && b.lo <= 1000 && b.hi >= 1000, "a bin");
    CHECK(hist_next(&it, &b) && b.count == 2 && b.lo == h->limit + 1 && b.hi == 2 * day, "over");
    CHECK(!hist_next(&it, &b), "end");
    CLEANUP(hist_freep) Hist *only = new_hist();
    hist_record(only, UINT64_MAX);
    CHECK(only->n_over == 1 && hist_quantile(only, .5) == (double)UINT64_MAX, "only over");
    hist_reset(only);
    CHECK(only->n == 0 && only->n_over == 0 && only->sum == 0, "reset");
}

static void test_censored(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist();
    for (uint64_t i = 1; i <= 90; i++)
        hist_record(h, i * NS_PER_MS);
    for (int i = 0; i < 10; i++)
        hist_record_censored(h, 80 * NS_PER_MS);
    CHECK(h->n == 100 && h->n_censored == 10, "in the distribution and counted");
    CHECK(!hist_quantile_is_bound(h, .5), "the median lies below every bound: exact");
    CHECK(!hist_quantile_is_bound(h, .79), "so does p79");
    CHECK(hist_quantile_is_bound(h, .85), "what stood at 80 ms may lie above");
    CHECK(hist_quantile_is_bound(h, .99) && hist_quantile_is_bound(h, 1), "and all beyond");
    CLEANUP(hist_freep) Hist *sum = new_hist();
    hist_add(sum, h);
    CHECK(sum->n_censored == 10 && sum->censored_min == 80 * NS_PER_MS, "merging keeps them");
}

/* Laws that latencies follow and some that they should not. */
static double draw(Rng *r, int law)
{
    switch (law) {
    case 0:
        return 1e3 * (1 + 99 * rng_f64(r));
    case 1:
        return 50e3 * rng_exp(r);
    case 2:
        return 1e6 * exp(rng_normal(r));
    case 3:
        return 1e5 * pow(1 - rng_f64(r), -1 / 1.1); /* Pareto: mean barely finite */
    case 4:
        return rng_f64(r) < .99 ? 1e6 : 1e8;
    case 5:
        return fabs(4e5 + 3 * rng_normal(r)); /* far narrower than a bin */
    case 6:
        return 300 * rng_f64(r);
    default:
        return exp(log(3e12) * rng_f64(r)); /* log-uniform over the whole range */
    }
}

enum { N_LAWS = 8, N_DRAWS = 50000 };

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void test_against_sorted(void)
{
    static const double qs[] = { 0, .001, .01, .1, .25, .5, .75, .9, .95, .99, .999, .9999, 1 };
    static uint64_t v[N_DRAWS];
    CLEANUP(hist_freep) Hist *h = new_hist();
    for (int law = 0; law < N_LAWS; law++) {
        Rng r = rng_new(1, "laws", (uint64_t)law);
        hist_reset(h);
        for (int i = 0; i < N_DRAWS; i++)
            hist_record(h, v[i] = (uint64_t)fmin(draw(&r, law), 4e12));
        qsort(v, N_DRAWS, sizeof *v, by_value);
        double worst = 0;
        bool never_below = true;
        for (ptrdiff_t i = 0; i < ARRAY_LEN(qs); i++) {
            double want = (double)v[hist_rank(N_DRAWS, qs[i]) - 1], got = hist_quantile(h, qs[i]);
            never_below &= got >= want;
            worst = fmax(worst, (got - want) / fmax(want, 1));
        }
        CHECK(worst <= 1e-3, "law %d: within 0.1 %% of sorted samples (worst %.4f %%)", law,
              100 * worst);
        CHECK(never_below, "law %d: never below", law);
        CHECK(h->min == v[0] && h->max == v[N_DRAWS - 1], "law %d: ends exact", law);
        uint64_t at = v[N_DRAWS / 3], edge = hist_bin_hi(h, at), want = 0;
        for (int i = 0; i < N_DRAWS; i++)
            want += v[i] <= edge;
        CHECK_INT(hist_count_at_or_below(h, at), want, "law %d: count at or below", law);
    }
}

static bool same_content(const Hist *a, const Hist *b)
{
    return hist_same_geometry(a, b) && a->n == b->n && a->n_over == b->n_over &&
           a->n_censored == b->n_censored && a->min == b->min && a->max == b->max &&
           a->sum == b->sum && a->sum_over == b->sum_over &&
           memcmp(a->bins, b->bins, (size_t)a->n_bins * sizeof *a->bins) == 0;
}

static void test_merge(void)
{
    CLEANUP(hist_freep) Hist *all = new_hist(), *sum = new_hist(), *part = new_hist();
    Rng r = rng_new(2, "merge", 0);
    for (int k = 0; k < 20; k++) {
        hist_reset(part);
        for (int i = 0; i < 500; i++) {
            uint64_t v = (uint64_t)(draw(&r, k % N_LAWS) * (i % 100 ? 1 : 1e4));
            hist_record(all, v);
            hist_record(part, v);
        }
        hist_record_censored(all, 77);
        hist_record_censored(part, 77);
        hist_add(sum, part);
    }
    CHECK(all->n_over > 0, "some above the range");
    CHECK(same_content(all, sum), "merging equals recording all");
    hist_copy(part, sum);
    CHECK(same_content(part, sum), "a copy is equal");
    hist_reset(part);
    CLEANUP(hist_freep) Hist *fresh = new_hist();
    CHECK(same_content(part, fresh), "reset leaves nothing behind");
}

static void test_merge_other_geometry(void)
{
    CLEANUP(hist_freep) Hist *coarse = NULL, *fine = new_hist();
    Err err;
    if (hist_new_range(&coarse, 1000, NS_PER_S, 2, &err) < 0)
        abort();
    for (uint64_t i = 1; i <= 1000; i++)
        hist_record(fine, i * 2 * NS_PER_MS);
    hist_add(coarse, fine);
    CHECK(coarse->n == 1000 && coarse->max == 2 * NS_PER_S && coarse->sum == fine->sum, "figures");
    uint64_t binned = 0;
    for (ptrdiff_t i = 0; i < coarse->n_bins; i++)
        binned += coarse->bins[i];
    CHECK(coarse->n_over > 0 && binned + coarse->n_over == 1000, "what lies beyond is counted");
    CHECK_NEAR(hist_quantile(coarse, .25), 500e6, 500e6 * 1.1e-2, "quantile at coarser precision");
    CLEANUP(hist_freep) Hist *back = new_hist();
    hist_add(back, coarse);
    CHECK(back->n == 1000 && back->n_over == coarse->n_over, "over stays over");
}

static void test_exact(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist(), *bins = new_hist();
    Err err;
    hist_record(h, 1000003);
    hist_record(h, 2000029);
    hist_record_censored(h, UINT64_C(1) << 50);
    HistExact x = hist_exact(h);
    for (ptrdiff_t i = 0; i < h->n_bins; i++)
        bins->bins[i] = h->bins[i];
    hist_settle(bins, bins->n_bins);
    CHECK(bins->n == 2 && bins->min <= 1000003 && bins->max >= 2000029, "settled from bins");
    CHECK_INT(hist_set_exact(bins, &x, &err), 0, "exact figures put back");
    CHECK(same_content(h, bins) && bins->censored_min == h->censored_min, "all is as it was");
    x.min = 5;
    CHECK_INT(hist_set_exact(bins, &x, &err), -EINVAL, "a minimum outside the first bin");
    x = hist_exact(h);
    x.sum_lo = 1;
    CHECK_INT(hist_set_exact(bins, &x, &err), -EINVAL, "a sum that cannot be");
    x = hist_exact(h);
    x.n_over = 0;
    CHECK_INT(hist_set_exact(bins, &x, &err), -EINVAL, "a maximum beyond without a count");
    CHECK(same_content(h, bins), "refusals change nothing");
}

static void test_walk(void)
{
    CLEANUP(hist_freep) Hist *h = new_hist();
    Rng r = rng_new(3, "walk", 0);
    for (int i = 0; i < 10000; i++)
        hist_record(h, (uint64_t)draw(&r, 7));
    uint64_t n = 0, last_hi = 0;
    bool rising = true;
    HistBin b;
    for (HistIter it = hist_iter(h); hist_next(&it, &b);) {
        rising &= b.lo <= b.hi && (n == 0 || b.lo > last_hi) && b.count > 0;
        last_hi = b.hi;
        n += b.count;
    }
    CHECK(rising && n == h->n, "bins rise and add up to n");
    bool brackets = true;
    for (uint64_t rank = 1; rank <= h->n; rank += 97)
        brackets &= hist_value_at_rank_lo(h, rank) <= hist_value_at_rank(h, rank);
    CHECK(brackets, "the two ends of a rank");
}

/* Pages of this process in memory. */
static long resident_pages(void)
{
    char line[128] = "";
    FILE *f = fopen("/proc/self/statm", "re");
    bool read = f && fgets(line, sizeof line, f);
    if (f)
        fclose(f);
    Str rest = str(line), size, resident;
    uint64_t n = 0;
    bool good = read && str_cut(&rest, ' ', &size) && str_cut(&rest, ' ', &resident) &&
                str_to_u64(resident, &n) == 0;
    return good ? (long)n : 0;
}

/* A hundred trials keep a hundred histograms: 26 MiB if every bin had its memory. */
static void test_memory(void)
{
    enum { MANY = 100 };
    Hist *all[MANY];
    Hist *used = new_hist(); /* the heap has pages that were used and given back */
    hist_free(used);
    long before = resident_pages();
    for (int i = 0; i < MANY; i++) {
        all[i] = new_hist();
        for (uint64_t v = 1000000; v < 4000000; v += 1000)
            hist_record(all[i], v);
    }
    long kib = (resident_pages() - before) * (sysconf(_SC_PAGESIZE) / 1024);
    CHECK(before == 0 || kib < MANY * 80, "only what is touched costs memory (%ld KiB)", kib);
    for (int i = 0; i < MANY; i++)
        hist_free(all[i]);
}

int main(void)
{
    test_geometry();
    test_new_range();
    test_empty();
    test_exact_figures();
    test_rank();
    test_over();
    test_censored();
    test_against_sorted();
    test_merge();
    test_merge_other_geometry();
    test_exact();
    test_walk();
    test_memory();
    return tap_done();
}
