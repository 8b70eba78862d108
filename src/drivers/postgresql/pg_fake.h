/* For tests: a PostgreSQL server in a child process that lets everybody in and answers each query
 * (simple, or up to a Sync) with given bytes. Stop it with fake_stop. */
#pragma once

#include "drivers/fake_server.h"

typedef struct FakePg {
    Str login;   /* instead of letting in; ptr NULL: let in */
    Str reply;   /* to each query; ptr NULL: well, with no rows */
    FakeEnd end; /* then */
} FakePg;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_pg_start(const FakePg *s);
