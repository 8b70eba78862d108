/* For tests: a NATS server in a child process that greets, answers pings, passes messages on, and
 * does the wrong it is told. Stop it with fake_stop. */
#pragma once

#include "drivers/fake_broker.h"
#include "drivers/fake_server.h"

typedef struct FakeNats {
    FakeEnd end;  /* after a connection's first ping was answered, for the next one */
    Str says;     /* … instead of PONG; len 0: PONG */
    Str greeting; /* instead of INFO; len 0: INFO */
    FakeFaults faults;
    bool pings; /* behind every third delivery */
} FakeNats;

/* Aborts when it can't. Call before the test starts threads. */
FakeServer fake_nats_start(const FakeNats *s);
