/* For tests: an MCP server over HTTP in a child process that answers well or badly. Stop it with
 * fake_stop. */
#pragma once

#include "drivers/fake_server.h"

typedef struct FakeMcp {
    Str body;         /* of replies to what is no handshake; '@' becomes the id; empty: a result */
    const char *type; /* its content type; NULL: JSON */
    int status;       /* 0: 200 */
    Str raw;          /* bytes instead of a reply with that body; '@' as above */
    FakeEnd end;      /* then */
    Str greeting;     /* raw bytes instead of every answer to what begins a session */
    uint32_t good;    /* so many replies of a connection are good ones before */
    bool stateless;   /* of the later era; else it begins sessions */
    bool no_session;  /* … without an id */
    bool wild;        /* draw from the seed how each is answered */
    uint64_t seed;
} FakeMcp;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_mcp_start(const FakeMcp *s);
