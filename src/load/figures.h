/* Figures that only one driver has (DriverMetric): a distribution or a sum each. One thread; merged
 * over workers at the end. */
#pragma once

#include "load/driver.h"
#include "stats/hist.h"

typedef struct Figures {
    const DriverMetric *rows; /* borrowed; NULL: none */
    int n;
    Hist *hists[DRIVER_METRICS_MAX]; /* owned; NULL where the row is a count */
    uint64_t sums[DRIVER_METRICS_MAX];
} Figures;

/* -ENOMEM leaves nothing. */
MUST_CHECK int figures_init(Figures *f, const DriverMetric *rows, Err *err);
void figures_done(Figures *f);
void figures_merge(Figures *into, const Figures *from);
