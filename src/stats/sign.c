#include "stats/sign.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/special.h"

/* P(at most k of n fair coins fall on this side). */
static double tail(ptrdiff_t k, ptrdiff_t n)
{
    return k >= n ? 1 : binom_cdf(k, n, 0.5);
}

SignTest sign_test_counts(ptrdiff_t n_above, ptrdiff_t n_below, ptrdiff_t n_equal, SignTies ties)
{
    assert(n_above >= 0 && n_below >= 0 && n_equal >= 0);
    ptrdiff_t against = ties == SIGN_TIES_AGAINST ? n_equal : 0;
    ptrdiff_t n = n_above + n_below + against;
    SignTest t = { .n_above = n_above, .n_below = n_below, .n_equal = n_equal };
    t.p_greater = tail(n_below + against, n);
    t.p_less = tail(n_above + against, n);
    t.p = fmin(1, 2 * fmin(t.p_greater, t.p_less));
    return t;
}

SignTest sign_test(const double *x, ptrdiff_t n, double mu, SignTies ties)
{
    ptrdiff_t above = 0, below = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        assert(!isnan(x[i]));
        above += x[i] > mu;
        below += x[i] < mu;
    }
    return sign_test_counts(above, below, n - above - below, ties);
}

static int check_paired(const double *x, ptrdiff_t n, double level, double margin, Err *err)
{
    if (n < 0)
        return err_set(err, -EINVAL, "%td paired ratios", n);
    if (!(level > 0 && level < 1))
        return err_set(err, -EINVAL, "confidence level %g: want a fraction between 0 and 1", level);
    if (!(margin >= 0))
        return err_set(err, -EINVAL, "smallest effect of interest %g: want 0 or more", margin);
    for (ptrdiff_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return err_set(err, -EINVAL, "round %td of %td has no ratio", i + 1, n);
    return 0;
}

int sign_paired(const double *log_ratio, ptrdiff_t n, double level, double margin, SignPaired *ret,
                Err *err)
{
    TRY(check_paired(log_ratio, n, level, margin, err));
    double *sorted = malloc((size_t)MAX(n, (ptrdiff_t)1) * sizeof *sorted);
    if (!sorted)
        return err_set(err, -ENOMEM, "out of memory for %td ratios", n);
    if (n)
        memcpy(sorted, log_ratio, (size_t)n * sizeof *sorted);
    sort_doubles(sorted, n);
    Interval ci = quantile_interval(sorted, n, 0.5, level);
    /* Beyond the margin on one side or the other: a two-sided claim made of two one-sided ones. */
    double above = sign_test(sorted, n, margin, SIGN_TIES_AGAINST).p_greater;
    double below = sign_test(sorted, n, -margin, SIGN_TIES_AGAINST).p_less;
    *ret = (SignPaired){
        .n = n,
        .median = median_sorted(sorted, n),
        .low = ci.low,
        .high = ci.high,
        .coverage = ci.coverage,
        .p = sign_test(sorted, n, 0, SIGN_TIES_AGAINST).p,
        .p_beyond = fmin(1, 2 * fmin(above, below)),
    };
    free(sorted);
    return 0;
}

ptrdiff_t sign_rounds_needed(double level)
{
    assert(level > 0 && level < 1);
    ptrdiff_t n = 1;
    while (quantile_rank_interval(n, 0.5, level).lo < 1)
        n++;
    return n;
}
