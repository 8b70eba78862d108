/* Receiving from Redis: a channel's messages as they come, a log's entries as they are asked for.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/redis/redis_stream.h"

/* ---- what comes ---- */

/* Three bulk values: what it is, the channel, the message. */
static void take_message(RedisInbox *in, uint32_t nth, Str head, uint64_t bytes)
{
    if (nth == 0) {
        in->is_message = str_eqz(head, "message");
        in->confirmed |= str_eqz(head, "subscribe");
    } else if (nth == 2 && in->is_message) {
        vu_deliver(in->io, in->at_ns, head, bytes);
    }
}

/* The log's name, then of each entry three bulk values: its id, the field's name, the message. */
static void take_entry(RedisInbox *in, uint32_t nth, Str head, uint64_t bytes)
{
    if (nth == 0)
        in->n_ids = 0;
    else if (nth % 3 == 1 && head.len < REDIS_ID_MAX && in->n_ids < REDIS_BATCH)
        snprintf(in->ids[in->n_ids++].text, REDIS_ID_MAX, STR_FMT, STR_ARG(head));
    else if (nth % 3 == 0)
        vu_deliver(in->io, in->at_ns, head, bytes);
}

static void on_bulk(void *user, uint32_t nth, Str head, uint64_t bytes)
{
    RedisInbox *in = user;
    if (in->stream->is_log)
        take_entry(in, nth, head, bytes);
    else
        take_message(in, nth, head, bytes);
}

/* What one read brings, up to `most` replies; messages that are pushed are none. The replies, or
 * negative: also for an error, which is told. */
static int take_some(RedisConn *c, int most)
{
    RedisInbox *in = c->inbox;
    ptrdiff_t used = 0;
    int n = 0;
    Str rest;
    TRY(vu_read_some(in->io, &c->fd, &rest));
    in->at_ns = vu_now(in->io);
    for (; rest.len > 0; rest = str_slice(rest, used, rest.len)) {
        int r = resp_feed(&c->parser, rest, &used);
        if (r < 0)
            return r;
        if (r == RESP_MORE)
            break;
        if (c->parser.failed) {
            vu_cause(in->io, redis_cause(c->parser.word));
            return -EACCES;
        }
        if (++n > most)
            return -EPROTO;
    }
    return n;
}

static int await_replies(RedisConn *c, int n)
{
    while (n > 0) {
        int r = take_some(c, n);
        TRY(r);
        n -= r;
    }
    return 0;
}

/* ---- what is asked for ---- */

/* Commands of words, into the inbox's room. */
typedef struct Wire {
    RedisInbox *in;
    ptrdiff_t n;
} Wire;

PRINTF_LIKE(2, 3)
static void put(Wire *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    w->n += vsnprintf(w->in->wire + w->n, sizeof w->in->wire - (size_t)w->n, format, args);
    va_end(args);
    assert(w->n < (ptrdiff_t)sizeof w->in->wire);
}

static void put_word(Wire *w, Str word)
{
    put(w, "$%td\r\n" STR_FMT "\r\n", word.len, STR_ARG(word));
}

/* "g3", "c17" */
static void put_number(Wire *w, char letter, uint32_t n)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%c%u", letter, n);
    put_word(w, (Str){ text, len });
}

static Str log_name(const RedisInbox *in)
{
    return in->stream->topics[in->who->topic].name;
}

static int send_wire(RedisConn *c, const Wire *w)
{
    return vu_write_all(w->in->io, &c->fd, w->in->wire, w->n);
}

/* Entries after the last one that was read. */
static int ask_entries(RedisConn *c)
{
    Wire w = { .in = c->inbox };
    const char *last = w.in->stream->read_to[w.in->who->number].text;
    put(&w,
        "*8\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$2\r\n%d\r\n$5\r\nBLOCK\r\n$1\r\n0\r\n$"
        "7\r\nSTREAMS\r\n",
        REDIS_BATCH);
    put_word(&w, log_name(w.in));
    put_word(&w, *last ? str(last) : STR("0"));
    return send_wire(c, &w);
}

/* Acknowledge what came, and ask for more, at once. */
static int ask_share(RedisConn *c, int *ret_replies)
{
    Wire w = { .in = c->inbox };
    RedisInbox *in = w.in;
    *ret_replies = 1 + (in->n_ids > 0);
    if (in->n_ids) {
        put(&w, "*%u\r\n$4\r\nXACK\r\n", in->n_ids + 3);
        put_word(&w, log_name(in));
        put_number(&w, 'g', in->who->group);
        for (uint32_t i = 0; i < in->n_ids; i++)
            put_word(&w, str(in->ids[i].text));
    }
    put(&w, "*11\r\n$10\r\nXREADGROUP\r\n$5\r\nGROUP\r\n");
    put_number(&w, 'g', in->who->group);
    put_number(&w, 'c', in->who->number);
    put(&w, "$5\r\nCOUNT\r\n$2\r\n%d\r\n$5\r\nBLOCK\r\n$1\r\n0\r\n$7\r\nSTREAMS\r\n", REDIS_BATCH);
    put_word(&w, log_name(in));
    put_word(&w, in->pending ? STR("0") : STR(">"));
    return send_wire(c, &w);
}

/* ---- subscribe, receive ---- */

static int join_channel(RedisConn *c)
{
    Wire w = { .in = c->inbox };
    put(&w, "*2\r\n$9\r\nSUBSCRIBE\r\n");
    put_word(&w, log_name(w.in));
    TRY(send_wire(c, &w));
    while (!w.in->confirmed) {
        int r = take_some(c, INT32_MAX);
        TRY(r);
    }
    return 0;
}

/* Its first subscriber makes the group; the others are told that it is there, which is as good. */
static int join_group(RedisConn *c)
{
    Wire w = { .in = c->inbox };
    put(&w, "*6\r\n$6\r\nXGROUP\r\n$6\r\nCREATE\r\n");
    put_word(&w, log_name(w.in));
    put_number(&w, 'g', w.in->who->group);
    put(&w, "$1\r\n0\r\n$8\r\nMKSTREAM\r\n");
    TRY(send_wire(c, &w));
    int r = await_replies(c, 1);
    return r == -EACCES && strcmp(c->parser.word, "BUSYGROUP") == 0 ? 0 : r;
}

int redis_subscribe(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    RedisConn *c = conn;
    const RedisStream *s = state;
    RedisInbox *in = calloc(1, sizeof *in);
    if (!in)
        return -ENOMEM;
    *in = (RedisInbox){ .io = io, .stream = s, .who = who, .pending = who->again && s->groups };
    c->inbox = in;
    c->parser.on_bulk = on_bulk;
    c->parser.user = in;
    if (!s->is_log)
        return join_channel(c);
    return s->groups ? join_group(c) : 0; /* a log is read from its begin: it is the trial's own */
}

static int receive_channel(RedisConn *c)
{
    for (;;) {
        int r = take_some(c, INT32_MAX);
        TRY(r);
    }
}

static int receive_log(RedisConn *c)
{
    RedisInbox *in = c->inbox;
    for (;;) {
        TRY(ask_entries(c));
        TRY(await_replies(c, 1));
        if (in->n_ids)
            in->stream->read_to[in->who->number] = in->ids[in->n_ids - 1];
    }
}

static int receive_share(RedisConn *c)
{
    RedisInbox *in = c->inbox;
    int n;
    for (;;) {
        TRY(ask_share(c, &n));
        in->n_ids = 0;
        TRY(await_replies(c, n));
        in->pending = in->pending && in->n_ids;
    }
}

int redis_receive(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    RedisConn *c = conn;
    const RedisStream *s = state;
    (void)io;
    (void)who;
    if (!s->is_log)
        return receive_channel(c);
    return s->groups ? receive_share(c) : receive_log(c);
}
