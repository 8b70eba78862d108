/* For tests: a Redis server in a child process that answers each command with given bytes. Stop it
 * with fake_stop. */
#pragma once

#include "drivers/fake_server.h"

typedef struct FakeRedis {
    Str reply;     /* to each command */
    FakeEnd end;   /* then */
    uint32_t good; /* answer +OK to so many commands of a connection before */
} FakeRedis;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_redis_start(const FakeRedis *s);
