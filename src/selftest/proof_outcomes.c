/* Proofs about counts: both sides of the wire agree on how operations ended. */
#include <errno.h>
#include <math.h>

#include "selftest/proof_trial.h"

/* Outcomes that a kind of reply may be counted as. */
typedef struct ClassRow {
    const char *name;
    ReplyKind kinds[4]; /* the server's, ended by REPLY_N */
    int fail;           /* FailClass; -1: ok; -2: timed out */
} ClassRow;

enum { AS_OK = -1, AS_TIMED_OUT = -2 };

static const ClassRow class_rows[] = {
    { "ok", { REPLY_OK, REPLY_N }, AS_OK },
    { "error status", { REPLY_STATUS, REPLY_N }, FAIL_STATUS },
    { "connection lost", { REPLY_RESET, REPLY_CLOSE, REPLY_TRUNCATED, REPLY_N }, FAIL_RESET },
    { "no protocol", { REPLY_GARBAGE, REPLY_BAD_LENGTH, REPLY_BAD_CHUNK, REPLY_N }, FAIL_PROTOCOL },
    { "timed out", { REPLY_SILENCE, REPLY_SHORT, REPLY_N }, AS_TIMED_OUT },
};

static uint64_t client_count(const Outcomes *o, int fail)
{
    return fail == AS_OK ? o->ok : fail == AS_TIMED_OUT ? o->timed_out : o->failed[fail];
}

static uint64_t server_count(const TestServerStats *st, const ReplyKind *kinds)
{
    uint64_t sum = 0;
    for (; *kinds != REPLY_N; kinds++)
        sum += st->kinds[*kinds];
    return sum;
}

static void check_conserved(ProofCtx *x, const Outcomes *o)
{
    uint64_t ends = o->ok + outcomes_failed(o) + o->timed_out + o->shed + o->dropped + o->in_flight;
    if (!proof_figure(x, "operations with an outcome", "count", (double)ends, (double)o->scheduled,
                      (double)o->scheduled))
        proof_note(x, PROOF_BROKEN, "%llu operations scheduled, %llu ended",
                   (unsigned long long)o->scheduled, (unsigned long long)ends);
}

/* Operations in flight at the end are counted by kind on the server's side only. */
static void check_classes(ProofCtx *x, const TrialSeen *s)
{
    const Outcomes *o = &s->trial->outcomes;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(class_rows); i++) {
        const ClassRow *row = &class_rows[i];
        double want = (double)server_count(&s->server, row->kinds);
        double got = (double)client_count(o, row->fail);
        if (!proof_figure(x, row->name, "count", got, want - (double)o->in_flight, want))
            proof_note(x, PROOF_BROKEN, "%s: the server counts %.0f, assay %.0f (%llu in flight)",
                       row->name, want, got, (unsigned long long)o->in_flight);
    }
    double sent = (double)(o->scheduled - o->shed - o->dropped - o->failed[FAIL_CONNECT]);
    if (!proof_figure(x, "received by the server", "count", (double)s->server.received, sent, sent))
        proof_note(x, PROOF_BROKEN, "%.0f operations sent, %llu received", sent,
                   (unsigned long long)s->server.received);
}

static int prove_counts(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(trial_seen_done) TrialSeen s = { 0 };
    TrialPlan p = { .target = "/constant?a=1ms&fail=0.1&reset=0.1&eof=0.05&truncated=0.05"
                              "&garbage=0.1&bad_length=0.05&bad_chunk=0.05&silence=0.02&short=0.02",
                    .rate = 500,
                    .connections = 128,
                    .duration_ns = 2 * NS_PER_S,
                    .timeout_ns = 200 * NS_PER_MS };
    TRY(trial_run(x, &p, &s, err));
    check_conserved(x, &s.trial->outcomes);
    check_classes(x, &s);
    return 0;
}

/* Offered 1.5 times what the server's token bucket passes. Operation k is due at k / 750 and served
 * at k / 500, so quantile q of the response time is q T (750 / 500 - 1), and nothing goes missing.
 */
static int prove_overload(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(trial_seen_done) TrialSeen s = { 0 };
    TrialPlan p = { .target = "/none?rate=500/s",
                    .rate = 750,
                    .connections = 16,
                    .duration_ns = 2 * NS_PER_S,
                    .timeout_ns = 30 * NS_PER_S };
    TRY(trial_run(x, &p, &s, err));
    const Outcomes *o = &s.trial->outcomes;
    check_conserved(x, o);
    const Metric *rate = trial_find_metric(s.trial, "throughput");
    double stalled = (double)s.machine.longest_ns, law = 0.5 * 2e9 * (750.0 / 500 - 1);
    if (!proof_figure(x, "throughput", "1/s", rate ? rate->value : (double)NAN, 495, 505))
        proof_note(x, stalled > 5e6 ? PROOF_UNCLEAR : PROOF_BROKEN,
                   "a server of 500/s was measured with %.1f/s", rate ? rate->value : (double)NAN);
    double p50 = hist_quantile(s.latency, 0.5);
    if (!proof_figure(x, "latency p50", "ns", p50, law * 0.99 - 4e6, law * 1.01 + 4e6))
        proof_note(x, fabs(p50 - law) <= 0.01 * law + 4e6 + stalled ? PROOF_UNCLEAR : PROOF_BROKEN,
                   "p50 is %.1f ms where the queue makes it %.1f ms", p50 / 1e6, law / 1e6);
    if (!proof_figure(x, "timed, answered or not", "count", (double)s.latency->n,
                      (double)o->scheduled, (double)o->scheduled))
        proof_note(x, PROOF_BROKEN,
                   "operations that were never answered are missing from the latencies");
    return 0;
}

static int prove_refusal(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(trial_seen_done) TrialSeen s = { 0 };
    int port = test_server_closed_port(err);
    TRY(port);
    TrialPlan p = { .target = "/",
                    .port = port,
                    .rate = 100,
                    .connections = 4,
                    .duration_ns = NS_PER_S,
                    .timeout_ns = NS_PER_S };
    Err refused = { 0 };
    int r = trial_run(x, &p, &s, &refused);
    if (!proof_figure(x, "said to be refused", "count", r == -ECONNREFUSED, 1, 1))
        proof_note(x, PROOF_BROKEN, "a closed port gave: %s", r < 0 ? refused.msg : "results");
    return 0;
}

const Proof proofs_outcomes[] = {
    { "counts", "errors, resets, garbage and silence: both sides count the same", .server = true,
      .run = prove_counts },
    { "overload",
      "offered more than a server passes, every operation is timed from when it was due",
      .server = true, .run = prove_overload },
    { "refusal", "a closed port is an error, not a result", .run = prove_refusal },
    { NULL },
};
