/* The newest values, before there are enough of them for a test. */
#include <math.h>
#include <string.h>

#include "stats/changepoint_work.h"
#include "stats/rank.h"
#include "stats/select.h"

enum {
    TAIL_MAX = 12, /* longer tails are the candidates' business */
    FEWEST_BEFORE = 5,
};
/* Spreads of the values before: one value alone, each of several, all of several that overlap with
 * none before. */
static const double FAR_ALONE = 4, FAR_EACH = 3, FAR_APART = 2;

ptrdiff_t cp_points_needed(const CpWork *w, ptrdiff_t n1, ptrdiff_t n2)
{
    enum { MOST = 1000 };
    if (n1 < CP_MIN_STRETCH)
        return -1;
    for (ptrdiff_t more = MAX((ptrdiff_t)0, CP_MIN_STRETCH - n2); more <= MOST; more++)
        if (cp_level(rank_smallest_p(n1, n2 + more), n1, n2 + more) < w->p_now)
            return more;
    return -1;
}

/* Are the last k of [a, n) on a level of their own, as far as can be told? tmp is overwritten. */
static bool stands_apart(CpWork *w, ptrdiff_t a, ptrdiff_t k)
{
    ptrdiff_t n = w->n - a - k;
    const double *before = w->y + a, *tail = before + n;
    memcpy(w->tmp, before, (size_t)n * sizeof *w->tmp);
    double centre = select_median(w->tmp, n), sigma = select_sigma(w->tmp, n, centre);
    double low = tail[0], high = tail[0], lowest = before[0], highest = before[0];
    for (ptrdiff_t i = 0; i < k; i++) {
        low = fmin(low, tail[i]);
        high = fmax(high, tail[i]);
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        lowest = fmin(lowest, before[i]);
        highest = fmax(highest, before[i]);
    }
    /* The nearest of the tail decides; 0 when it lies on both sides. */
    double near = low > centre ? low - centre : high < centre ? centre - high : 0;
    if (k == 1)
        return near > FAR_ALONE * sigma;
    bool apart = low > highest || high < lowest;
    memcpy(w->tmp, tail, (size_t)k * sizeof *w->tmp);
    double shift = fabs(select_median(w->tmp, k) - centre);
    return near > FAR_EACH * sigma || (apart && shift > FAR_APART * sigma);
}

/* How many of the newest values may be a tail: those on one side of what came before, clear of its
 * middle. Cheap, and mostly 0. */
static ptrdiff_t longest_tail(CpWork *w, ptrdiff_t a)
{
    ptrdiff_t most = MIN((ptrdiff_t)TAIL_MAX, w->n - a - FEWEST_BEFORE), n = w->n - a - most, k = 0;
    if (most < 1)
        return 0;
    memcpy(w->tmp, w->y + a, (size_t)n * sizeof *w->tmp);
    double centre = select_median(w->tmp, n), sigma = select_sigma(w->tmp, n, centre);
    bool above = w->y[w->n - 1] > centre;
    for (const double *y = w->y + w->n - 1; k < most; k++, y--)
        if (above ? !(*y - centre > sigma) : !(centre - *y > sigma))
            break;
    return k;
}

ptrdiff_t cp_tail(CpWork *w, ptrdiff_t a)
{
    for (ptrdiff_t k = longest_tail(w, a); k >= 1; k--)
        if (stands_apart(w, a, k))
            return k;
    return 0;
}
