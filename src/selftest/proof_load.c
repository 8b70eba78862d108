/* Proofs about times under load: pacing, percentiles, freezes, the two clocks. */
#include <errno.h>
#include <math.h>

#include "selftest/proof_trial.h"

/* ---- T4: percentiles against what the server did ----
 *
 * Both sides see the same requests on the same clock, and the server's interval (arrival in the
 * kernel to hand-over of the reply) lies within the client's (send to last byte). So the client's
 * sorted times are never below the server's, rank by rank; and above them by the network and by
 * waiting for a core. Requests that only one side recorded (in flight at the end) can shift ranks
 * by their number, no more: the server's quantile becomes a band of ranks. */

static const char noise_words[] = ": no more than this machine kept threads waiting";

#define SLACK_SHARE 0.01
#define SLACK_NS 30e3
/* What clock conversions on the server's side may be off by. */
#define CLOCK_NS 2e3
#define BIN_SHARE 0.001

/* p10 is promised to nobody: noise hardly reaches it, so a wrong figure shows there on a loaded
 * machine too. */
static const double quantiles[] = { 0.1, 0.5, 0.9, 0.95, 0.99, 0.999 };
static const char *const quantile_names[] = { "p10", "p50", "p90", "p95", "p99", "p99.9" };

static uint64_t unmatched(const TrialSeen *s)
{
    uint64_t a = s->server.did->n, b = s->service_time->n;
    return (a > b ? a - b : b - a) + s->service_time->n_censored;
}

/* The server's quantile, with the ranks moved by `slack` down or up. */
static double server_low(const TrialSeen *s, double q, uint64_t slack)
{
    uint64_t rank = hist_rank(s->server.did->n, q);
    return (double)hist_value_at_rank_lo(s->server.did, rank > slack ? rank - slack : 1);
}

static double server_high(const TrialSeen *s, double q, uint64_t slack)
{
    uint64_t n = s->server.did->n;
    return (double)hist_value_at_rank(s->server.did, MIN(hist_rank(n, q) + slack, n));
}

/* The one wait for a core that lies in the client's time and not in the server's: until the client
 * reads the reply. */
enum { CLIENT_WAITS = 1 };

static void compare_quantile(ProofCtx *x, const TrialSeen *s, ptrdiff_t i)
{
    double q = quantiles[i], client = hist_quantile(s->service_time, q);
    uint64_t slack = unmatched(s);
    double low = server_low(s, q, slack) * (1 - BIN_SHARE) - CLOCK_NS;
    double high = server_high(s, q, slack) * (1 + SLACK_SHARE) + SLACK_NS;
    if (proof_figure(x, quantile_names[i], "ns", client, low, high))
        return;
    double calm_q, by_ns;
    witness_blame(&s->machine, q, CLIENT_WAITS, &calm_q, &by_ns);
    double noisy = server_high(s, calm_q, slack) * (1 + SLACK_SHARE) + SLACK_NS + by_ns;
    bool explained = client > high && client <= noisy;
    proof_note(x, explained ? PROOF_UNCLEAR : PROOF_BROKEN,
               "%s is %.1f µs where the server did %.1f to %.1f µs%s", quantile_names[i],
               client / 1e3, low / 1e3, high / 1e3, explained ? noise_words : "");
}

typedef struct LawParam {
    const char *target;
} LawParam;

static int prove_percentiles(ProofCtx *x, const Proof *self, Err *err)
{
    const LawParam *law = self->param;
    CLEANUP(trial_seen_done) TrialSeen s = { 0 };
    TrialPlan p = { .target = law->target,
                    .rate = 1000,
                    .connections = 256,
                    .spin = true,
                    .duration_ns = (x->o->quick ? 1500 : 6000) * NS_PER_MS,
                    .timeout_ns = 30 * NS_PER_S };
    TRY(trial_run(x, &p, &s, err));
    proof_figure(x, "replies compared", "count", (double)s.server.did->n, 1, (double)NAN);
    double in_flight = (double)(s.trial->outcomes.in_flight + s.service_time->n_censored);
    if (!proof_figure(x, "seen by one side only", "count", (double)unmatched(&s), 0, in_flight))
        proof_note(x, PROOF_BROKEN, "the server made %llu replies, %llu were timed",
                   (unsigned long long)s.server.did->n, (unsigned long long)s.service_time->n);
    if (!s.server.did->n || !s.service_time->n)
        return err_set(err, -ENODATA, "no replies to compare");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(quantiles); i++)
        compare_quantile(x, &s, i);
    return 0;
}

/* ---- T6: latency = service time + lateness ---- */

/* Means of the same operations add up exactly but for rounding to whole ns. */
static void check_two_clocks(ProofCtx *x, const TrialSeen *s)
{
    double sum = hist_mean(s->service_time) + hist_mean(s->lateness);
    double got = hist_mean(s->latency);
    proof_figure(x, "operations timed", "count", (double)s->latency->n, 1, (double)NAN);
    if (!proof_figure(x, "mean latency", "ns", got, sum - 2, sum + 2))
        proof_note(x, PROOF_BROKEN,
                   "mean latency %.0f ns is not service time and lateness, %.0f ns", got, sum);
}

/* A slow target with two connections: operations wait their turn, so that lateness is large. */
static int prove_two_clocks(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(trial_seen_done) TrialSeen s = { 0 };
    TrialPlan p = { .target = "/constant?a=4ms",
                    .rate = 450,
                    .connections = 2,
                    .duration_ns = NS_PER_S,
                    .timeout_ns = 30 * NS_PER_S };
    TRY(trial_run(x, &p, &s, err));
    check_two_clocks(x, &s);
    return 0;
}

/* ---- T2: pacing ---- */

static void check_lateness(ProofCtx *x, const TrialSeen *s, const char *name, double q,
                           double limit_ns)
{
    double got = hist_quantile(s->lateness, q);
    if (proof_figure(x, name, "ns", got, 0, limit_ns))
        return;
    double calm_q, by_ns;
    witness_blame(&s->machine, q, 1, &calm_q, &by_ns);
    bool explained = got <= limit_ns + by_ns;
    proof_note(x, explained ? PROOF_UNCLEAR : PROOF_BROKEN, "%s %.1f µs, promised %.0f µs%s", name,
               got / 1e3, limit_ns / 1e3, explained ? noise_words : "");
}

static int prove_pacing(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(trial_seen_done) TrialSeen s = { 0 };
    TrialPlan p = { .target = "/none",
                    .rate = 10000,
                    .connections = 64,
                    .spin = true,
                    .duration_ns = (x->o->quick ? 2 : 10) * NS_PER_S,
                    .timeout_ns = 30 * NS_PER_S };
    TRY(trial_run(x, &p, &s, err));
    const Outcomes *o = &s.trial->outcomes;
    double planned = p.rate * (double)p.duration_ns / 1e9;
    double sent = (double)(o->scheduled - o->dropped - o->shed);
    if (!proof_figure(x, "scheduled", "count", (double)o->scheduled, planned - 1, planned + 1))
        proof_note(x, PROOF_BROKEN, "%.0f operations planned, %llu scheduled", planned,
                   (unsigned long long)o->scheduled);
    if (!proof_figure(x, "mean rate over planned", "share", sent / planned, 0.9999, 1.0001))
        proof_note(x, s.machine.longest_ns > 5 * NS_PER_MS ? PROOF_UNCLEAR : PROOF_BROKEN,
                   "%.0f of %.0f operations were sent", sent, planned);
    check_lateness(x, &s, "lateness p50", 0.5, 20e3);
    check_lateness(x, &s, "lateness p99", 0.99, 150e3);
    check_two_clocks(x, &s);
    return 0;
}

/* ---- T3: the freeze law ----
 *
 * A server that stands still for F of T seconds, far below capacity: quantile q of the response
 * time is max(service, T q - (T - F)), their mean service + F^2 / 2T. Requests come 1 / rate apart,
 * so an order statistic may be off by that much. */

static void check_freeze(ProofCtx *x, const TrialSeen *s, const char *name, double got_ns,
                         double law_ns, double grain_ns)
{
    double slack = fmax(0.01 * law_ns, 2e6) + grain_ns;
    if (proof_figure(x, name, "ns", got_ns, law_ns - slack, law_ns + slack))
        return;
    double stall = (double)s->machine.longest_ns;
    bool explained = fabs(got_ns - law_ns) <= slack + stall;
    proof_note(x, explained ? PROOF_UNCLEAR : PROOF_BROKEN, "%s is %.1f ms, the law says %.1f ms%s",
               name, got_ns / 1e6, law_ns / 1e6,
               explained ? ": this machine stalled for as long" : "");
}

static int prove_freeze(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(trial_seen_done) TrialSeen s = { 0 };
    uint64_t T = (x->o->quick ? 4 : 10) * NS_PER_S, F = T / 2;
    TrialPlan p = { .target = "/none",
                    .rate = 250,
                    .connections = 64,
                    .duration_ns = T,
                    .timeout_ns = 4 * T,
                    .freeze_at_ns = T / 5,
                    .freeze_for_ns = F };
    TRY(trial_run(x, &p, &s, err));
    double t = (double)T, f = (double)s.frozen_ns, grain = 1e9 / p.rate;
    double service = hist_quantile(s.service_time, 0.25);
    proof_figure(x, "server stood still", "ns", f, (double)F, (double)NAN);
    check_freeze(x, &s, "p75", hist_quantile(s.latency, 0.75), fmax(service, t * 0.75 - (t - f)),
                 grain);
    check_freeze(x, &s, "p99", hist_quantile(s.latency, 0.99), fmax(service, t * 0.99 - (t - f)),
                 grain);
    check_freeze(x, &s, "mean", hist_mean(s.latency), service + f * f / (2 * t), grain);
    check_two_clocks(x, &s);
    return 0;
}

static const LawParam law_constant = { "/constant?a=5ms" };
static const LawParam law_uniform = { "/uniform?a=1ms&b=10ms" };
static const LawParam law_mix = { "/mix?a=1ms&b=100ms&share=0.01" };
static const LawParam law_pareto = { "/pareto?a=1ms&shape=1.5" };
static const LawParam law_exponential = { "/exponential?a=5ms" };

#define PERCENTILES(law, text)                                                                     \
    {                                                                                              \
        "percentiles/" #law, "p50 to p99.9 within 1 % + 30 µs of what a server did whose " text,   \
            .server = true, .run = prove_percentiles, .param = &law_##law                          \
    }

const Proof proofs_load[] = {
    { "pacing", "10 000 operations per second leave on time: p50 20 µs, p99 150 µs", .server = true,
      .run = prove_pacing },
    { "two-clocks", "latency is service time and lateness, also when operations queue",
      .server = true, .run = prove_two_clocks },
    PERCENTILES(constant, "delay is constant"),
    PERCENTILES(uniform, "delays are uniform"),
    PERCENTILES(mix, "delays are 1 ms and, one in a hundred, 100 ms"),
    PERCENTILES(pareto, "delays have a heavy tail (Pareto)"),
    PERCENTILES(exponential, "delays are exponential"),
    { "freeze", "a server that stands still shows in full: the freeze law, within 1 % or 2 ms",
      .server = true, .run = prove_freeze },
    { NULL },
};
