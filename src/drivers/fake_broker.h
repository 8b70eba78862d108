/* For tests: what fake brokers have in common, in the child of a framed server: who listens to
 * what, and which deliveries go wrong. */
#pragma once

#include "base/str.h"

typedef struct FakeFaults {
    uint32_t drop, twice; /* every nth delivery; 0: none */
    uint32_t garbage;     /* the nth delivery is no protocol */
    uint32_t cut;         /* the nth delivery closes the connection instead */
} FakeFaults;

enum { FAKE_TOPIC_MAX = 64 };
typedef struct FakeSub {
    int fd;
    unsigned sid;
    char topic[FAKE_TOPIC_MAX];
    bool gone;
} FakeSub;

void fake_subscribe(int fd, unsigned sid, Str topic);
/* Have `send` write the message to everybody who listens, but for what goes wrong. */
typedef void FakeSend(const FakeSub *to, Str payload);
void fake_publish(const FakeFaults *f, Str topic, Str payload, FakeSend *send);
/* Deliveries so far, those that went wrong included. */
uint32_t fake_deliveries(void);
