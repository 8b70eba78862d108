/* Inside the test server: its event loop and connections. One thread owns all of it. */
#pragma once

#include "selftest/due.h"
#include "selftest/reply.h"
#include "selftest/request.h"

enum {
    SRV_ROUTES_MAX = 256,
    CONN_IN_MAX = 8192,   /* most input kept while a reply is due */
    CONN_HEAD_MAX = 4096, /* largest head; what is beyond keeps room for the body to pass */
    CONN_OUT_MAX = 16384, /* reply bytes on their way */
};
/* The loop sleeps to this long before the next due time and polls from there: timers and wake-ups
 * of virtual machines come tens of µs late. */
#define SRV_SPIN_NS (UINT64_C(100) * NS_PER_US)

typedef enum ConnState {
    CONN_READING,  /* entered when open and nothing is owed; left when a request is whole */
    CONN_DELAYING, /* a reply is due later; left when it is due */
    CONN_WRITING,  /* bytes are owed; left when the reply is out */
    CONN_PAUSED,   /* between two pieces of a dripping body */
    CONN_WAITING,  /* nothing will ever be said; left when the client leaves */
} ConnState;

typedef struct SrvConn {
    Due due; /* first: the queue hands it back */
    int fd;
    ConnState state;
    bool closing;                /* to be freed at the end of the turn */
    bool owes;                   /* a request of `route` is neither finished nor aborted */
    struct SrvConn *next, *prev; /* the loop's list of open connections */
    SrvRoute *route;             /* of the request in hand; NULL for control requests */
    SrvPlan plan;
    SrvReply reply;
    uint64_t received_ns; /* when the newest input byte came, CLOCK_MONOTONIC */
    uint64_t skip_bytes;  /* of the request's body, still to come */
    SrvRequest request;   /* views into `in` */
    ptrdiff_t in_len, out_at, out_len;
    char in[CONN_IN_MAX];
    char out[CONN_OUT_MAX];
} SrvConn;

/* Counts over the loop's life. */
typedef struct SrvCounts {
    uint64_t accepted;     /* connections taken */
    uint64_t bad_requests; /* no HTTP, or more than the server takes: answered by 400 and close */
    uint64_t not_found;    /* targets that are no route: 404 with the reason */
    uint64_t freezes, frozen_ns;
} SrvCounts;

typedef struct SrvLoop {
    int epoll_fd, listen_fd, stop_fd;
    bool stop, busy; /* busy: never sleep, poll all the time */
    uint64_t seed;
    Arena arena; /* routes */
    SrvRoute *routes[SRV_ROUTES_MAX];
    ptrdiff_t n_routes;
    DueQueue due;
    Due freeze; /* queued while a freeze is to come */
    uint64_t freeze_for_ns;
    SrvConn *conns, *dead; /* lists: open, and to be freed */
    SrvCounts counts;
} SrvLoop;

/* Serve until stop_fd becomes readable. All descriptors are the caller's. */
MUST_CHECK int srv_run(SrvLoop *l, Err *err);
/* Close connections, free routes. Descriptors stay. */
void srv_done(SrvLoop *l);
/* The route of a target, read on first use; NULL with the reason in err. */
SrvRoute *srv_route(SrvLoop *l, Str target, Err *err);

/* conn.c */
void srv_conn_open(SrvLoop *l, int fd);
void srv_conn_event(SrvLoop *l, SrvConn *c, uint32_t events);
void srv_conn_due(SrvLoop *l, SrvConn *c);
void srv_conn_close(SrvLoop *l, SrvConn *c, bool reset);

/* control.c: /stats, /forget, /freeze?in=…&for=…; false when the target is none of these. On true
 * *status and *text (heap) are set. */
bool srv_control(SrvLoop *l, Str target, int *status, char **text);
