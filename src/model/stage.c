/* Curves of load over time. */
#include "model/stage.h"

#include <math.h>

#define PI 3.14159265358979323846
#define S_PER_NS 1e-9

static double clamp(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static double day_value(const Stage *s, double t)
{
    double sum = 0;
    for (int i = 0; i < s->n_peaks; i++) {
        double z = (t - s->peaks_ns[i]) / s->width_ns;
        sum += exp(-z * z / 2);
    }
    return s->from + (s->to - s->from) * sum;
}

double stage_value(const Stage *s, double t)
{
    double period = (double)s->period_ns;
    t = clamp(t, 0, (double)s->over_ns);
    switch (s->shape) {
    case STAGE_RAMP:
        return s->from + (s->to - s->from) * t / (double)s->over_ns;
    case STAGE_SINE:
        return s->from + s->to * sin(2 * PI * t / period);
    case STAGE_BURST:
        return fmod(t, period) >= period - (double)s->length_ns ? s->to : s->from;
    case STAGE_DAY:
        return day_value(s, t);
    }
    assert(!"no such shape");
    return 0;
}

double stage_peak(const Stage *s)
{
    enum { LOOKS = 2000 };
    double most = 0;
    if (s->shape == STAGE_SINE)
        return s->from + s->to;
    if (s->shape != STAGE_DAY)
        return MAX(s->from, s->to);
    for (int i = 0; i <= LOOKS; i++)
        most = MAX(most, stage_value(s, (double)s->over_ns * i / LOOKS));
    return most;
}

/* ---- integrals, in values times seconds ---- */

static double day_count(const Stage *s, double t)
{
    double sum = 0, w = s->width_ns * sqrt(2.0);
    for (int i = 0; i < s->n_peaks; i++)
        sum += erf((t - s->peaks_ns[i]) / w) + erf(s->peaks_ns[i] / w);
    return (s->from * t + (s->to - s->from) * s->width_ns * sqrt(PI / 2) * sum) * S_PER_NS;
}

/* Operations of one whole period of bursts. */
static double burst_whole(const Stage *s)
{
    double calm = (double)(s->period_ns - s->length_ns);
    return (s->from * calm + s->to * (double)s->length_ns) * S_PER_NS;
}

static double burst_count(const Stage *s, double t)
{
    double period = (double)s->period_ns, calm = (double)(s->period_ns - s->length_ns);
    double whole = floor(t / period), rest = t - whole * period;
    double part = rest <= calm ? s->from * rest : s->from * calm + s->to * (rest - calm);
    return whole * burst_whole(s) + part * S_PER_NS;
}

double stage_count(const Stage *s, double t)
{
    double T = (double)s->over_ns, period = (double)s->period_ns;
    t = clamp(t, 0, T);
    switch (s->shape) {
    case STAGE_RAMP:
        return (s->from * t + (s->to - s->from) * t * t / (2 * T)) * S_PER_NS;
    case STAGE_SINE:
        return (s->from * t + s->to * period / (2 * PI) * (1 - cos(2 * PI * t / period))) *
               S_PER_NS;
    case STAGE_BURST:
        return burst_count(s, t);
    case STAGE_DAY:
        return day_count(s, t);
    }
    assert(!"no such shape");
    return 0;
}

/* ---- the way back ---- */

/* from t + a t^2 / 2 = n, without cancellation: t = 2 n / (from + sqrt(from^2 + 2 a n)). */
static double ramp_when(const Stage *s, double n)
{
    double T = (double)s->over_ns, ns = n / S_PER_NS, a = (s->to - s->from) / T;
    double root = s->from * s->from + 2 * a * ns;
    if (root < 0)
        return T;
    if (s->from == s->to) /* a constant rate keeps every digit, for years */
        return s->from > 0 ? (double)((long double)n * 1e9L / (long double)s->from) : T;
    double below = s->from + sqrt(root);
    return below > 0 ? 2 * ns / below : n > 0 ? T : 0;
}

static double burst_when(const Stage *s, double n)
{
    double whole = burst_whole(s), calm = (double)(s->period_ns - s->length_ns);
    double periods = whole > 0 ? floor(n / whole) : 0, rest = (n - periods * whole) / S_PER_NS;
    double at = periods * (double)s->period_ns, calm_n = s->from * calm;
    if (whole <= 0)
        return (double)s->over_ns;
    if (s->from > 0 && rest < calm_n)
        return at + rest / s->from;
    return at + calm + (s->to > 0 ? (rest - calm_n) / s->to : 0);
}

/* Newton's method kept within a bracket: the curve is never negative, so the integral rises. */
static double smooth_when(const Stage *s, double n, double hint)
{
    double lo = 0, hi = (double)s->over_ns, t = clamp(hint, lo, hi);
    for (int i = 0; i < 100 && hi - lo > 0.25; i++) {
        double miss = stage_count(s, t) - n, slope = stage_value(s, t) * S_PER_NS;
        if (miss > 0)
            hi = t;
        else
            lo = t;
        double next = slope > 0 ? t - miss / slope : lo - 1;
        if (fabs(next - t) < 0.25 && next >= lo && next <= hi)
            return next;
        t = next > lo && next < hi ? next : lo + (hi - lo) / 2;
    }
    return t;
}

double stage_when(const Stage *s, double n, double hint_ns)
{
    double T = (double)s->over_ns;
    if (n <= 0)
        return 0;
    if (n >= stage_count(s, T))
        return T;
    double t = s->shape == STAGE_RAMP    ? ramp_when(s, n)
               : s->shape == STAGE_BURST ? burst_when(s, n)
                                         : smooth_when(s, n, hint_ns);
    return clamp(t, 0, T);
}

/* ---- lists ---- */

void stages_scale(StageList *list, double factor)
{
    for (ptrdiff_t i = 0; i < list->n; i++) {
        Stage *s = &list->v[i];
        double ms = (double)s->over_ns * factor / 1e6; /* whole ones, for people */
        s->over_ns = MAX((uint64_t)(ms + 0.5), UINT64_C(1)) * NS_PER_MS;
        s->period_ns = (uint64_t)((double)s->period_ns * factor);
        s->length_ns = (uint64_t)((double)s->length_ns * factor);
        s->width_ns *= factor;
        for (int k = 0; k < s->n_peaks; k++)
            s->peaks_ns[k] *= factor;
    }
}

uint64_t stages_length_ns(const StageList *list)
{
    uint64_t sum = 0;
    for (ptrdiff_t i = 0; i < list->n; i++)
        sum += list->v[i].over_ns;
    return sum;
}
