/* For tests: a WebSocket server in a child process that answers each message with its echo or with
 * given bytes, well or badly. Stop it with fake_stop. */
#pragma once

#include "drivers/fake_server.h"

typedef struct FakeWs {
    Str reply;      /* bytes for the wire; with `echo`, in front of it */
    bool echo;      /* answer with the message itself */
    FakeEnd end;    /* then */
    uint32_t good;  /* echo so many messages of a connection before */
    Str handshake;  /* instead of the right one */
    Str greeting;   /* right behind the handshake */
    Str extra_head; /* lines of the right handshake */
    bool wild;      /* draw from the seed */
    uint64_t seed;
} FakeWs;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_ws_start(const FakeWs *s);
