/* Option rows of a load: command line and suites. */
#include "model/spec.h"

#include <errno.h>

#include "model/promise.h"
#include "model/stop_expr.h"
#include "model/think.h"

static const char *const overload_names[] = { "queue", "shed", "drop", NULL };

const Opt load_opts[] = {
    { .type = OPT_HEAD, .name = "Load" },
    OPT(LoadSpec, users, U32, .dflt = "0", .min = 0, .max = 1e6,
        .help = "closed load: users that each wait for the reply before they go on; 0: as many as "
                "connections"),
    OPT(LoadSpec, rate, RATE, .letter = 'r', .dflt = "0", .min = 0, .max = 1e9,
        .help = "open load: operations per second, due whether or not earlier ones were answered"),
    OPT(LoadSpec, connections, U32, .letter = 'c', .dflt = "0", .min = 0, .max = 1e6,
        .help = "most connections of an open load; 0: 64, and 10 users for a closed one"),
    OPT(LoadSpec, workers, U32, .dflt = "0", .min = 0, .max = 256,
        .help = "threads; 0: one per core but one"),
    OPT(LoadSpec, timeout, NS, .dflt = "10s", .min = 1e6, .max = 3.6e12,
        .help = "longest time for one operation, from when it is sent"),
    OPT(LoadSpec, overload, ENUM, .dflt = "queue", .choices = overload_names,
        .help = "due operations without a free connection: queue them, shed those that waited "
                "longer than the timeout, or drop them at once"),
    OPT(LoadSpec, think, STR, .arg = "LAW",
        .help = "closed load: pause between a reply and the user's next operation: 1s, "
                "uniform(a, b), normal(mean, sd), exp(mean), lognormal(mean, sd)"),
    OPT(LoadSpec, idle, U32, .dflt = "0", .min = 0, .max = 1e6,
        .help = "connections that are opened beside the others and only held; what the target "
                "closes is counted and opened again"),
    OPT(LoadSpec, find_rate, STR, .arg = "PROMISE",
        .help = "search the highest rate that keeps a promise, such as 'p99<50ms, error_rate<1%'; "
                "starts at the rate, if one is given"),
    OPT(LoadSpec, replay, STR, .arg = "FILE",
        .help = "send the requests of an access log, a HAR file or NDJSON when they are due by "
                "their recorded times; an open load"),
    OPT(LoadSpec, speed, F64, .dflt = "1", .min = 1e-3, .max = 1e6,
        .help = "replay: so many times as fast as recorded"),
    OPT(LoadSpec, replay_lenient, BOOL, .dflt = "no",
        .help = "replay: leave out damaged records while they are few (ten, or one in a hundred)"),
    OPT(LoadSpec, stop, STR, .arg = "EXPR",
        .help = "end the load when this holds: 'error_rate > 5% or latency.p95 > 5s'"),
    OPT(LoadSpec, stop_window, NS, .dflt = "0", .max = 3.6e12,
        .help = "time that the condition is looked at over; 0: a tenth of the load, 0.5s to 10s"),
    OPT(LoadSpec, spin, BOOL, .dflt = "no",
        .help = "poll until operations are due instead of trusting timers; needs a spare core"),
    { .type = OPT_END },
};

int load_spec_check(const LoadSpec *s, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Expect clauses[STOP_CLAUSES_MAX];
    ptrdiff_t n;
    Think think;
    Err why = { 0 };
    if (think_parse(s->think, &think, &why) < 0)
        return err_set(err, -EINVAL, "think: %s", why.msg);
    Promise promise;
    if (s->find_rate && promise_parse(&a, s->find_rate, &promise, &why) < 0)
        return err_set(err, -EINVAL, "find_rate: %s", why.msg);
    if (s->find_rate && (s->users || s->stages.n || s->stop))
        return err_set(err, -EINVAL,
                       "find_rate: sets rates itself; leave users, stages and stop out");
    if (s->replay && (s->users || s->rate > 0 || s->stages.n || s->find_rate || s->think))
        return err_set(err, -EINVAL,
                       "replay: the recording says when requests are due; leave users, rate, "
                       "stages, find_rate and think out");
    if (s->replay && str_eqz(str(s->replay), "-"))
        return err_set(err, -EINVAL,
                       "replay: wants a file: it is read before each trial, and standard input can "
                       "be read once");
    if (s->replay && (s->scenarios.n || s->stream))
        return err_set(err, -EINVAL, "replay: sends requests; leave scenarios and streams out");
    if (s->stop && stop_parse(&a, s->stop, clauses, &n, &why) < 0)
        return err_set(err, -EINVAL, "stop: %s", why.msg);
    return 0;
}
