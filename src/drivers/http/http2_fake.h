/* For tests: an HTTP/2 server in a child process that answers each request with given frames, well
 * or badly. Stop it with fake_stop. */
#pragma once

#include "drivers/fake_server.h"

typedef enum FakeStream {
    ON_REQUEST, /* the request's own */
    ON_LINK,    /* stream 0 */
    ON_NEXT,    /* one that nobody opened */
} FakeStream;

typedef struct FakeFrame {
    uint8_t type, flags;
    FakeStream stream;
    Str payload;
    uint32_t length; /* what the head says; 0: the payload's */
    bool raw;        /* the payload alone, without a head */
} FakeFrame;

enum { FAKE_FRAMES = 6 };

typedef struct FakeHttp2 {
    FakeFrame frames[FAKE_FRAMES]; /* the first without type, flags and payload ends them */
    FakeEnd end;                   /* then */
    uint32_t most_streams;         /* in SETTINGS; 0: not said */
    uint32_t good;                 /* answer so many requests of a connection well before */
    bool no_settings;              /* say nothing after the preface */
    bool wild;                     /* draw from the seed: well, cut, reset, closed, silent */
    uint64_t seed;
} FakeHttp2;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_http2_start(const FakeHttp2 *s);

#define FAKE_HEADERS_200                                                                           \
    {                                                                                              \
        .type = 1, .flags = 4, .payload = STR("\x88")                                              \
    }
#define FAKE_DATA_END(text)                                                                        \
    {                                                                                              \
        .type = 0, .flags = 1, .payload = STR(text)                                                \
    }
