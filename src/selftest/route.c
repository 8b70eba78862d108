#include "selftest/route.h"

#include <errno.h>
#include <string.h>

static const char *const kind_names[REPLY_N] = {
    [REPLY_OK] = "ok",
    [REPLY_STATUS] = "status",
    [REPLY_RESET] = "reset",
    [REPLY_CLOSE] = "close",
    [REPLY_GARBAGE] = "garbage",
    [REPLY_ENDLESS] = "endless",
    [REPLY_TRUNCATED] = "truncated",
    [REPLY_SHORT] = "short",
    [REPLY_EXCESS] = "excess",
    [REPLY_BAD_LENGTH] = "bad_length",
    [REPLY_BAD_CHUNK] = "bad_chunk",
    [REPLY_SILENCE] = "silence",
};

const char *srv_reply_name(ReplyKind k)
{
    assert(k < REPLY_N);
    return kind_names[k];
}

#define FAULT(label, kind, text)                                                                   \
    {                                                                                              \
        .type = OPT_SHARE, .name = label, .offset = offsetof(SrvRouteOpts, faults[kind]),          \
        .max = 1, .help = text                                                                     \
    }

const Opt srv_route_opts[] = {
    OPT(SrvRouteOpts, a, NS, .help = "delay: the constant, the lower end, the scale or the mean"),
    OPT(SrvRouteOpts, b, NS, .help = "delay: the upper end, or the rarer value of a mix"),
    OPT(SrvRouteOpts, share, SHARE, .dflt = "0.01", .max = 1, .help = "share of b in a mix"),
    OPT(SrvRouteOpts, shape, F64, .dflt = "2", .min = 0.1, .max = 100, .help = "Pareto's exponent"),
    FAULT("fail", REPLY_STATUS, "share answered with an error status"),
    FAULT("reset", REPLY_RESET, "share answered by a TCP reset"),
    FAULT("eof", REPLY_CLOSE, "share answered by closing the connection"),
    FAULT("garbage", REPLY_GARBAGE, "share answered with bytes that are no HTTP"),
    FAULT("endless", REPLY_ENDLESS, "share answered with headers that never end"),
    FAULT("truncated", REPLY_TRUNCATED, "share whose body breaks off"),
    FAULT("short", REPLY_SHORT, "share whose body stops half way"),
    FAULT("excess", REPLY_EXCESS, "share with more body than declared"),
    FAULT("bad_length", REPLY_BAD_LENGTH, "share with a length that is no number"),
    FAULT("bad_chunk", REPLY_BAD_CHUNK, "share with a chunk size that is no number"),
    FAULT("silence", REPLY_SILENCE, "share never answered"),
    OPT(SrvRouteOpts, status, U32, .dflt = "500", .min = 200, .max = 599,
        .help = "the error status"),
    OPT(SrvRouteOpts, body, BYTES, .dflt = "13", .help = "bytes of the body"),
    OPT(SrvRouteOpts, chunked, BOOL, .help = "send the body in chunks"),
    OPT(SrvRouteOpts, trailers, BOOL, .help = "put trailer fields behind the chunks"),
    OPT(SrvRouteOpts, close, BOOL, .help = "close after each reply, and say so"),
    OPT(SrvRouteOpts, interim, U32, .max = 8, .help = "interim replies (1xx) before the final one"),
    OPT(SrvRouteOpts, drip, NS, .help = "spread the body over this time"),
    OPT(SrvRouteOpts, rate, RATE, .help = "replies per second, above it requests queue"),
    OPT(SrvRouteOpts, burst, U32, .dflt = "1", .min = 1, .max = 1e6,
        .help = "tokens held for bursts"),
    { .type = OPT_END },
};

static int parse_query(Arena *a, Str query, SrvRouteOpts *o, Err *err)
{
    Str pair;
    while (query.len && str_cut(&query, '&', &pair)) {
        Str value = pair, name;
        if (!str_cut(&value, '=', &name))
            return err_set(err, -EINVAL, "empty option in the query");
        const Opt *row = opt_find(srv_route_opts, name);
        if (!row)
            return err_set(err, -EINVAL, "no option '" STR_FMT "'", STR_ARG(name));
        TRY(opt_set(a, row, o, value, err));
    }
    return 0;
}

static int check(const SrvRoute *r, Err *err)
{
    double sum = 0;
    for (int k = 0; k < REPLY_N; k++)
        sum += r->o.faults[k];
    if (sum > 1 + 1e-9)
        return err_set(err, -EINVAL, "faults add up to more than 1");
    if (r->law.kind == LAW_UNIFORM && r->law.b < r->law.a)
        return err_set(err, -EINVAL, "uniform: b below a");
    if (MAX(r->law.a, r->law.b) > LAW_MAX_NS)
        return err_set(err, -EINVAL, "delay above 60s");
    return 0;
}

int srv_route_parse(Arena *a, Str target, uint64_t seed, SrvRoute **ret, Err *err)
{
    Str query = str_slice(target, 1, target.len), path;
    if (!str_cut(&query, '?', &path))
        return err_set(err, -EINVAL, "empty target");
    int law = law_find(arena_str(a, path));
    if (law < 0)
        return err_set(err, -EINVAL, "no delay law '" STR_FMT "'", STR_ARG(path));
    SrvRoute *r = ARENA_NEW(a, SrvRoute);
    opt_defaults(a, srv_route_opts, &r->o);
    TRY(parse_query(a, query, &r->o, err));
    r->law = (Law){ (LawKind)law, r->o.a, r->o.b, r->o.share, r->o.shape };
    TRY(check(r, err));
    r->target = arena_str(a, target);
    r->rng = rng_new(seed, r->target, 0);
    if (hist_new(&r->drawn, err) < 0 || hist_new(&r->did, err) < 0 || hist_new(&r->late, err) < 0) {
        srv_route_done(r);
        return -ENOMEM;
    }
    *ret = r;
    return 0;
}

void srv_route_done(SrvRoute *r)
{
    r->drawn = hist_free(r->drawn);
    r->did = hist_free(r->did);
    r->late = hist_free(r->late);
}

static ReplyKind draw_kind(SrvRoute *r)
{
    double u = rng_f64(&r->rng);
    for (int k = REPLY_OK + 1; k < REPLY_N; k++) {
        if (u < r->o.faults[k])
            return (ReplyKind)k;
        u -= r->o.faults[k];
    }
    return REPLY_OK;
}

/* When the bucket lets a request that came at `at` pass. Generic cell rate algorithm (ITU-T I.371):
 * one number instead of a token count. */
static uint64_t take_token(SrvRoute *r, uint64_t at)
{
    if (!(r->o.rate > 0))
        return at;
    double gap = (double)NS_PER_S / r->o.rate;
    uint64_t slack = (uint64_t)(gap * (r->o.burst - 1));
    uint64_t token = MAX(r->next_token, at);
    r->next_token = token + (uint64_t)gap;
    return token > slack ? MAX(at, token - slack) : at;
}

SrvPlan srv_route_plan(SrvRoute *r, uint64_t received_ns)
{
    SrvPlan p = { .kind = draw_kind(r), .received_ns = received_ns };
    uint64_t delay = law_draw(&r->law, &r->rng);
    hist_record(r->drawn, delay);
    p.due_ns = take_token(r, received_ns) + delay;
    r->received++;
    r->kinds[p.kind]++;
    return p;
}

void srv_route_did(SrvRoute *r, const SrvPlan *plan, uint64_t now_ns)
{
    hist_record(r->did, now_ns > plan->received_ns ? now_ns - plan->received_ns : 0);
    hist_record(r->late, now_ns > plan->due_ns ? now_ns - plan->due_ns : 0);
}

void srv_route_reset(SrvRoute *r)
{
    r->received = r->finished = r->aborted = 0;
    memset(r->kinds, 0, sizeof r->kinds);
    hist_reset(r->drawn);
    hist_reset(r->did);
    hist_reset(r->late);
}
