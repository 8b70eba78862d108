/* One load trial of the selftest: the real generator and driver against the test server. */
#pragma once

#include "selftest/proof.h"

typedef struct TrialPlan {
    const char *target; /* of the test server: "/none" */
    int port;           /* 0: the context's server */
    double rate;        /* open loop, per second */
    uint32_t connections;
    uint64_t duration_ns, timeout_ns;
    bool spin;                            /* the generator spins to due times */
    uint64_t freeze_at_ns, freeze_for_ns; /* stop the server's process by signal; 0: never */
} TrialPlan;

typedef struct TrialSeen {
    Run *run;                                      /* owned */
    Trial *trial;                                  /* in run */
    const Hist *latency, *service_time, *lateness; /* in trial; never NULL */
    TestServerStats server; /* owned; what the server did for the target in this trial */
    WitnessReport machine;  /* owned */
    uint64_t frozen_ns;     /* from the stop to the continue, as it came to be */
} TrialSeen;

/* Carry it out. The server's counts are zeroed before. Negative: it could not be measured; nothing
 * to release then. */
MUST_CHECK int trial_run(ProofCtx *x, const TrialPlan *p, TrialSeen *ret, Err *err);
void trial_seen_done(TrialSeen *s);
