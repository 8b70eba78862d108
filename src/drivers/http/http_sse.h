/* A reply that is a stream of server-sent events: when it is over, and what is measured of it. */
#pragma once

#include "drivers/http/http_reply.h"
#include "drivers/http/sse.h"
#include "drivers/needle.h"
#include "load/driver.h"

/* Rows of http_metrics; vu_record's indices. */
enum {
    SSE_FIRST_EVENT,
    SSE_EVENT_GAP,
    SSE_EVENTS,
    SSE_STREAM_EVENTS,
    HTTP_REQUESTS, /* of pipelines */
    HTTP_TLS_TIME, /* and resumed */
};
extern const DriverMetric http_metrics[];

/* What the request asks for. */
typedef struct SseWish {
    bool on;
    uint64_t events;      /* over after so many; 0: no matter */
    uint64_t duration_ns; /* over after that, from the send of the request; 0: no matter */
    Needle until;         /* over with the event whose data holds it; empty: no matter */
} SseWish;

/* One stream. */
typedef struct SseStream {
    const SseWish *wish;
    VuIo *io;
    Outcome *out;
    HttpReply *reply;
    SseParser parser;
    ptrdiff_t matched; /* of wish->until, in the event at hand */
    uint64_t n_events; /* until it was over */
    uint64_t last_ns;  /* of the last event; 0: none */
    bool over;         /* by count or by text */
} SseStream;

/* Before the exchange: takes the reply's body. */
void sse_stream_begin(SseStream *s, const SseWish *wish, VuIo *io, HttpReply *reply, Outcome *out);
/* After it: what `result` of the exchange comes to: 0 with out filled, CALL_STALE or negative. */
MUST_CHECK int sse_stream_end(SseStream *s, int result);
