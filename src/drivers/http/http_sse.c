#include "drivers/http/http_sse.h"

#include <errno.h>

#include "drivers/endpoint.h"

const DriverMetric http_metrics[] = {
    [SSE_FIRST_EVENT] = { "time_to_first_event", "ns", "histogram, from sent", false },
    [SSE_EVENT_GAP] = { "event_gap", "ns", "histogram, between two events of a stream", false },
    [SSE_EVENTS] = { "events", "count", "counted events", true },
    [SSE_STREAM_EVENTS] = { "events_per_stream", "count", "histogram, of streams that ended",
                            false },
    [HTTP_REQUESTS] = { "requests", "count", "replies of pipelines that are as expected", true },
    ENDPOINT_METRICS, /* from HTTP_TLS_TIME on */
    { NULL },
};

static void on_data(void *user, Str piece)
{
    SseStream *s = user;
    needle_feed(&s->wish->until, &s->matched, piece);
}

static void on_event(void *user)
{
    SseStream *s = user;
    const SseWish *w = s->wish;
    if (s->over)
        return;
    uint64_t now = vu_now(s->io);
    if (s->last_ns)
        vu_record(s->io, SSE_EVENT_GAP, now - s->last_ns);
    else
        vu_record(s->io, SSE_FIRST_EVENT, now - MIN(s->out->sent_ns, now));
    vu_record(s->io, SSE_EVENTS, 1);
    s->n_events++;
    s->last_ns = now;
    bool found = w->until.text.len && s->matched == w->until.text.len;
    s->over = found || (w->events && s->n_events >= w->events);
    s->reply->enough = s->over;
    s->matched = 0;
}

static void on_body(void *user, Str piece)
{
    SseStream *s = user;
    if (!s->over && s->reply->status < 300) /* an error's page is no stream */
        sse_feed(&s->parser, piece);
}

void sse_stream_begin(SseStream *s, const SseWish *wish, VuIo *io, HttpReply *reply, Outcome *out)
{
    *s = (SseStream){ .wish = wish, .io = io, .out = out, .reply = reply };
    sse_begin(&s->parser);
    s->parser.on_data = on_data;
    s->parser.on_event = on_event;
    s->parser.user = s;
    reply->on_body = on_body;
    reply->user = s;
    if (wish->duration_ns)
        vu_alarm(io, vu_now(io) + wish->duration_ns);
}

int sse_stream_end(SseStream *s, int result)
{
    bool by_time = result == -ETIME;
    vu_alarm(s->io, 0);
    if (by_time && s->reply->status == 0) /* not even a head came */
        return -ETIMEDOUT;
    if (result != 0 && !by_time)
        return result;
    if (by_time) {
        s->reply->keep_alive = false;
        s->out->done_ns = vu_now(s->io);
    }
    vu_record(s->io, SSE_STREAM_EVENTS, s->n_events);
    bool wanted = s->wish->events || s->wish->until.text.len;
    if (wanted && !s->over && !by_time) {
        s->out->failed = true;
        s->out->fail = FAIL_CHECK;
        s->out->cause = "the stream ended before the events that were awaited";
    }
    return 0;
}
