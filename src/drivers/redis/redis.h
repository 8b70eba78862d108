/* The Redis driver: a command, or several in a pipeline, and their replies. See redis.md. */
#pragma once

#include "base/grow.h"
#include "drivers/endpoint.h"
#include "drivers/redis/resp.h"
#include "load/stream_driver.h"
#include "load/template.h"

extern const Driver driver_redis;

typedef struct RedisTargetOpts {
    const char *url, *username, *password, *connect_to;
    StrList source;
    int resp; /* 0: RESP 2, 1: RESP 3 */
    TlsOpts tls;
} RedisTargetOpts;

typedef struct RedisRequestOpts {
    const char *command, *feed;
    int feed_order; /* FeedOrder */
    uint32_t pipeline;
} RedisRequestOpts;

/* ---- between the driver's files ---- */

typedef struct RedisTarget {
    Arena arena;
    Endpoint endpoint;
    Str hello;   /* what every connection begins with, for the wire; in the arena */
    int n_hello; /* replies to it */
} RedisTarget;

typedef struct RedisRequest {
    Arena arena;
    Template **words; /* [n_words] of the command */
    ptrdiff_t n_words;
    ptrdiff_t max; /* most bytes of the command on the wire */
    Str wire;      /* the whole pipeline, when nothing varies; ptr NULL: rendered each time */
    Feed *feed;    /* NULL: none */
    uint32_t pipeline;
} RedisRequest;

typedef struct RedisConn {
    VuFd fd;
    RespParser parser;
    char *wire; /* owned; room for a pipeline that varies */
    ptrdiff_t wire_cap;
    struct RedisInbox *inbox; /* owned; of a subscriber; NULL: none */
    bool published;           /* on this connection, before */
} RedisConn;

extern const DriverStream redis_stream;

/* Static text for the word that an error begins with. */
const char *redis_cause(const char *word);
/* So many replies. The first that is an error gives *ret_error its word. */
MUST_CHECK int redis_read_replies(VuIo *io, RedisConn *c, uint32_t n, uint32_t *ret_good,
                                  const char **ret_error);

int redis_prepare_target(const void *opts, void *target, Err *err);
int redis_prepare_request(const void *target, const void *opts, void *request, Err *err);
int redis_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                       Err *err);
void redis_release_target(void *target);
void redis_release_request(void *request);
/* The user's next pipeline into buf, which has room for pipeline × max bytes; returns its length.
 */
ptrdiff_t redis_render(const RedisRequest *r, Draw *d, char *buf);
