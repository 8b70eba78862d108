/* clang-format off */
/* Whether the trial deserves trust, as far as the generator can see.
 *
 *     code                when                                                       grade
 *     nothing-scheduled   no operation became due                                    INVALID
 *     nothing-succeeded   not one operation ended well                               INVALID
 *     failures            failed and timed out > 1 % of the scheduled operations;    SUSPECT;
 *                         closed, too: > 1 % of the users' time spent waiting to     INVALID
 *                         connect again                                              above 50 %
 *     out-of-descriptors  a connection failed with EMFILE or ENFILE                  INVALID
 *     out-of-ports        a connection failed with EADDRNOTAVAIL                     INVALID
 *     script-failed       a function of a script failed in a step                    SUSPECT
 *     rate-not-met        open: replies within the window < 0.99 of the operations   SUSPECT;
 *                         offered in it                                              INVALID when the
 *                                                                                    generator was late
 *     late-sends          p99 of lateness > max(1 ms, 10 % of the median response    SUSPECT
 *                         time)
 *     dropped             dropped and shed > 0.1 % of the scheduled operations       SUSPECT;
 *                                                                                    INVALID above 5 %
 *     cpu-saturated       a worker was busy > 85 % of the window, polling for due    SUSPECT
 *                         times not counted
 *     run-queue           a worker stood ready without a core > 10 % of the window       SUSPECT
 *
 * Late because every connection was busy (the target is slow, or has too few connections) and late
 * although one was free (the generator is slow) are told apart, because their cures are: lateness
 * of operations that found a free connection is the generator's own. */
/* clang-format on */
#include <math.h>

#include "load/load_internal.h"

#define ACHIEVED_MIN 0.99
#define LATENESS_LIMIT_NS 1e6
#define LATENESS_SHARE 0.1
#define DROPPED_SUSPECT 0.001
#define DROPPED_INVALID 0.05
#define CPU_LIMIT_PERMILLE 850
#define RUN_QUEUE_LIMIT_PERMILLE 100
#define FAILURES_SUSPECT 0.01
#define FAILURES_INVALID 0.5
#define CAUSES_SAID 3

#define REASON(l, grade, code, ...)                                                                \
    validity_add(&(l)->trial->validity, &(l)->run->arena, (grade), (code), __VA_ARGS__)

static double lateness_limit_ns(const Load *l)
{
    double p50 = hist_quantile(l->total.latency, 0.5);
    return isnan(p50) ? LATENESS_LIMIT_NS : MAX(LATENESS_LIMIT_NS, LATENESS_SHARE * p50);
}

static bool generator_was_late(const Load *l)
{
    return hist_quantile(l->total.own_lateness, 0.99) > lateness_limit_ns(l);
}

static void judge_resources(Load *l)
{
    const Tally *t = &l->total;
    if (t->no_descriptors)
        REASON(l, GRADE_INVALID, "out-of-descriptors",
               "%llu connections failed for want of descriptors on this host; raise ulimit -n or "
               "use fewer connections",
               (unsigned long long)t->no_descriptors);
    if (t->no_ports)
        REASON(l, GRADE_INVALID, "out-of-ports",
               "%llu connections failed for want of local ports; let the target keep connections "
               "open, or widen net.ipv4.ip_local_port_range",
               (unsigned long long)t->no_ports);
}

/* The cure for each way not to be answered, the gravest first: what keeps the others from being
 * seen. */
static const struct {
    const char *what, *cure;
    int fail; /* FailClass; FAIL_N: timed out */
} ways[] = {
    { "could not connect", "see that the target runs and accepts connections", FAIL_CONNECT },
    { "lost their connection", "see whether the target died or closes in mid-reply", FAIL_RESET },
    { "timed out", "see why the target hangs, or allow a longer timeout", FAIL_N },
    { "failed in TLS", "see the target's certificate", FAIL_TLS },
    { "got no reply of the protocol", "see that the URL belongs to this driver", FAIL_PROTOCOL },
    { "were refused as not logged in (401)", "give them a login: user, bearer, or the scenario's",
      FAIL_UNAUTHORIZED },
    { "were refused as forbidden (403)", "see what the login may do", FAIL_FORBIDDEN },
    { "got an error status", "see the target's log, or say which are expected", FAIL_STATUS },
    { "failed their check", "see what the target replied", FAIL_CHECK },
    { "got an error of the tool they called", "see what the tool says, and its arguments",
      FAIL_TOOL },
};

static uint64_t count_way(const Outcomes *o, int fail)
{
    return fail == FAIL_N ? o->timed_out : o->failed[fail];
}

/* "4696 could not connect, 12 timed out (4696 x Connection refused); CURE": the cure of the most
 * frequent. */
static void describe_failures(const Load *l, StrBuf *b)
{
    const Outcomes *o = &l->total.outcomes;
    ptrdiff_t most = 0;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(ways); i++) {
        uint64_t n = count_way(o, ways[i].fail);
        if (n > count_way(o, ways[most].fail))
            most = i;
        if (n)
            strbuf_addf(b, "%s%llu %s", b->len ? ", " : "", (unsigned long long)n, ways[i].what);
    }
    if (b->len == 0)
        strbuf_addz(b, "none was answered");
    CLEANUP(strbuf_done) StrBuf causes = { 0 };
    causes_describe(&l->total.causes, CAUSES_SAID, &causes);
    if (causes.len)
        strbuf_addf(b, " (%s)", strbuf_z(&causes));
    strbuf_addf(b, "; %s", ways[most].cure);
}

static void judge_success(Load *l)
{
    const Outcomes *o = &l->total.outcomes;
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (o->scheduled == 0) {
        REASON(l, GRADE_INVALID, "nothing-scheduled",
               "no operation became due within the window; measure longer or raise the rate");
    } else if (o->ok == 0) {
        describe_failures(l, &b);
        REASON(l, GRADE_INVALID, "nothing-succeeded", "none of %llu operations succeeded: %s",
               (unsigned long long)o->scheduled, strbuf_z(&b));
    }
}

/* Closed users send nothing while they wait to connect again, so their failures look few. */
static double share_waiting(const Load *l)
{
    double ns = (double)l->win.end_ns - (double)l->win.begin_ns;
    bool closed = !l->window.any_open && l->wp.n_users > 0 && ns > 0;
    return closed ? MIN((double)l->total.backoff_ns / (ns * l->wp.n_users), 1.0) : 0;
}

static void judge_failures(Load *l)
{
    const Outcomes *o = &l->total.outcomes;
    if (o->ok == 0)
        return; /* nothing-succeeded says so */
    double ops = (double)(outcomes_failed(o) + o->timed_out) / (double)o->scheduled;
    double waiting = share_waiting(l), share = MAX(ops, waiting);
    if (share <= FAILURES_SUSPECT)
        return;
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    describe_failures(l, &b);
    REASON(l, share > FAILURES_INVALID ? GRADE_INVALID : GRADE_SUSPECT, "failures",
           "%.1f %% of %s (limit %.0f %%): %s", 100 * share,
           waiting > ops ? "the users' time went by waiting to connect again"
                         : "the operations failed or timed out",
           100 * FAILURES_SUSPECT, strbuf_z(&b));
}

static const char *rate_cure(const Load *l, bool own, uint64_t missing)
{
    const Outcomes *o = &l->total.outcomes;
    uint64_t failed = outcomes_failed(o) + o->timed_out - o->failed[FAIL_UNAUTHORIZED] -
                      o->failed[FAIL_FORBIDDEN] - o->failed[FAIL_STATUS] - o->failed[FAIL_CHECK] -
                      o->failed[FAIL_TOOL];
    if (own)
        return "the generator was too slow: give it more or idle cores, or lower the rate";
    if (2 * failed >= missing)
        return "most of the others failed: cure the failures first";
    return "the target did not keep up on these connections: lower the rate, or give it more "
           "connections";
}

static void judge_scripts(Load *l)
{
    const PlayTally *t = &l->play;
    if (t->scripts_failed)
        REASON(l, GRADE_SUSPECT, "script-failed",
               "%llu calls of a script failed (%s); see what the function makes of its variables",
               (unsigned long long)t->scripts_failed, t->script_why);
}

/* Only a reply is an answer: a refused connection is quick, but not what was offered. */
static void judge_rate(Load *l)
{
    const Tally *t = &l->total;
    uint64_t offered = t->outcomes.scheduled;
    uint64_t came = load_window_replies(l, t->answered_in_window, t->answered_carried_in,
                                        t->answered_carried_out);
    if (l->window.any_closed || offered == 0)
        return;
    double share = (double)came / (double)offered;
    if (share >= ACHIEVED_MIN)
        return;
    bool own = generator_was_late(l);
    REASON(l, own ? GRADE_INVALID : GRADE_SUSPECT, "rate-not-met",
           "%.1f %% of the offered operations were answered within the window (limit %.0f %%); %s",
           100 * share, 100 * ACHIEVED_MIN, rate_cure(l, own, offered - came));
}

static const char *lateness_cure(const Load *l)
{
    if (generator_was_late(l))
        return "the generator was late itself: give it an idle core, fewer users, or spin";
    if (l->window.any_open)
        return "they waited for a free connection: response times hold that wait; more "
               "connections would send them in time";
    return "their users waited for their connection to be made again: response times hold that "
           "wait; let the target keep connections open";
}

static void judge_lateness(Load *l)
{
    double p99 = hist_quantile(l->total.lateness, 0.99), limit = lateness_limit_ns(l);
    char a[FMT_MAX], b[FMT_MAX];
    if (p99 > limit)
        REASON(l, GRADE_SUSPECT, "late-sends",
               "1 %% of the operations were sent %s late or more (limit %s); %s",
               fmt_duration(a, p99), fmt_duration(b, limit), lateness_cure(l));
}

static void judge_dropped(Load *l)
{
    const Outcomes *o = &l->total.outcomes;
    double share = o->scheduled ? (double)(o->dropped + o->shed) / (double)o->scheduled : 0;
    if (share <= DROPPED_SUSPECT)
        return;
    REASON(l, share > DROPPED_INVALID ? GRADE_INVALID : GRADE_SUSPECT, "dropped",
           "%.2f %% of the operations were never sent (limit %.1f %%): no connection became free; "
           "lower the rate or allow more connections",
           100 * share, 100 * DROPPED_SUSPECT);
}

static void judge_cpu(Load *l)
{
    uint64_t permille = l->total.worst_cpu_permille;
    if (permille <= CPU_LIMIT_PERMILLE)
        return;
    REASON(l, GRADE_SUSPECT, "cpu-saturated",
           "the generator kept a core %.0f %% busy (limit %.0f %%): times hold its own queueing; "
           "use more workers or less load",
           (double)permille / 10, CPU_LIMIT_PERMILLE / 10.0);
}

static void judge_run_queue(Load *l)
{
    uint64_t permille = l->total.worst_run_queue_permille;
    if (permille <= RUN_QUEUE_LIMIT_PERMILLE)
        return;
    REASON(l, GRADE_SUSPECT, "run-queue",
           "the generator stood ready without a core for %.0f %% of the window (limit %.0f %%): "
           "times hold that wait; leave it a core (fewer workers, the target elsewhere, taskset)",
           (double)permille / 10, RUN_QUEUE_LIMIT_PERMILLE / 10.0);
}

void load_judge(Load *l)
{
    judge_success(l);
    judge_failures(l);
    judge_resources(l);
    judge_scripts(l);
    judge_rate(l);
    judge_lateness(l);
    judge_dropped(l);
    judge_cpu(l);
    judge_run_queue(l);
}
