/* Resource sampling: a thread reads /proc at a steady rate while a trial runs. Target figures are
 * sums over its process tree (tree.h); host figures are the whole machine's, network figures those
 * of our network namespace. Each figure's method names its source; what a source does not have is
 * left out, never 0. */
#pragma once

#include "model/run.h"

typedef struct Probe Probe;

typedef struct ProbeSpec {
    int target_pid;    /* root of the target's process tree, 0: none */
    double rate_per_s; /* 10; above 0, at most 1000 */
} ProbeSpec;

/* Start sampling; the first sample is taken before this returns. Series' time zero is set by
 * probe_mark.
 *
 * Own cost: 0.6 % of a core at 10 Hz for 20 processes, reported as "generator.sampler_cpu"; memory
 * is bounded, however long the trial. Descriptors: up to an eighth of the limit. Signals never go
 * to the thread. -ESRCH when there is no such process, -EINVAL, -ENOMEM, -EAGAIN. */
MUST_CHECK int probe_start(Probe **ret, const ProbeSpec *spec, Err *err);
/* The measured part begins (ns of CLOCK_MONOTONIC): t = 0 of the series, start of the totals. An
 * extra sample is taken then: at once, or when that time comes. The last call counts; without one,
 * the first sample is the begin. Any thread, not a signal handler. Cost: a lock and a wake-up. */
void probe_mark(Probe *p, uint64_t begin_mono_ns);
/* Stop, and move what was seen into the trial: series (scopes "target", "generator", "host";
 * negative times are the warm-up), metrics over the measured part ("target.cpu" in cores,
 * "target.rss_peak", "generator.cpu", "host.steal" …), and reasons (totals.h: steal, sampler
 * starved, clock stepped …). Rates are differences between the samples at begin and end over the
 * time between these two, not means of points.
 *
 *   end_mono_ns   end of the measured part; it takes the sample nearest to it, so call this soon
 *                 after, or pass the true end when something was awaited in between
 *
 * Frees the probe, also on errors. -ERANGE when no time lies between begin and end. */
MUST_CHECK int probe_finish(Probe *p, uint64_t end_mono_ns, Run *r, Trial *t, Err *err);
/* As it stands: between the last two samples that were kept. NaN: not known (yet). */
typedef struct ProbeNow {
    double target_cpu, generator_cpu; /* cores */
    double target_rss, generator_rss; /* bytes */
    double host_busy;                 /* share of all cores */
} ProbeNow;
/* While it samples; any thread. Cost: a lock. */
ProbeNow probe_now(Probe *p);

/* Stop and forget. Accepts NULL; returns NULL. */
Probe *probe_free(Probe *p);

/* Fingerprint of this host; strings in the arena. Unknown fields are NULL (0), never guessed.
 * Virtualisation is "none", a hypervisor ("kvm", "amazon", "vm" when it does not say which), a
 * container ("docker"), or "docker on kvm". Memory's grain: testbed_text.h. Cost: about 1 ms. */
void testbed_read(Arena *a, Testbed *ret);
