#include "probe/leak.h"

#include <math.h>

#include "stats/quantile.h"

#define LEFT_OUT 0.2
#define GROWN_MIN_BYTES (1024.0 * 1024.0)
#define GROWN_MIN_SHARE 0.01
#define LEVELLED_OFF (1.0 / 3)

/* The minimum of each part; NaN for one without samples. */
static ptrdiff_t take_minima(const double *t_s, const double *bytes, ptrdiff_t n, double length_s,
                             double ret[LEAK_BLOCKS])
{
    double from = LEFT_OUT * length_s, part = (length_s - from) / LEAK_BLOCKS;
    ptrdiff_t seen = 0;
    for (int i = 0; i < LEAK_BLOCKS; i++)
        ret[i] = (double)NAN;
    for (ptrdiff_t i = 0; i < n; i++) {
        if (isnan(bytes[i]) || t_s[i] < from || t_s[i] > length_s)
            continue;
        double *min = &ret[MIN((int)((t_s[i] - from) / part), LEAK_BLOCKS - 1)];
        *min = *min <= bytes[i] ? *min : bytes[i];
        seen++;
    }
    return seen;
}

static bool has_all(const double v[LEAK_BLOCKS])
{
    for (int i = 0; i < LEAK_BLOCKS; i++)
        if (isnan(v[i]))
            return false;
    return true;
}

typedef struct Sen {
    double slope, low, high;
} Sen;

/* Median and distribution-free 95 % interval of all pairwise slopes (Sen, J. Am. Stat. Assoc. 63
 * (1968) 1379): the places (N -+ 1.96 sqrt(n (n - 1) (2 n + 5) / 18)) / 2 among N of them. Minima
 * of parts that lie apart go along with each other too little for more. */
static Sen sen_of(const double *y, int n, double step_s)
{
    double v[LEAK_BLOCKS * LEAK_BLOCKS / 2];
    ptrdiff_t N = 0;
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++)
            v[N++] = (y[k] - y[i]) / ((k - i) * step_s);
    sort_doubles(v, N);
    ptrdiff_t off = (ptrdiff_t)ceil(1.96 * sqrt(n * (n - 1.0) * (2.0 * n + 5) / 18) / 2);
    ptrdiff_t low = MAX(N / 2 - off, (ptrdiff_t)0), high = MIN(N / 2 + off, N - 1);
    return (Sen){ quantile_type7(v, N, 0.5), v[low], v[high] };
}

static bool goes_on(const double v[LEAK_BLOCKS], double step_s)
{
    enum { HALF = LEAK_BLOCKS / 2 };
    double first = sen_of(v, HALF, step_s).slope, second = sen_of(v + HALF, HALF, step_s).slope;
    return second > 0 && second >= LEVELLED_OFF * first;
}

Leak leak_of(const double *t_s, const double *bytes, ptrdiff_t n, double length_s)
{
    Leak ret = { .per_s = (double)NAN, .low = (double)NAN, .high = (double)NAN };
    double v[LEAK_BLOCKS], step_s = (1 - LEFT_OUT) * length_s / LEAK_BLOCKS;
    if (!(length_s > 0) || take_minima(t_s, bytes, n, length_s, v) < LEAK_SAMPLES_MIN ||
        !has_all(v))
        return ret;
    Sen all = sen_of(v, LEAK_BLOCKS, step_s);
    ret.known = true;
    ret.per_s = all.slope;
    ret.low = all.low;
    ret.high = all.high;
    ret.watched_s = step_s * (LEAK_BLOCKS - 1);
    ret.grown_bytes = v[LEAK_BLOCKS - 1] - v[0];
    double least = MAX(GROWN_MIN_BYTES, GROWN_MIN_SHARE * v[0]);
    ret.leaks = all.low > 0 && ret.grown_bytes >= least && goes_on(v, step_s);
    return ret;
}
