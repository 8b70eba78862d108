/* Messages through NATS: between the driver's files. */
#pragma once

#include "drivers/nats/nats.h"

typedef struct NatsStreamOpts {
    int mode; /* 0: core, 1: jetstream */
    bool ack;
    int storage;
    uint64_t keep; /* ns */
} NatsStreamOpts;

typedef struct NatsTopic {
    const char *subject;
    const char *publish; /* "PUB subject " */
    const char *name;    /* of its stream in JetStream */
    const char *config;  /* … and what makes it */
} NatsTopic;

typedef struct NatsStream {
    Arena arena;
    bool jetstream, ack;
    bool alone; /* nobody subscribes: publishers see to it that the stream is there */
    uint32_t groups, trial;
    NatsTopic *topics;
    Str length;        /* of every message, with the line's end */
    uint64_t *read_to; /* [subscribers] JetStream's number of the last message that each has had,
                          over all its connections; each is touched by its user alone */
} NatsStream;

/* What a subscriber to JetStream has of its own. */
enum { NATS_ACKS_MAX = 1 << 16 };
typedef struct NatsJs {
    const NatsStream *stream;
    const StreamWho *who;
    ptrdiff_t n_acks;
    char acks[NATS_ACKS_MAX]; /* what is to be sent */
} NatsJs;

void nats_js_name(NatsStream *s, NatsTopic *t, const char *storage, uint64_t keep_ns,
                  const char *prefix, uint32_t topic);
/* Static text for the reply at hand. */
const char *nats_js_cause(const NatsConn *c);
/* The topic's stream is there; -EACCES when the server refuses. */
MUST_CHECK int nats_js_prepare(VuIo *io, NatsConn *c, const NatsStream *s, uint32_t topic);
MUST_CHECK int nats_js_subscribe(VuIo *io, NatsConn *c, const NatsStream *s, const StreamWho *who);
/* A message of the stream is at hand: its number, and, in a group, that it came. */
void nats_js_note(NatsConn *c);
MUST_CHECK int nats_js_acknowledge(VuIo *io, NatsConn *c);
