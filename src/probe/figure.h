/* What the probe reads, one row per figure: a new figure is a name here, a row in figure.c and a
 * line in its source. */
#pragma once

#include <math.h>

#include "base/macros.h"

/* Cumulative figures never fall within a trial, unless their source was set back. */
typedef enum Fig {
    /* Target: sums over its process tree (tree.h, threads.h). */
    FIG_TARGET_CPU,  /* ns, cumulative */
    FIG_TARGET_USER, /* ns, cumulative, by ticks */
    FIG_TARGET_SYSTEM,
    FIG_TARGET_RSS, /* bytes */
    FIG_TARGET_PROCESSES,
    FIG_TARGET_THREADS,
    FIG_TARGET_FDS,
    FIG_TARGET_SWITCHES, /* count, cumulative: all */
    FIG_TARGET_SWITCHES_FORCED,
    FIG_TARGET_RUN_WAIT, /* ns, cumulative, summed over threads */
    FIG_TARGET_FAULTS_MINOR,
    FIG_TARGET_FAULTS_MAJOR,
    FIG_TARGET_IO_READ, /* bytes, cumulative */
    FIG_TARGET_IO_WRITE,
    /* Generator: this process (self.h). */
    FIG_SELF_CPU,
    FIG_SELF_USER,
    FIG_SELF_SYSTEM,
    FIG_SELF_RSS,
    FIG_SELF_SWITCHES,
    FIG_SELF_SAMPLER, /* ns of CPU that sampling took, cumulative */
    /* Host (host.h); times in ticks, summed over its cores. */
    FIG_HOST_TICKS, /* all there was: what the others are shares of */
    FIG_HOST_BUSY,
    FIG_HOST_USER,
    FIG_HOST_SYSTEM,
    FIG_HOST_IRQ,
    FIG_HOST_IOWAIT,
    FIG_HOST_STEAL,
    FIG_HOST_RUNNABLE,
    FIG_HOST_NET_IN,
    FIG_HOST_NET_OUT,
    FIG_HOST_NET_LO,
    FIG_HOST_PACKETS_IN,
    FIG_HOST_PACKETS_OUT,
    FIG_HOST_PACKETS_LO,
    FIG_HOST_RETRANSMITS,
    FIG_HOST_PRESSURE_CPU, /* µs, cumulative */
    FIG_HOST_PRESSURE_MEMORY,
    FIG_HOST_PRESSURE_IO,
    FIG_HOST_DISK_READ,
    FIG_HOST_DISK_WRITE,
    FIG_N
} Fig;

/* One look at everything. */
typedef struct Sample {
    uint64_t at_ns;  /* CLOCK_MONOTONIC */
    bool full;       /* sources that are read once a second were read as well */
    double v[FIG_N]; /* NaN: not read, or not there */
} Sample;

typedef enum FigKind {
    FIG_LEVEL, /* shown as it stands */
    FIG_RATE,  /* cumulative: shown as growth per second, times `scale` */
    FIG_PART   /* cumulative: shown as share of the growth of FIG_HOST_TICKS */
} FigKind;

/* How a trial's figure comes out of the samples. Rates and parts: from the difference between the
 * samples at begin and end, never as a mean of points. */
typedef enum FigSum { FIG_SUM_NONE, FIG_SUM_DIFFERENCE, FIG_SUM_MAX, FIG_SUM_LAST } FigSum;

typedef struct FigRow {
    const char *scope, *series, *unit; /* as in model/series.h; series NULL: not shown */
    FigKind kind;
    double scale;
    FigSum sum;
    const char *metric; /* well-known name (model/metric.c); NULL with FIG_SUM_NONE */
    const char *method; /* the source */
} FigRow;

extern const FigRow fig_rows[FIG_N];

/* A new sample without figures. */
void sample_clear(Sample *s, uint64_t at_ns);
/* Growth of a cumulative figure from a to b in the row's shown unit: per second, or as a share. NaN
 * when one is missing, when it fell, or when no time (or tick) lies between. */
double sample_growth(const Sample *a, const Sample *b, Fig f);
