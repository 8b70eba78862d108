/* One look after the other at all sources, kept in bounded memory. No thread, no deadlines: these
 * are probe.c's. One thread at a time; the same thread for all looks but the first. */
#pragma once

#include "probe/host.h"
#include "probe/self.h"
#include "probe/threads.h"

/* 200 s at 10 Hz; then every other sample goes, and from there on every other is kept: series get
 * coarser, totals stay exact, since figures are cumulative and levels' maxima are kept apart. */
enum { SAMPLES_MAX = 2048 };

typedef struct Sampler {
    bool has_target;
    Tree tree;
    Threads threads;
    Self self;
    Host host;
    ProcBuf buf;

    Sample *samples; /* [n], owned, room for SAMPLES_MAX; times increase */
    int n;
    uint64_t stride, skipped; /* keep one of `stride` looks; looks not kept since the last */
    uint64_t full_at_ns;      /* a look from then on is full */
    uint64_t full_every_ns;   /* 1 s, more when samples are thinned out beyond that */

    uint64_t zero_ns;      /* where series have t = 0: the mark, else the first look */
    Sample begin;          /* the look at the mark, else the first */
    double max[FIG_N];     /* of levels, since begin; NaN: none seen */
    uint64_t n_looks;      /* since begin */
    uint64_t last_at_ns;   /* of the last look */
    uint64_t gap_ns_max;   /* longest time between looks since begin */
    bool has_wall;         /* wall_offset_ns is known */
    double wall_offset_ns; /* wall minus monotonic clock at begin */
    double wall_step_ns;   /* largest change of it since, by magnitude */
    uint64_t ended_ns;     /* first look at which no process of the target was alive; 0: none */
} Sampler;

/* Open the sources and look once. target_pid 0: none. -ESRCH when there is no such process,
 * -ENOMEM. */
MUST_CHECK int sampler_init(Sampler *s, int target_pid, Err *err);
void sampler_done(Sampler *s);
/* Look; `full`: at everything, and keep the sample whatever the stride. Cost: see tree.h, threads.h
 * and host.h. Never allocates. */
void sampler_look(Sampler *s, bool full);
/* Look, and let the measured part begin with it; zero_ns, just gone by, is its t = 0. */
void sampler_mark(Sampler *s, uint64_t zero_ns);
/* The kept sample nearest to that time, but not before begin. Borrowed. */
const Sample *sampler_near(const Sampler *s, uint64_t at_ns);
