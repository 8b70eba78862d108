/* One trial's stream: who publishes, who is to get it, and what came of every message.
 *
 * A message that a publisher was told to be accepted is expected by each unit of its topic: every
 * subscriber, or every group of subscribers that share out the messages. What a unit sees is
 * counted by the message's number (stream_track.h), so that in the end
 *
 *     expected + unconfirmed that came all the same = delivered + lost
 *
 * with what came again (duplicated) and out of its publisher's order (reordered) beside it. Only
 * messages that were due in the measured window count. Where a publication failed and its message
 * came all the same, it can stand for another one of the same publisher that was lost: lost is then
 * too low by `unconfirmed` at most.
 *
 * Threads: a publisher and a subscriber belong to one worker each; a group's subscribers to the
 * same one, so that tracks need no lock. Atomic are what workers ask of each other: is everything
 * published, and delivered? And in the ring of a publisher's latest messages, how many units still
 * wait for each. Nothing allocates after stream_new. */
#pragma once

#include <stdatomic.h>

#include "load/stream_driver.h"
#include "load/stream_track.h"
#include "model/run.h"
#include "model/spec.h"
#include "stats/hist.h"

/* What stands at a message's begin. */
typedef struct StreamHead {
    uint32_t trial, publisher;
    uint64_t number; /* from 0 for each publisher; of measured messages */
    bool measured;
    uint64_t due_ns, sent_ns; /* CLOCK_MONOTONIC: subscribers are on the same host */
} StreamHead;

/* Letters and hexadecimal digits. */
void stream_head_write(char to[STREAM_HEAD], const StreamHead *h);
/* -EBADMSG when it is none. */
MUST_CHECK int stream_head_read(Str text, StreamHead *ret);

/* A message that units still wait for: number << STREAM_LEFT_BITS | how many of them. */
typedef struct StreamSlot {
    _Atomic uint64_t state;
    uint64_t due_ns;
} StreamSlot;
enum { STREAM_LEFT_BITS = 20 };

typedef struct StreamPub {
    uint32_t topic;
    uint64_t next; /* number of its next measured message */
    uint64_t ok;   /* measured messages that were accepted */
    char head[STREAM_HEAD];
    StreamSlot *ring; /* [ring_size] borrowed; NULL: nobody asks when the last unit had it */
} StreamPub;

typedef struct StreamUnit {
    Track *tracks; /* of each publisher of its topic, borrowed */
} StreamUnit;

/* One worker's counts. */
typedef struct StreamShare {
    _Alignas(64) _Atomic uint64_t expected; /* written by the worker alone, read by all */
    _Atomic uint64_t delivered;
    _Atomic bool quiet;                            /* it will publish no more */
    Hist *delivery, *transit, *fanout, *subscribe; /* owned */
    uint64_t left; /* measured messages that are still to be published; UINT64_MAX: no end */
    uint64_t unconfirmed, duplicated, reordered, foreign, resubscribed, in_window;
    uint64_t quiet_ns, last_ns; /* since when it is quiet; the last delivery */
    uint64_t until_ns;          /* the window's end, for in_window */
    uint64_t over_ns;           /* when it stopped to wait for deliveries */
    uint64_t cut;               /* subscriptions that were lost, or could not be made */
    int cut_error;              /* of the last one, negative errno; 0: none */
    const char *cut_cause;      /* … in the driver's words; NULL: the errno says it all */
} StreamShare;

typedef struct StreamSub {
    StreamWho who;
    struct StreamLoad *all;
    StreamShare *share;
    StreamUnit *unit;
    uint64_t *high; /* [publishers of its topic] highest number that came to it, plus 1 */
    Hist *latency;  /* owned; coarse */
    uint64_t delivered;
    bool subscribed, stalls;
} StreamSub;

typedef struct StreamLoad {
    StreamSpec spec;
    const DriverStream *driver;
    const void *state; /* the driver's, borrowed */
    uint32_t trial;
    StreamPub *pubs; /* [n_pubs] owned, as all below */
    uint32_t n_pubs, n_units, n_workers, ring_size;
    StreamUnit *units;   /* [n_units] */
    StreamSub *subs;     /* [spec.subscribers] in order of their workers */
    uint32_t *first_sub; /* [n_workers + 1] index of each worker's first subscriber */
    StreamShare *shares; /* [n_workers] */
    Track *tracks;
    uint64_t *highs;
    StreamSlot *slots;
    char *pad;             /* [spec.size] what follows the heads */
    uint64_t backlog_peak; /* the collector's */
} StreamLoad;

/* -EINVAL: more pairs of publishers and subscribers than fit; -ENOMEM. Owned, stream_free. */
MUST_CHECK int stream_new(StreamLoad **ret, const StreamSpec *spec, uint32_t n_pubs,
                          uint32_t n_workers, Err *err);
/* Accepts NULL; returns NULL. */
StreamLoad *stream_free(StreamLoad *l);
/* What the driver is told: `load_ns` is the longest that publishing takes. */
StreamSetup stream_setup(const StreamLoad *l, uint64_t load_ns);
/* Units that a message of the topic is to reach. */
uint32_t stream_units_of(const StreamLoad *l, uint32_t topic);

/* How many subscribers live with this worker, and the first of them; `l` may be NULL. */
ptrdiff_t stream_subs_of(StreamLoad *l, uint32_t worker, StreamSub **ret_first);

/* Publisher `p` is about to publish its message: the head is written, units wait for it. */
StreamMessage stream_message(StreamLoad *l, StreamShare *sh, uint32_t p, bool measured,
                             uint64_t due_ns, uint64_t now_ns);
/* A measured message was accepted, or may have been. */
void stream_settle(StreamLoad *l, StreamShare *sh, uint32_t p, bool accepted);
void stream_deliver(StreamSub *s, uint64_t at_ns, Str head, uint64_t bytes);
/* Expected and not delivered, now; as far as is known from another thread. */
uint64_t stream_backlog(const StreamLoad *l);
/* All workers are quiet, and nothing is outstanding. */
bool stream_is_drained(const StreamLoad *l);

/* How it ended; workers at rest. */
typedef struct StreamSum {
    uint64_t published, expected, delivered, lost, unconfirmed, duplicated, reordered, foreign,
        resubscribed, in_window, drain_ns, last_ns;
} StreamSum;
StreamSum stream_sum(const StreamLoad *l);
/* Metrics of a trial whose window was begin … end; hands histograms over. Lost messages enter
 * delivery_latency as lower bounds. */
void stream_report(StreamLoad *l, Run *run, Trial *t, uint64_t begin_ns, uint64_t end_ns);
