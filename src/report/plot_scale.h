/* Axes: from values to places, ticks people can read, and series thinned to what can be seen.
 * Shared by terminal plots and SVG. */
#pragma once

#include "base/arena.h"

typedef enum ScaleKind {
    SCALE_LINEAR,
    SCALE_LOG,  /* lo > 0 */
    SCALE_TAIL, /* percentiles: place is log10(1 / (1 - q)), q in [lo, hi], hi < 1 */
} ScaleKind;

typedef struct Scale {
    ScaleKind kind;
    double lo, hi; /* values, lo < hi */
    double p0, p1; /* places of lo and hi (pixels, columns); p1 < p0 turns the axis round */
    double grain;  /* ticks are round in multiples of it (1024 * 1024 for MiB); 0: 1 */
} Scale;

/* A scale whose ends are widened so that lo < hi always holds; log ends are kept positive. */
Scale scale_new(ScaleKind kind, double lo, double hi, double p0, double p1);
/* Linear from 0 or from below the smallest value, up to a round number above the largest. */
Scale scale_nice(double lo, double hi, double p0, double p1, bool from_zero);
/* The same for bytes: round in the binary unit that the largest value is shown in. */
Scale scale_nice_bytes(double lo, double hi, double p0, double p1, bool from_zero);
/* Place of v, clamped to the ends; NaN for NaN. */
double scale_at(const Scale *s, double v);

enum { TICKS_MAX = 16 };
/* Round values within [lo, hi], rising, at most `most` (<= TICKS_MAX): 1-2-5 steps, decades on a
 * log scale. Returns how many. */
ptrdiff_t scale_ticks(const Scale *s, int most, double ret[TICKS_MAX]);

/* Keep at most `max` of n points, in order: the smallest and the largest of each stretch survive,
 * so that no spike disappears. Missing values (NaN) survive as one NaN per stretch where nothing
 * else is. Writes indices to keep[max], returns how many. max >= 4. */
ptrdiff_t thin_points(const double *v, ptrdiff_t n, ptrdiff_t max, ptrdiff_t *keep);
