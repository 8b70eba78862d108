/* HTTP/2 frames and compressed heads through the driver's callbacks: two exchanges on one session,
 * whole and in pieces. Each exchange ends at most once, and no more is told of than came. The first
 * byte of the input says how to cut. */
#include <errno.h>
#include <string.h>

#include "drivers/http/http2_link.h"
#include "fuzz.h"
#include "load/reactor.h"

enum { N_STREAMS = 2, HEAD_MAX = 2000 };

typedef struct Play {
    Http2Pool pool;
    Http2Link link;
    VuIo io;
    Http2Stream streams[N_STREAMS];
    Outcome outs[N_STREAMS];
    HttpReply replies[N_STREAMS];
} Play;

static Play play;

static void begin(Play *p)
{
    memset(p, 0, sizeof *p);
    mem_pool_init(&p->pool.mem);
    FUZZ_HOLDS(nghttp2_session_callbacks_new(&p->pool.callbacks) == 0);
    link_set_callbacks(p->pool.callbacks);
    p->link.pool = &p->pool;
    p->link.now_ns = 1;
    FUZZ_HOLDS(nghttp2_session_client_new3(&p->link.ng, p->pool.callbacks, &p->link, NULL,
                                           &p->pool.mem.face) == 0);
    nghttp2_submit_settings(p->link.ng, NGHTTP2_FLAG_NONE, NULL, 0);
}

static nghttp2_nv field(const char *name, const char *value)
{
    union {
        const char *from;
        uint8_t *to; /* not written to */
    } n = { name }, v = { value };
    return (nghttp2_nv){ n.to, v.to, strlen(name), strlen(value), 0 };
}

static void submit(Play *p, int i)
{
    const nghttp2_nv nv[] = { field(":method", "GET"), field(":scheme", "http"),
                              field(":authority", "h"), field(":path", "/") };
    Http2Stream *s = &p->streams[i];
    http_reply_begin(&p->replies[i], false, HEAD_MAX);
    *s = (Http2Stream){
        .wait.io = &p->io, .link = &p->link, .out = &p->outs[i], .reply = &p->replies[i]
    };
    s->id = nghttp2_submit_request(p->link.ng, NULL, nv, ARRAY_LEN(nv), NULL, s);
    FUZZ_HOLDS(s->id > 0);
    waiters_add(&p->link.waiters, &s->wait);
}

static void drain(Play *p)
{
    const uint8_t *frame;
    while (nghttp2_session_mem_send(p->link.ng, &frame) > 0)
        ;
}

/* False when the library gave up. */
static bool feed(Play *p, const uint8_t *bytes, size_t n, size_t step)
{
    for (size_t at = 0; at < n; at += step) {
        if (nghttp2_session_mem_recv(p->link.ng, bytes + at, MIN(step, n - at)) < 0)
            return false;
        drain(p);
    }
    return true;
}

static void look(const Play *p, size_t n)
{
    for (int i = 0; i < N_STREAMS; i++) {
        const Http2Stream *s = &p->streams[i];
        FUZZ_HOLDS(s->done == !s->wait.waiting);
        FUZZ_HOLDS(!s->done || s->result == 0 || s->result == CALL_STALE ||
                   s->result == -ECONNRESET || s->result == -EPROTO);
        FUZZ_HOLDS(p->replies[i].body_bytes <= n && s->head_bytes <= HEAD_MAX + 65536);
        FUZZ_HOLDS(p->replies[i].status >= 0 && p->replies[i].status <= 999);
        FUZZ_HOLDS(!s->done || s->result != 0 || p->replies[i].status >= 200);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    int results[2][N_STREAMS];
    bool calm = true;
    for (int round = 0; round < 2; round++) {
        begin(&play);
        for (int i = 0; i < N_STREAMS; i++)
            submit(&play, i);
        drain(&play);
        calm &= feed(&play, bytes + 1, n - 1, round ? (size_t)bytes[0] % 32 + 1 : n);
        calm &= nghttp2_session_want_read(play.link.ng) != 0;
        look(&play, n);
        for (int i = 0; i < N_STREAMS; i++)
            results[round][i] = play.streams[i].done && play.streams[i].result == 0;
        link_kill(&play.link, -ECONNRESET, NULL);
        for (int i = 0; i < N_STREAMS; i++)
            FUZZ_HOLDS(play.streams[i].done && !play.streams[i].wait.waiting);
        nghttp2_session_del(play.link.ng);
        nghttp2_session_callbacks_del(play.pool.callbacks);
        mem_pool_done(&play.pool.mem);
    }
    /* A session that has ended ignores what comes behind the frame that told so, but in one piece
     * with it some may still count. nghttp2 1.52 takes the pieces of one CONTINUATION head for many
     * such frames and gives up */
    FUZZ_HOLDS(!calm || memcmp(results[0], results[1], sizeof results[0]) == 0);
    return 0;
}
