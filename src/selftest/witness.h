/* How late this machine lets a ready thread run: evidence for "can't tell here".
 *
 * A thread sleeps to fixed instants 0.5 ms apart and records how late it woke. Stolen time, other
 * processes and slow timers show in it at the same share of instants at which they hit anything
 * else that had to run just then. Cost: about 1 % of a core. */
#pragma once

#include "stats/hist.h"

#define WITNESS_PERIOD_NS (UINT64_C(500) * NS_PER_US)

typedef struct Witness Witness;

typedef struct WitnessReport {
    Hist *late;   /* owned; ns */
    double steal; /* share of all cores' time that the hypervisor took; NaN: not known */
    double seconds;
} WitnessReport;

MUST_CHECK int witness_start(Witness **ret, Err *err);
/* End it and hand over what it saw. */
void witness_finish(Witness *w, WitnessReport *ret);
void witness_report_done(WitnessReport *r);

/* By how much the machine can have raised the q-quantile of a time that n_waits independent waits
 * for a core went into, ns: with tail 1 - q shared evenly between the time itself and its waits
 * (union bound; see witness_share), each wait is at its own quantile at worst. NaN when nothing was
 * seen. */
double witness_explains(const WitnessReport *r, double q, int n_waits);
/* The quantile of the undisturbed time that goes with it: 1 - (1 - q) / (1 + n_waits). */
double witness_share(double q, int n_waits);
