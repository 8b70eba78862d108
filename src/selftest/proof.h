/* Inside the selftest: what a proof is given, and how it says what it saw. */
#pragma once

#include "model/run.h"
#include "selftest/selftest.h"
#include "selftest/server.h"
#include "selftest/witness.h"

typedef struct ProofCtx {
    const SelftestOpts *o;
    uint64_t seed;
    Arena *arena;       /* the report's */
    TestServer *server; /* own process; only for proofs that ask for it */
    ProofResult *now;   /* of the proof under way */
} ProofCtx;

typedef struct Proof {
    const char *name, *promise;
    bool server; /* needs the test server */
    /* Fills figures and state; state is HELD on entry. Negative: it could not be carried out, which
     * makes the proof SKIPPED with err as reason. */
    int (*run)(ProofCtx *x, const struct Proof *self, Err *err);
    const void *param; /* the row's own */
} Proof;

/* Rows by theme, each ended by name NULL. */
extern const Proof proofs_basics[], proofs_load[], proofs_outcomes[], proofs_command[];

/* Note a figure and whether it lies in [low, high] (NaN: open). Returns whether it does; a missing
 * figure does not. */
bool proof_figure(ProofCtx *x, const char *name, const char *unit, double value, double low,
                  double high);
/* Make the proof's state at least as grave as `s` (broken > unclear > held) and note why, keeping
 * the first reason of the gravest state. */
void proof_note(ProofCtx *x, ProofState s, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Take over what the witness saw, for the report. */
void proof_machine(ProofCtx *x, const WitnessReport *w);
