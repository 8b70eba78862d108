/* From samples to what a trial shows: series and metrics. */
#pragma once

#include "model/run.h"
#include "probe/totals.h"

/* Series of all figures that were seen, up to `end`, one of the kept samples. A rate stands at the
 * end of the time that it is the rate of. */
void told_series(const Sampler *s, const Sample *end, Run *r, Trial *t);
/* Metrics from begin to `end`; maxima count up to the last look. What is missing is left out. */
void told_metrics(const Sampler *s, const Sample *end, const Totals *all, Run *r, Trial *t);
