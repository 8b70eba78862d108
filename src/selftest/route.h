/* What the test server does with requests for one target: a delay law, faults by share, the shape
 * of a good reply – all read from the target itself – and the counts of what it did.
 *
 *     /mix?a=1ms&b=100ms&share=0.01        99:1 of 1 ms and 100 ms
 *     /none?reset=0.1&silence=0.05         one in ten reset, one in twenty never answered
 *     /constant?a=2ms&body=1MiB&chunked=yes&trailers=yes
 *     /none?rate=500/s&burst=10            a server that holds 500/s and queues the rest
 *
 * The path names the law (law.h), the query the option rows srv_route_opts; no escapes. One thread.
 */
#pragma once

#include "base/opt.h"
#include "selftest/law.h"
#include "stats/hist.h"

/* How a request ends. "then waits": the connection stays open until the client leaves. */
typedef enum ReplyKind {
    REPLY_OK,         /* a complete 200 */
    REPLY_STATUS,     /* a complete reply with an error status */
    REPLY_RESET,      /* TCP reset instead of a reply */
    REPLY_CLOSE,      /* orderly close instead of a reply */
    REPLY_GARBAGE,    /* bytes that are no HTTP, then close */
    REPLY_ENDLESS,    /* header lines without end, until the client leaves */
    REPLY_TRUNCATED,  /* half of the declared body, then close */
    REPLY_SHORT,      /* half of the declared body, then waits */
    REPLY_EXCESS,     /* a complete 200 and surplus bytes behind it, then close */
    REPLY_BAD_LENGTH, /* a Content-Length that is no number, then close */
    REPLY_BAD_CHUNK,  /* a chunk size that is no number, then close */
    REPLY_SILENCE,    /* nothing at all, then waits */
    REPLY_N,
} ReplyKind;

typedef struct SrvRouteOpts {
    uint64_t a, b;          /* the law's, ns */
    double share, shape;    /* the law's */
    double faults[REPLY_N]; /* share of requests that end so; REPLY_OK takes the rest */
    uint32_t status;        /* code of REPLY_STATUS */
    uint64_t body;          /* bytes of a reply's body */
    bool chunked;           /* send it in chunks, without Content-Length */
    bool trailers;          /* … with trailer fields behind them */
    bool close;             /* "Connection: close" after each good reply */
    uint32_t interim;       /* 1xx replies before the final one */
    uint64_t drip;          /* spread the body over this time, ns */
    double rate;            /* token bucket: replies per second, 0: no bucket */
    uint32_t burst;         /* tokens that the bucket holds */
} SrvRouteOpts;
extern const Opt srv_route_opts[];

typedef struct SrvRoute {
    const char *target; /* as requested; in the table's arena */
    Law law;
    SrvRouteOpts o;
    Rng rng;                 /* two numbers per request: kind, delay */
    uint64_t next_token;     /* theoretical arrival time of the bucket, ns of CLOCK_MONOTONIC */
    uint64_t received;       /* whole requests taken */
    uint64_t kinds[REPLY_N]; /* what they were to end as; Σ = received */
    uint64_t finished;       /* … and did */
    uint64_t aborted;        /* … and could not, or need not, because the client left */
    Hist *drawn;             /* owned; delays as drawn from the law, ns */
    Hist *did;  /* owned; last byte received to first byte of the reply handed over, ns */
    Hist *late; /* owned; how much later than planned the hand-over was, ns */
} SrvRoute;

/* How one request is to end. */
typedef struct SrvPlan {
    ReplyKind kind;
    uint64_t received_ns, due_ns; /* CLOCK_MONOTONIC */
} SrvPlan;

const char *srv_reply_name(ReplyKind k); /* "ok", "status", "reset" … */

/* Read a target into a fresh route in `a`. `seed` and the target make its random stream.
 * -EINVAL names what is wrong. srv_route_done frees the histograms. */
MUST_CHECK int srv_route_parse(Arena *a, Str target, uint64_t seed, SrvRoute **ret, Err *err);
void srv_route_done(SrvRoute *r);

/* Decide for a request whose last byte came at `received_ns`; counts it as received. */
SrvPlan srv_route_plan(SrvRoute *r, uint64_t received_ns);
/* The hand-over of a reply began at `now_ns`. */
void srv_route_did(SrvRoute *r, const SrvPlan *plan, uint64_t now_ns);
/* Forget counts and histograms; the random stream and the bucket go on. */
void srv_route_reset(SrvRoute *r);
