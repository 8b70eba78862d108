/* For tests: the freeze law, for any driver that does requests. */
#pragma once

#include "drivers/fake_server.h"
#include "drivers/trial.h"

enum { FREEZE_TEXT_MAX = 1100 };
/* Run the trial (driver, url and what it needs are set) as an open load of 500/s for 2 s, in which
 * the server is stopped for 1 s. Whoever was due x into the freeze of F of T seconds waits F - x,
 * so that the quantile q of the response time is T q - (T - F). Returns "" when that holds for p75
 * and p99 and every operation was answered, else what does not, in buf. */
const char *test_freeze_law(TestTrial *t, FakeServer *f, char buf[FREEZE_TEXT_MAX]);
