/* Streams of messages through Redis: between the driver's files. */
#pragma once

#include "drivers/redis/redis.h"

typedef struct RedisStreamOpts {
    int mode; /* 0: pubsub, 1: log */
    uint64_t maxlen;
} RedisStreamOpts;

/* "1699999999999-12" */
enum { REDIS_ID_MAX = 44, REDIS_BATCH = 64 };
typedef struct RedisId {
    char text[REDIS_ID_MAX];
} RedisId;

typedef struct RedisTopic {
    Str name;
    Str publish; /* of the wire, what stands before a message */
    Str expire;  /* … and behind a log's first: the line's end and a command more */
} RedisTopic;

typedef struct RedisStream {
    Arena arena; /* of all below */
    bool is_log;
    uint32_t groups;
    RedisTopic *topics;
    RedisId *read_to; /* [subscribers] the last entry of a log that each has read, over all its
                         connections; each is touched by its user alone */
} RedisStream;

/* What a subscriber has of its own. */
typedef struct RedisInbox {
    VuIo *io;
    const RedisStream *stream;
    const StreamWho *who;
    uint64_t at_ns;  /* when the bytes at hand were read */
    bool is_message; /* the reply at hand is a channel's message */
    bool confirmed;  /* the channel is subscribed */
    bool pending;    /* in a group: first what was given to it before and not acknowledged */
    uint32_t n_ids;  /* entries of the reply at hand */
    RedisId ids[REDIS_BATCH];
    char wire[REDIS_BATCH * (REDIS_ID_MAX + 8) + 512];
} RedisInbox;

int redis_subscribe(VuIo *io, void *conn, const void *state, const StreamWho *who);
int redis_receive(VuIo *io, void *conn, const void *state, const StreamWho *who);
