/* For tests: a stream through a fake broker that does wrong what it is told. */
#pragma once

#include "drivers/fake_broker.h"
#include "drivers/fake_server.h"
#include "drivers/trial.h"
#include "load/stream_driver.h"

/* What goes wrong, and what it comes to; ended by why == NULL. */
typedef struct StreamFault {
    const char *why;
    FakeFaults faults;
    long long lost, duplicated, resubscribed; /* -1: some */
} StreamFault;
extern const StreamFault test_stream_faults[];

enum { STREAM_TEXT_MAX = 1100 };
/* A thousand messages to each of two subscribers through the broker that `start` makes: "" when
 * each of them is counted as what it came to, else what is not, in buf. `name` = `value` of the
 * driver's rows for streams; NULL: as they are. */
const char *test_stream(const Driver *d, const StreamFault *fault,
                        FakeServer (*start)(const FakeFaults *f), const char *name,
                        const char *value, char buf[STREAM_TEXT_MAX]);
/* The stream that `t` is to carry out, a broker's url set: 2 publishers, 2 subscribers, 1000
 * messages. In the trial's arena. */
StreamSpec *test_stream_of(TestTrial *t, const char *name, const char *value);
