/* `assay selftest`: proofs, on the machine at hand, that what assay reports is true.
 *
 * Each promise is held against something known exactly: sorted samples, a test server with known
 * delays (server.h), a freeze of known length, a program that touches a known amount of memory. A
 * proof ends as held, broken, unclear ("can't tell here": the machine was too noisy to decide, with
 * the evidence) or skipped (with the reason). Nothing is repeated until it holds; tolerances stand
 * in the rows and are not widened by noise – noise only turns "broken" into "unclear", and only as
 * far as an independent witness (witness.h) saw it. */
#pragma once

#include "base/json.h"
#include "base/log.h"

typedef enum ProofState { PROOF_HELD, PROOF_BROKEN, PROOF_UNCLEAR, PROOF_SKIPPED } ProofState;

typedef struct ProofFigure {
    const char *name;
    const char *unit; /* as in metrics: "ns", "share", "count" … */
    double value;     /* NaN: missing */
    double low, high; /* where it must lie; NaN: no bound on this side */
    bool held;
} ProofFigure;

typedef struct ProofResult {
    const char *name;    /* "percentiles/mix"; static or the report's arena */
    const char *promise; /* one sentence */
    ProofState state;
    const char *why; /* for people, when not held: what was seen, what it means; else NULL */
    ProofFigure *figures;
    ptrdiff_t n_figures, cap_figures;
    double seconds; /* it took */
    double waited; /* time that threads of both ends stood ready without a core, over the trial's */
    double steal; /* share of all cores' time taken by the hypervisor meanwhile; NaN: not watched */
    double machine_p50_ns, machine_p99_ns, machine_p999_ns; /* how late ready threads ran; NaN */
} ProofResult;

typedef struct SelftestReport {
    Arena arena;
    ProofResult **results; /* [n], in order of the rows */
    ptrdiff_t n, cap;
    ptrdiff_t counts[PROOF_SKIPPED + 1]; /* by state */
    uint64_t seed;
    bool quick, interrupted;
} SelftestReport;

typedef struct SelftestOpts {
    bool quick;         /* about 20 s instead of 90 s: shorter, so coarser, looks */
    uint64_t seed;      /* 0: a fresh one */
    const char *only;   /* glob over names; NULL: all */
    const char *helper; /* path of assay itself, run as `assay selftest --touch SIZE` (touch.h);
                           NULL: proofs that need it are skipped */
    Log *log;           /* progress; may be NULL */
    const volatile bool *stop; /* end early; may be NULL */
} SelftestOpts;

const char *proof_state_name(ProofState s); /* "held", "broken", "unclear", "skipped" */

/* Carry out the proofs. 0 however they end; negative when nothing could be tried. The report is to
 * be released by selftest_done in any case. Starts processes and threads, all ended on return. Call
 * from the main thread. */
MUST_CHECK int selftest_run(const SelftestOpts *o, SelftestReport *ret, Err *err);
void selftest_done(SelftestReport *r);

/* Names and promises, for `--list`. */
void selftest_list(StrBuf *out);
/* schema assay.selftest/1: { schema, held, broken, unclear, skipped, quick, seed, proofs: [ { name,
 * promise, state, why, seconds, figures: [ { name, value, unit, low, high, held } ], machine: {
 * steal, late_p50, late_p99, late_p999 } } ] }. Owned by the caller. */
json_t *selftest_json(const SelftestReport *r);
/* One line per proof, figures below those that are not held (or all, with `verbose`). */
void selftest_text(const SelftestReport *r, bool verbose, StrBuf *out);
