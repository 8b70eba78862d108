/* What a driver does for streams, beside what it does for requests (load/driver.h).
 *
 * Publishers are users whose operations are publications; subscribers are further users that
 * subscribe once per connection and then receive until the connection is lost or the trial is over:
 *
 *     prepare → { open → publish* → close }*, { open → subscribe → receive → close }* → release
 *
 * The state is shared by all users and threads and does not change once prepared. Whose message it
 * is, when it was due and when it was sent stands in its head, which load/stream.h writes and
 * reads: 64 printable bytes, so that protocols of text can carry them. A driver only carries them.
 */
#pragma once

#include "load/driver.h"

enum { STREAM_HEAD = 64 };

/* What a trial is going to do. */
typedef struct StreamSetup {
    const char *prefix; /* of the topics' names; borrowed for the trial */
    uint32_t publishers, subscribers, topics;
    uint32_t groups;   /* 0: every subscriber gets every message of its topic */
    ptrdiff_t size;    /* bytes of every message */
    uint32_t trial;    /* no two have the same */
    uint64_t lasts_ns; /* the longest it can take; for what servers are to forget afterwards */
} StreamSetup;

typedef struct StreamMessage {
    uint32_t topic; /* 0 … topics - 1 */
    Str head, rest; /* the payload's two parts; borrowed until publish returns */
} StreamMessage;

/* Who subscribes; to be known by its address. */
typedef struct StreamWho {
    uint32_t number; /* 0 … subscribers - 1 */
    uint32_t topic;
    uint32_t group; /* 0 … groups - 1, when there are groups */
    bool again;     /* it was subscribed before, on a connection that was lost */
} StreamWho;

struct DriverStream {
    const Opt *opts; /* rows over a struct of opts_bytes; never NULL */
    ptrdiff_t opts_bytes, state_bytes;

    /* Once per trial, on the calling thread, after prepare_target. -EINVAL with the cure when the
     * options are at fault, or the protocol has no such thing (groups). On an error release is not
     * called. */
    int (*prepare)(const void *target, const void *opts, const StreamSetup *setup, void *state,
                   Err *err);
    /* On a user, connection open: one message, with the contract of Driver.call. Done is when the
     * server has said that it has the message; where the protocol has no such word, when it was
     * written. */
    int (*publish)(VuIo *io, void *conn, const void *state, const StreamMessage *m, Outcome *out);
    /* On a user, connection open: 0 when everything that is published from now on will be
     * delivered; or a negative errno, told by vu_cause. Timed as subscribe_time. */
    int (*subscribe)(VuIo *io, void *conn, const void *state, const StreamWho *who);
    /* On a user that has subscribed: hand each message to vu_deliver; return only when the
     * connection is lost (a negative errno) or the trial is over (-ECANCELED). */
    int (*receive)(VuIo *io, void *conn, const void *state, const StreamWho *who);
    void (*release)(void *state); /* on the calling thread, all users gone; NULL: nothing to do */
};

/* A message came to this subscriber. `at_ns`: when its last bytes were read. `head`: its first
 * bytes, STREAM_HEAD of them or all there are; `bytes`: how long it is. Cost: some 50 ns, no system
 * call. */
void vu_deliver(VuIo *io, uint64_t at_ns, Str head, uint64_t bytes);
