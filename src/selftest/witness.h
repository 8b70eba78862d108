/* What the machine did to a measurement: evidence for "can't tell here".
 *
 * A thread sleeps to fixed instants 0.5 ms apart and records how late it woke: slow timers, slow
 * wake-ups, stolen time. A few times a second it also looks how long the threads of both ends stood
 * ready without a core (sched.h): a thread that spins is kept waiting by others for longer than one
 * that mostly sleeps, so the first alone would not show it. Cost: about 1 % of a core. */
#pragma once

#include "stats/hist.h"

#define WITNESS_PERIOD_NS (UINT64_C(500) * NS_PER_US)

typedef struct Witness Witness;

typedef struct WitnessReport {
    Hist *late;   /* owned; of the witness's own wake-ups, ns */
    double steal; /* share of all cores' time that the hypervisor took; NaN: not known */
    double seconds;
    double stolen_ns;                        /* the same as time, summed over cores; 0: not known */
    uint64_t waited_own_ns, waited_other_ns; /* ready without a core: this process (the witness not
                                                counted), the other one */
    uint64_t longest_ns; /* longest stall anybody can have met: the witness's own, and what both
                            ends waited between two looks */
} WitnessReport;

/* Watch this process and `other_pid` (0: none). */
MUST_CHECK int witness_start(Witness **ret, int other_pid, Err *err);
/* End it and hand over what it saw. */
void witness_finish(Witness *w, WitnessReport *ret);
void witness_report_done(WitnessReport *r);

/* What the machine can have done at most to the q-quantile of a time that `n_waits` waits for a
 * core went into. A broken promise within that is unclear; beyond it, broken.
 *
 *   *ret_q      the undisturbed time's quantile that may stand at q instead. The tail 1 - q is
 *               shared evenly between the time itself and its waits (union bound), and every
 *               operation that met a thread without a core may have moved: n_waits times the share
 *               of time in which one was. 1: nothing can be told about this quantile
 *   *ret_by_ns  how much later it may stand beside that: the waits' own quantiles as the witness
 *               met them; where so many operations moved that they reach q, all time waited and
 *               stolen too
 */
void witness_blame(const WitnessReport *r, double q, int n_waits, double *ret_q, double *ret_by_ns);
