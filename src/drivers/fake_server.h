/* For tests: a server in a child process that reads HTTP requests and answers with given bytes,
 * well or badly. A process, so that it can be frozen and killed; it dies with its parent. */
#pragma once

#include "base/str.h"

typedef enum FakeEnd {
    FAKE_KEEP,  /* the next request may come */
    FAKE_CLOSE, /* orderly */
    FAKE_RESET, /* with a TCP reset */
    FAKE_HOLD,  /* say nothing more, keep it open */
} FakeEnd;

typedef struct FakeScript {
    Str reply;             /* borrowed while starting; to each request */
    Str filler;            /* then this, again and again, … */
    uint64_t filler_bytes; /* … so many bytes of it */
    FakeEnd end;           /* then */
    uint32_t requests_max; /* close a connection unannounced after so many replies; 0: never */
    uint32_t drip_ms;      /* > 0: one byte of filler each so many ms */
    bool wild;             /* draw how each request is treated from the seed: well, or any fault */
    uint64_t seed;
} FakeScript;

typedef struct FakeServer {
    int pid, port;
} FakeServer;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_start(const FakeScript *s);
/* Kill and reap; nothing when stopped already. */
void fake_stop(FakeServer *f);
/* "http://127.0.0.1:PORT/". Returns buf. */
enum { FAKE_URL_MAX = 64 };
const char *fake_url(char buf[FAKE_URL_MAX], const FakeServer *f);
/* A port of 127.0.0.1 where nobody listens. */
FakeServer fake_nobody(void);
