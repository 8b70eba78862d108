#include "judge/interval.h"

#include <math.h>

#include "stats/power.h"
#include "stats/quantile.h"
#include "stats/rank.h"
#include "stats/sign.h"

static double margin_of(const JudgeOpts *o)
{
    return log1p(o->min_effect);
}

/* Spread of one trial's log ratio: pairs carry it themselves; independent sides add theirs up. */
static double sigma_of(Evidence *e)
{
    if (e->paired) {
        sort_doubles(e->log_ratio, e->n); /* pairs are formed: their order has done its work */
        return power_robust_sigma(e->log_ratio, e->n);
    }
    double a = power_robust_sigma(e->log_a, e->n_a), b = power_robust_sigma(e->log_b, e->n_b);
    return sqrt(a * a + b * b);
}

/* How far the estimate stands from the nearest border of a verdict; a quarter of the smallest
 * effect at least, since an estimate right on the border would need rounds without end. */
static double distance_to_border(double log_ratio, double margin)
{
    return MAX(fabs(fabs(log_ratio) - margin), margin / 4);
}

/* What this evidence can see, and how much more would settle it. */
void interval_power(const JudgeOpts *o, Evidence *e, CompareRow *row, double level)
{
    enum { ROUNDS_ABSURD = 10000 };
    double margin = margin_of(o), log_ratio = log(row->ratio), sigma = sigma_of(e);
    if (!isfinite(sigma) || !isfinite(log_ratio))
        return;
    row->mde = expm1(margin + power_smallest_effect(sigma, row->n, level, POWER_DEFAULT));
    double more = (double)power_more_rounds(sigma, row->n, distance_to_border(log_ratio, margin),
                                            level, POWER_DEFAULT);
    row->rounds_more = more > ROUNDS_ABSURD ? (double)NAN : MAX(1.0, more);
}

static void set_interval(CompareRow *row, double mid, double low, double high)
{
    row->ratio = exp(mid);
    row->ratio_low = exp(low);
    row->ratio_high = exp(high);
}

/* Of an interval that is to hold over all looks, what it takes at this one. */
static int level_now(const Evidence *e, double level, double *ret, Err *err)
{
    static const double SUREST = 1 - 1e-15;
    double nominal = 1 - level;
    if (e->looks)
        TRY(groupseq_nominal(e->looks, 1 - level, &nominal, err));
    *ret = MIN(1 - nominal, SUREST);
    return 0;
}

static int paired_first(const JudgeOpts *o, Evidence *e, CompareRow *row, Err *err)
{
    SignPaired s;
    TRY(sign_paired(e->log_ratio, e->n, o->confidence, margin_of(o), &s, err));
    row->method = "paired sign test";
    row->n = e->n;
    row->p = s.p;
    e->p_beyond = s.p_beyond;
    if (e->looks) {
        TRY(groupseq_p(e->looks, s.p, &row->p, err));
        TRY(groupseq_p(e->looks, s.p_beyond, &e->p_beyond, err));
    }
    set_interval(row, s.median, s.low, s.high);
    return 0;
}

/* p against "the shift lies within the margin": the nearer border decides. */
static int unpaired_beyond(const JudgeOpts *o, Evidence *e, Err *err)
{
    double margin = margin_of(o);
    RankTest above, below;
    for (ptrdiff_t i = 0; i < e->n_b; i++)
        e->log_b[i] -= margin;
    int r = rank_test(e->log_a, e->n_a, e->log_b, e->n_b, RANK_AUTO, &above, err);
    for (ptrdiff_t i = 0; i < e->n_b; i++)
        e->log_b[i] += 2 * margin;
    if (r == 0)
        r = rank_test(e->log_a, e->n_a, e->log_b, e->n_b, RANK_AUTO, &below, err);
    for (ptrdiff_t i = 0; i < e->n_b; i++)
        e->log_b[i] -= margin;
    if (r == 0)
        e->p_beyond = MIN(1.0, 2 * MIN(above.p_greater, below.p_less));
    return r;
}

static int unpaired_first(const JudgeOpts *o, Evidence *e, CompareRow *row, Err *err)
{
    RankTest t;
    TRY(rank_test(e->log_a, e->n_a, e->log_b, e->n_b, RANK_AUTO, &t, err));
    TRY(unpaired_beyond(o, e, err));
    row->method = t.exact ? "Mann-Whitney (exact)" : "Mann-Whitney";
    row->n = MIN(e->n_a, e->n_b);
    row->p = t.p;
    TRY(interval_at(o, e, row, o->confidence, err));
    return 0;
}

/* Is the ratio the same whichever runs one takes? *ret_log is it. */
static bool is_one_ratio(const Evidence *e, double *ret_log)
{
    *ret_log = e->paired ? e->log_ratio[0] : e->log_b[0] - e->log_a[0];
    if (!e->paired)
        return e->log_a[0] == e->log_a[e->n_a - 1] && e->log_b[0] == e->log_b[e->n_b - 1];
    for (ptrdiff_t i = 1; i < e->n; i++)
        if (e->log_ratio[i] != e->log_ratio[0])
            return false;
    return true;
}

/* There is nothing to test, and nothing to correct for: a count that repeats exactly, and did; or
 * both sides always the same, such as no errors at all, where what was seen once shows no constant.
 */
static bool settled_first(const Evidence *e, CompareRow *row)
{
    double log_ratio;
    ptrdiff_t n = e->paired ? e->n : MIN(e->n_a, e->n_b);
    if (!is_one_ratio(e, &log_ratio) || !(e->exact || (log_ratio == 0 && n >= 2)))
        return false;
    row->method = e->exact ? "exact count" : "constant";
    row->n = n;
    set_interval(row, log_ratio, log_ratio, log_ratio);
    return true;
}

ptrdiff_t interval_least_n(const Evidence *e, double level)
{
    if (e->paired)
        return sign_rounds_needed(level);
    ptrdiff_t n = 1;
    while (n < 1000 && rank_smallest_p(n, n) > 1 - level)
        n++;
    return n;
}

bool interval_can_tell(const Evidence *e, double level)
{
    double now;
    if (e->paired)
        return level_now(e, level, &now, NULL) == 0 && e->n >= sign_rounds_needed(now);
    return rank_smallest_p(e->n_a, e->n_b) <= 1 - level;
}

int interval_first(const JudgeOpts *o, Evidence *e, CompareRow *row, Err *err)
{
    e->p_beyond = (double)NAN;
    row->method = "none";
    if (e->paired ? e->n == 0 : e->n_a == 0 || e->n_b == 0)
        return 0;
    if (settled_first(e, row))
        return 0;
    return e->paired ? paired_first(o, e, row, err) : unpaired_first(o, e, row, err);
}

int interval_at(const JudgeOpts *o, const Evidence *e, CompareRow *row, double level, Err *err)
{
    if (e->paired) {
        SignPaired s;
        TRY(level_now(e, level, &level, err));
        TRY(sign_paired(e->log_ratio, e->n, level, margin_of(o), &s, err));
        set_interval(row, s.median, s.low, s.high);
        return 0;
    }
    RankShift s;
    TRY(rank_shift(e->log_a, e->n_a, e->log_b, e->n_b, level, &s, err));
    set_interval(row, s.shift, s.low, s.high);
    return 0;
}
