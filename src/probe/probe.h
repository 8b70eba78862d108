/* Resource sampling: a thread reads /proc (and cgroup files where they are ours) at a steady rate
 * while a trial runs. */
#pragma once

#include "model/run.h"

typedef struct Probe Probe;

typedef struct ProbeSpec {
    int target_pid;    /* root of the target's process tree, 0: none */
    double rate_per_s; /* 10 */
} ProbeSpec;

/* Start sampling. Series' time zero is set by probe_mark. Own cost: <= 1 % of a core at 10 Hz for
 * 20 processes. */
MUST_CHECK int probe_start(Probe **ret, const ProbeSpec *spec, Err *err);
/* The measured part begins (ns of CLOCK_MONOTONIC): t = 0 of the series, start of the totals. Any
 * thread. */
void probe_mark(Probe *p, uint64_t begin_mono_ns);
/* Stop, and move what was seen into the trial: series (scopes "target", "generator", "host"),
 * metrics over the measured part ("target.cpu" in cores, "target.rss_peak", "generator.cpu",
 * "host.steal" …), and reasons (steal, sampler starved, clock stepped). Frees the probe. */
MUST_CHECK int probe_finish(Probe *p, uint64_t end_mono_ns, Run *r, Trial *t, Err *err);
/* Stop and forget. Accepts NULL. */
Probe *probe_free(Probe *p);

/* Fingerprint of this host; strings in the arena. Unknown fields are NULL, never guessed. */
void testbed_read(Arena *a, Testbed *ret);
