#include "report/plot_scale.h"

#include <math.h>

static double place(ScaleKind kind, double v)
{
    switch (kind) {
    case SCALE_LINEAR:
        return v;
    case SCALE_LOG:
        return log10(v);
    case SCALE_TAIL:
        return -log10(1 - v);
    }
    return v;
}

Scale scale_new(ScaleKind kind, double lo, double hi, double p0, double p1)
{
    assert(isfinite(lo) && isfinite(hi));
    if (kind == SCALE_LOG) {
        lo = MAX(lo, 1e-12);
        hi = MAX(hi, lo);
        if (hi < lo * 1.02) {
            lo *= 0.95;
            hi *= 1.05;
        }
    } else if (!(hi > lo)) {
        double pad = lo != 0 ? fabs(lo) * 0.05 : 1;
        lo -= kind == SCALE_LINEAR ? pad : 0;
        hi = lo + 2 * pad;
    }
    return (Scale){ .kind = kind, .lo = lo, .hi = hi, .p0 = p0, .p1 = p1, .grain = 1 };
}

/* Smallest of 1, 2, 5 × 10^k that is >= v. */
static double round_step(double v)
{
    double decade = pow(10, floor(log10(v)));
    double digit = v / decade;
    double nice = digit <= 1.0001 ? 1 : digit <= 2.0001 ? 2 : digit <= 5.0001 ? 5 : 10;
    return nice * decade;
}

static double tick_step(const Scale *s, int most)
{
    double grain = s->grain > 0 ? s->grain : 1;
    return round_step((s->hi - s->lo) / most / grain) * grain;
}

static Scale nice_with(double lo, double hi, double p0, double p1, bool from_zero, double grain)
{
    if (from_zero)
        lo = MIN(lo, 0);
    Scale s = scale_new(SCALE_LINEAR, lo, hi, p0, p1);
    s.grain = grain;
    double step = tick_step(&s, 5);
    s.hi = ceil(s.hi / step - 1e-9) * step;
    s.lo = floor(s.lo / step + 1e-9) * step;
    return s;
}

Scale scale_nice(double lo, double hi, double p0, double p1, bool from_zero)
{
    return nice_with(lo, hi, p0, p1, from_zero, 1);
}

Scale scale_nice_bytes(double lo, double hi, double p0, double p1, bool from_zero)
{
    double grain = 1;
    while (fabs(hi) >= grain * 1024)
        grain *= 1024;
    return nice_with(lo, hi, p0, p1, from_zero, grain);
}

double scale_at(const Scale *s, double v)
{
    if (isnan(v))
        return v;
    v = v < s->lo ? s->lo : v > s->hi ? s->hi : v;
    double lo = place(s->kind, s->lo), hi = place(s->kind, s->hi);
    return s->p0 + (place(s->kind, v) - lo) / (hi - lo) * (s->p1 - s->p0);
}

static ptrdiff_t linear_ticks(const Scale *s, int most, double *ret)
{
    double step = tick_step(s, most);
    ptrdiff_t n = 0;
    for (double k = ceil(s->lo / step - 1e-9); k * step <= s->hi + step * 1e-9 && n < most; k++)
        ret[n++] = k == 0 ? 0 : k * step;
    return n;
}

/* Digits 1, 2, 5 of each decade while they fit, then 1 only, then every other decade … */
static ptrdiff_t log_ticks(const Scale *s, int most, double *ret)
{
    static const double digits[] = { 1, 2, 5 };
    for (int per_decade = 3; per_decade >= 1; per_decade -= 2) {
        for (int skip = 1; skip <= (per_decade == 3 ? 1 : 16); skip++) {
            ptrdiff_t n = 0;
            for (double d = floor(log10(s->lo)); d <= ceil(log10(s->hi)) && n <= most; d += skip)
                for (int i = 0; i < per_decade && n <= most; i++) {
                    double v = digits[i] * pow(10, d);
                    if (v >= s->lo * 0.9999 && v <= s->hi * 1.0001) {
                        if (n < most)
                            ret[n] = v;
                        n++;
                    }
                }
            if (n <= most && n > 0)
                return n;
        }
    }
    return 0;
}

static ptrdiff_t tail_ticks(const Scale *s, int most, double *ret)
{
    static const double quantiles[] = { 0,    0.5,   0.75,   0.9,     0.95,
                                        0.99, 0.999, 0.9999, 0.99999, 0.999999 };
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(quantiles) && n < most; i++)
        if (quantiles[i] >= s->lo - 1e-12 && quantiles[i] <= s->hi + 1e-12)
            ret[n++] = quantiles[i];
    return n;
}

ptrdiff_t scale_ticks(const Scale *s, int most, double ret[TICKS_MAX])
{
    most = MIN(most, (int)TICKS_MAX);
    if (s->kind == SCALE_TAIL)
        return tail_ticks(s, most, ret);
    /* A narrow log axis has no round decade inside: step linearly. */
    if (s->kind == SCALE_LOG && s->hi / s->lo >= 8)
        return log_ticks(s, most, ret);
    return linear_ticks(s, most, ret);
}

/* Indices of the extremes of [from, to), in order; returns 1 or 2. */
static ptrdiff_t extremes(const double *v, ptrdiff_t from, ptrdiff_t to, ptrdiff_t *keep)
{
    ptrdiff_t lo = -1, hi = -1;
    for (ptrdiff_t i = from; i < to; i++) {
        if (isnan(v[i]))
            continue;
        lo = lo < 0 || v[i] < v[lo] ? i : lo;
        hi = hi < 0 || v[i] >= v[hi] ? i : hi;
    }
    if (lo < 0 || lo == hi) {
        keep[0] = lo < 0 ? from : lo;
        return 1;
    }
    keep[0] = MIN(lo, hi);
    keep[1] = MAX(lo, hi);
    return 2;
}

ptrdiff_t thin_points(const double *v, ptrdiff_t n, ptrdiff_t max, ptrdiff_t *keep)
{
    assert(max >= 4);
    if (n <= max) {
        for (ptrdiff_t i = 0; i < n; i++)
            keep[i] = i;
        return n;
    }
    ptrdiff_t stretches = max / 2, kept = 0;
    for (ptrdiff_t k = 0; k < stretches; k++)
        kept += extremes(v, k * n / stretches, (k + 1) * n / stretches, keep + kept);
    return kept;
}
