/* A test server whose delays, faults and counts are known exactly: the ground truth for every claim
 * about load. HTTP/1.1 on a free loopback port; what it does with a request stands in the request's
 * target (route.h), so that one server serves every law:
 *
 *     TestServer *s;
 *     test_server_start(&s, &(TestServerOpts){ .seed = 1, .process = true }, err);
 *     … load http://127.0.0.1:<test_server_port(s)>/mix?a=1ms&b=100ms&share=0.01 …
 *     test_server_stats(s, "/mix?a=1ms&b=100ms&share=0.01", &stats, err);
 *
 * Delays count from the request's arrival in the kernel to the hand-over of the reply's first byte,
 * so a server that was woken late knows it and says so in its figures. With the same seed, target
 * and number of requests, delays and faults are the same.
 *
 * Control targets: /stats (all counts and histograms as JSON), /forget (zero them; while no request
 * is under way), /freeze?in=DUR&length=DUR (stand still). */
#pragma once

#include "selftest/route.h"

typedef struct TestServer TestServer;

typedef struct TestServerOpts {
    uint64_t seed;
    bool process; /* own process, which can be stopped by signal; else an own thread */
    bool busy;    /* never sleep: most exact, takes a whole core */
    int port;     /* 0: a free one */
} TestServerOpts;

/* What the server did with requests for one target. */
typedef struct TestServerStats {
    uint64_t received, finished, aborted;
    uint64_t kinds[REPLY_N];
    Hist *drawn, *did, *late; /* owned; as in route.h, with the precision of their bins */
} TestServerStats;

/* Returns when the port accepts connections. With `process`, call it from a thread that outlives
 * the server (the child dies with its parent thread). */
MUST_CHECK int test_server_start(TestServer **ret, const TestServerOpts *o, Err *err);
/* Accepts NULL. Connections are closed, the thread or process is waited for (a stopped one is
 * continued). */
TestServer *test_server_stop(TestServer *s);
void test_server_stopp(TestServer **s);

int test_server_port(const TestServer *s);
/* Process to send signals to; 0 for a thread. */
int test_server_pid(const TestServer *s);
/* Asks the server over HTTP; a target never requested has all counts 0. Release by
 * test_server_stats_done. */
MUST_CHECK int test_server_stats(const TestServer *s, const char *target, TestServerStats *ret,
                                 Err *err);
void test_server_stats_done(TestServerStats *st);
/* Zero all counts. */
MUST_CHECK int test_server_forget(const TestServer *s, Err *err);

/* A loopback port that nobody listens on, at the time of asking; negative errno. */
MUST_CHECK int test_server_closed_port(Err *err);
