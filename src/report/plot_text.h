/* Plots out of characters: eighth blocks where Unicode is welcome, else ASCII. Texts live in the
 * arena. */
#pragma once

#include "report/dist.h"

/* A bar of `fraction` (clamped to [0, 1]) of `columns`; anything above 0 shows at least a sliver.
 */
const char *plot_bar(Arena *a, double fraction, int columns, bool unicode);
/* One character per value, its height between 0 and `top`; a value above 0 never looks like 0; NaN
 * is a blank. */
const char *plot_spark(Arena *a, const double *v, ptrdiff_t n, double top, bool unicode);
/* n values brought down to `columns`: each cell the largest (or mean) of its stretch. */
double *plot_resample(Arena *a, const double *v, ptrdiff_t n, ptrdiff_t columns, bool largest);
