/* The exact null distribution is that of the rank sum of k of N midranks, drawn without
 * replacement: ways[c][s] counts the choices of c ranks with sum s and is grown one rank at a time.
 * Midranks are doubled to whole numbers, shifted to start at 0 and halved again when no tie needs
 * the halves. */
#include "stats/rank.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/special.h"

typedef struct Pooled {
    double value;
    bool of_y;
} Pooled;

typedef struct Ranks {
    ptrdiff_t n, m;  /* sizes of x and y */
    int64_t *rank2;  /* owned, [n + m] doubled midranks, rising */
    int64_t sum2_x;  /* doubled rank sum of x */
    double tie_term; /* sum over ties of t^3 - t */
} Ranks;

static void ranks_done(Ranks *r)
{
    free(r->rank2);
}

static int by_pooled_value(const void *a, const void *b)
{
    double x = ((const Pooled *)a)->value, y = ((const Pooled *)b)->value;
    return (x > y) - (x < y);
}

static int check_numbers(const double *x, ptrdiff_t n, Err *err)
{
    assert(n >= 0);
    for (ptrdiff_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return err_set(err, -EINVAL, "sample %td of %td is not a number", i + 1, n);
    return 0;
}

/* Midranks of the sorted pool. */
static void assign_ranks(Ranks *r, const Pooled *pool)
{
    ptrdiff_t total = r->n + r->m;
    for (ptrdiff_t i = 0; i < total;) {
        ptrdiff_t end = i + 1;
        while (end < total && pool[end].value == pool[i].value)
            end++;
        double t = (double)(end - i);
        r->tie_term += t * t * t - t;
        for (ptrdiff_t k = i; k < end; k++) {
            r->rank2[k] = i + 1 + end;
            r->sum2_x += pool[k].of_y ? 0 : r->rank2[k];
        }
        i = end;
    }
}

static int rank_pool(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, Ranks *ret,
                     Err *err)
{
    TRY(check_numbers(x, n, err));
    TRY(check_numbers(y, m, err));
    ptrdiff_t total = MAX(n + m, (ptrdiff_t)1);
    Pooled *pool = calloc((size_t)total, sizeof *pool);
    Ranks r = { .n = n, .m = m, .rank2 = calloc((size_t)total, sizeof *r.rank2) };
    if (!pool || !r.rank2) {
        free(pool);
        ranks_done(&r);
        return err_set(err, -ENOMEM, "out of memory to rank %td samples", n + m);
    }
    for (ptrdiff_t i = 0; i < n; i++)
        pool[i] = (Pooled){ x[i], false };
    for (ptrdiff_t i = 0; i < m; i++)
        pool[n + i] = (Pooled){ y[i], true };
    qsort(pool, (size_t)(n + m), sizeof *pool, by_pooled_value);
    assign_ranks(&r, pool);
    free(pool);
    *ret = r;
    return 0;
}

/* Ranks made small: (rank2 - offset) / step. */
typedef struct Scale {
    int64_t offset, step, sum_max; /* sum_max: of the k largest */
    ptrdiff_t k;                   /* size of the smaller side */
} Scale;

static Scale scale_ranks(const Ranks *r)
{
    ptrdiff_t total = r->n + r->m;
    Scale s = { .offset = r->rank2[0], .step = 2, .k = MIN(r->n, r->m) };
    for (ptrdiff_t i = 0; i < total; i++)
        if ((r->rank2[i] - s.offset) % 2)
            s.step = 1;
    for (ptrdiff_t i = total - s.k; i < total; i++)
        s.sum_max += (r->rank2[i] - s.offset) / s.step;
    return s;
}

static double exact_cost(const Ranks *r)
{
    Scale s = scale_ranks(r);
    return (double)(r->n + r->m) * (double)s.k * (double)(s.sum_max + 1);
}

/* Number of ways to each sum 0 … sum_max of k scaled ranks: a new array, NULL when out of memory.
 */
static double *count_ways(const Ranks *r, const Scale *s)
{
    size_t width = (size_t)s->sum_max + 1;
    double *ways = calloc((size_t)(s->k + 1) * width, sizeof *ways);
    if (!ways)
        return NULL;
    ways[0] = 1;
    int64_t reach = 0; /* largest sum so far of up to k ranks */
    for (ptrdiff_t i = 0; i < r->n + r->m; i++) {
        int64_t rank = (r->rank2[i] - s->offset) / s->step;
        reach = MIN(reach + rank, s->sum_max);
        for (ptrdiff_t c = MIN(i + 1, s->k); c >= 1; c--) {
            double *to = ways + (size_t)c * width;
            const double *from = to - width;
            for (int64_t sum = reach; sum >= rank; sum--)
                to[sum] += from[sum - rank];
        }
    }
    memmove(ways, ways + (size_t)s->k * width, width * sizeof *ways);
    return ways;
}

static void set_tails(RankTest *t, double p_greater, double p_less)
{
    t->p_greater = fmin(1, p_greater);
    t->p_less = fmin(1, p_less);
    t->p = fmin(1, 2 * fmin(p_greater, p_less));
}

static int exact_tails(const Ranks *r, RankTest *t, Err *err)
{
    Scale s = scale_ranks(r);
    double *ways = count_ways(r, &s);
    if (!ways)
        return err_set(err, -ENOMEM, "out of memory for an exact rank test");
    int64_t all2 = 0;
    for (ptrdiff_t i = 0; i < r->n + r->m; i++)
        all2 += r->rank2[i];
    bool small_is_x = r->n <= r->m;
    int64_t sum2 = small_is_x ? r->sum2_x : all2 - r->sum2_x;
    int64_t seen = (sum2 - s.k * s.offset) / s.step;
    double below = 0, above = 0, total = 0;
    for (int64_t sum = 0; sum <= s.sum_max; sum++) {
        total += ways[sum];
        below += sum <= seen ? ways[sum] : 0;
        above += sum >= seen ? ways[sum] : 0;
    }
    free(ways);
    /* y tends to be larger when x has the small ranks. */
    set_tails(t, (small_is_x ? below : above) / total, (small_is_x ? above : below) / total);
    t->exact = true;
    return 0;
}

static void normal_tails(const Ranks *r, RankTest *t)
{
    double n = (double)r->n, m = (double)r->m, total = n + m;
    double var = n * m / 12 * (total + 1 - r->tie_term / (total * (total - 1)));
    double d = t->u - n * m / 2;
    if (!(var > 0)) {
        set_tails(t, 1, 1);
        return;
    }
    double sigma = sqrt(var);
    set_tails(t, norm_sf((d - 0.5) / sigma), norm_sf((-d - 0.5) / sigma));
}

static int set_p(const Ranks *r, RankMethod method, RankTest *t, Err *err)
{
    if (r->n == 0 || r->m == 0) {
        t->exact = true;
        set_tails(t, 1, 1);
        return 0;
    }
    double cost = exact_cost(r);
    if (method == RANK_EXACT && cost > RANK_EXACT_COST_MAX)
        return err_set(err, -E2BIG, "exact rank test of %td against %td samples is too long", r->n,
                       r->m);
    if (method == RANK_EXACT || (method == RANK_AUTO && cost <= RANK_EXACT_COST))
        return exact_tails(r, t, err);
    normal_tails(r, t);
    return 0;
}

int rank_test(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, RankMethod method,
              RankTest *ret, Err *err)
{
    Ranks r = { 0 };
    TRY(rank_pool(x, n, y, m, &r, err));
    double pairs = (double)n * (double)m;
    /* U of x counts pairs with x > y; U of y is the rest. */
    double u_x = (double)r.sum2_x / 2 - (double)n * ((double)n + 1) / 2;
    RankTest t = { .u = pairs - u_x };
    t.effect = pairs > 0 ? t.u / pairs : (double)NAN;
    int result = set_p(&r, method, &t, err);
    ranks_done(&r);
    if (result == 0)
        *ret = t;
    return result;
}

double rank_smallest_p(ptrdiff_t n, ptrdiff_t m)
{
    assert(n >= 0 && m >= 0);
    double ways = 1;
    for (ptrdiff_t i = 1; i <= MIN(n, m); i++)
        ways = ways * (double)(n + m - MIN(n, m) + i) / (double)i;
    return fmin(1, 2 / ways);
}

/* Doubles in the order of integers, so that bisection ends on a value and not on a tolerance. */
static int64_t to_ordered(double v)
{
    int64_t i;
    memcpy(&i, &v, sizeof i);
    return i < 0 ? INT64_MIN - i : i;
}

static double from_ordered(int64_t i)
{
    double v;
    i = i < 0 ? INT64_MIN - i : i;
    memcpy(&v, &i, sizeof v);
    return v;
}

/* Pairs with y - x <= t; both sorted, so the frontier only moves one way. */
static double pairs_at_most(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, double t)
{
    double count = 0;
    ptrdiff_t i = n; /* x[i … n) satisfy y[j] - x <= t */
    for (ptrdiff_t j = m - 1; j >= 0; j--) {
        /* Smaller y: more of the x qualify. */
        while (i > 0 && y[j] - x[i - 1] <= t)
            i--;
        count += (double)(n - i);
    }
    return count;
}

/* The k-th smallest of all y - x, 1 <= k <= n * m: the smallest t that k pairs don't exceed. */
static double kth_difference(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, double k)
{
    int64_t lo = to_ordered(y[0] - x[n - 1]), hi = to_ordered(y[m - 1] - x[0]);
    while (lo < hi) {
        int64_t mid = (lo & hi) + ((lo ^ hi) >> 1);
        if (pairs_at_most(x, n, y, m, from_ordered(mid)) >= k)
            hi = mid;
        else
            lo = mid + 1;
    }
    return from_ordered(lo);
}

/* Largest k with P(U <= k - 1) <= tail under no shift, and that probability. */
typedef struct ShiftRank {
    double k, below;
    bool exact;
} ShiftRank;

static int exact_shift_rank(const Ranks *untied, double tail, ShiftRank *ret, Err *err)
{
    Scale s = scale_ranks(untied);
    double *ways = count_ways(untied, &s);
    if (!ways)
        return err_set(err, -ENOMEM, "out of memory for an exact interval");
    double total = 0, below = 0;
    for (int64_t u = 0; u <= s.sum_max; u++)
        total += ways[u];
    /* The smallest sum of k ranks is that of U = 0. */
    int64_t least = (int64_t)s.k * (s.k - 1) / 2, u = least;
    double slack = 1e-12 * tail; /* a level that is met exactly is met */
    while (u <= s.sum_max && (below + ways[u]) / total <= tail + slack)
        below += ways[u++];
    free(ways);
    *ret = (ShiftRank){ .k = (double)(u - least), .below = below / total, .exact = true };
    return 0;
}

static ShiftRank normal_shift_rank(ptrdiff_t n, ptrdiff_t m, double tail)
{
    double pairs = (double)n * (double)m, sigma = sqrt(pairs * (double)(n + m + 1) / 12);
    double k = floor(pairs / 2 + norm_quantile(tail) * sigma + 0.5);
    k = fmax(0, k);
    return (ShiftRank){ .k = k, .below = k > 0 ? norm_cdf((k - 0.5 - pairs / 2) / sigma) : 0 };
}

/* The interval uses the distribution without ties: with ties it only gets wider than needed. */
static int find_shift_rank(ptrdiff_t n, ptrdiff_t m, double tail, ShiftRank *ret, Err *err)
{
    Ranks r = { .n = n, .m = m, .rank2 = calloc((size_t)(n + m), sizeof *r.rank2) };
    if (!r.rank2)
        return err_set(err, -ENOMEM, "out of memory to rank %td samples", n + m);
    for (ptrdiff_t i = 0; i < n + m; i++)
        r.rank2[i] = 2 * (i + 1);
    int result = 0;
    if (exact_cost(&r) <= RANK_EXACT_COST)
        result = exact_shift_rank(&r, tail, ret, err);
    else
        *ret = normal_shift_rank(n, m, tail);
    ranks_done(&r);
    return result;
}

static int shift_of_sorted(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, double level,
                           RankShift *ret, Err *err)
{
    ShiftRank at = { 0 };
    TRY(find_shift_rank(n, m, (1 - level) / 2, &at, err));
    double pairs = (double)n * (double)m;
    double a = kth_difference(x, n, y, m, floor((pairs + 1) / 2));
    double b = kth_difference(x, n, y, m, floor(pairs / 2) + 1);
    *ret = (RankShift){
        .shift = a < b ? a / 2 + b / 2 : a,
        .low = at.k >= 1 ? kth_difference(x, n, y, m, at.k) : -HUGE_VAL,
        .high = at.k >= 1 ? kth_difference(x, n, y, m, pairs + 1 - at.k) : HUGE_VAL,
        .coverage = 1 - 2 * at.below,
        .exact = at.exact,
    };
    return 0;
}

int rank_shift(const double *x, ptrdiff_t n, const double *y, ptrdiff_t m, double level,
               RankShift *ret, Err *err)
{
    if (!(level > 0 && level < 1))
        return err_set(err, -EINVAL, "confidence level %g: want a fraction between 0 and 1", level);
    TRY(check_numbers(x, n, err));
    TRY(check_numbers(y, m, err));
    for (ptrdiff_t i = 0; i < n + m; i++)
        if (isinf(i < n ? x[i] : y[i - n]))
            return err_set(err, -EINVAL, "an infinite sample has no shift");
    if (n == 0 || m == 0) {
        *ret = (RankShift){
            .shift = (double)NAN, .low = -HUGE_VAL, .high = HUGE_VAL, .coverage = 1, .exact = true
        };
        return 0;
    }
    double *sorted = malloc((size_t)(n + m) * sizeof *sorted);
    if (!sorted)
        return err_set(err, -ENOMEM, "out of memory to rank %td samples", n + m);
    memcpy(sorted, x, (size_t)n * sizeof *x);
    memcpy(sorted + n, y, (size_t)m * sizeof *y);
    sort_doubles(sorted, n);
    sort_doubles(sorted + n, m);
    int result = shift_of_sorted(sorted, n, sorted + n, m, level, ret, err);
    free(sorted);
    return result;
}
