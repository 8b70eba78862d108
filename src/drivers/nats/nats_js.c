/* JetStream: the server keeps messages in streams, and consumers have them delivered (docs.nats.io,
 * "JetStream wire API reference"). Its requests are messages to subjects below $JS.API. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/nats/nats_stream.h"

enum { REQUEST_MAX = 1024 };

/* A stream's name knows no points. */
void nats_js_name(NatsStream *s, NatsTopic *t, const char *storage, uint64_t keep_ns,
                  const char *prefix, uint32_t topic)
{
    char *name = arena_printf(&s->arena, "%s-%u-%s", prefix, topic, storage);
    for (char *p = name; *p; p++)
        *p = *p == '.' || *p == '/' || *p == '\\' || *p == '"' ? '-' : *p;
    t->name = name;
    t->config = arena_printf(&s->arena,
                             "{\"name\":\"%s\",\"subjects\":[\"%s\"],\"storage\":\"%s\","
                             "\"retention\":\"limits\",\"discard\":\"old\",\"max_age\":%llu}",
                             name, t->subject, storage, (unsigned long long)keep_ns);
}

const char *nats_js_cause(const NatsConn *c)
{
    return c->status == 503 ? "nobody there: JetStream is not enabled" : "JetStream refuses it";
}

/* One request of the API. -EACCES when it is refused. */
PRINTF_LIKE(4, 5)
static int ask(VuIo *io, NatsConn *c, const char *body, const char *subject, ...)
{
    char name[REQUEST_MAX], head[REQUEST_MAX + NATS_INBOX_MAX];
    va_list args;
    va_start(args, subject);
    vsnprintf(name, sizeof name, subject, args);
    va_end(args);
    int n = snprintf(head, sizeof head, "PUB $JS.API.%s %s %zu\r\n", name, c->inbox, strlen(body));
    const Str parts[] = { { head, MIN(n, (int)sizeof head - 1) }, str(body), STR("\r\n") };
    uint64_t until = c->replies + 1;
    TRY(nats_send(io, c, parts, ARRAY_LEN(parts)));
    TRY(nats_await(io, c, &c->replies, until));
    if (!c->refused && c->status < 400)
        return 0;
    c->cause = nats_js_cause(c);
    return -EACCES;
}

/* One that is there with other settings gets these. */
int nats_js_prepare(VuIo *io, NatsConn *c, const NatsStream *s, uint32_t topic)
{
    const NatsTopic *t = &s->topics[topic];
    int r = ask(io, c, t->config, "STREAM.CREATE.%s", t->name);
    if (r == -EACCES && c->status < 400)
        r = ask(io, c, t->config, "STREAM.UPDATE.%s", t->name);
    return r;
}

static int listen_to(VuIo *io, NatsConn *c, const char *subject, const char *group)
{
    char line[NATS_INBOX_MAX + 64];
    uint64_t until = c->pongs + 1;
    int n =
        snprintf(line, sizeof line, "SUB %s %s %d\r\nPING\r\n", subject, group, NATS_SID_STREAM);
    const Str parts[] = { { line, n } };
    TRY(nats_send(io, c, parts, 1));
    return nats_await(io, c, &c->pongs, until);
}

/* A consumer of its own: from now on, or behind what it has had. */
static int consume_alone(VuIo *io, NatsConn *c, const NatsStream *s, const StreamWho *who)
{
    char subject[NATS_INBOX_MAX + 4], from[64] = "\"deliver_policy\":\"new\"", body[REQUEST_MAX];
    const NatsTopic *t = &s->topics[who->topic];
    uint64_t had = s->read_to[who->number];
    snprintf(subject, sizeof subject, "%s.d", c->inbox);
    if (had)
        snprintf(from, sizeof from,
                 "\"deliver_policy\":\"by_start_sequence\",\"opt_start_seq\":%llu",
                 (unsigned long long)had + 1);
    snprintf(body, sizeof body,
             "{\"stream_name\":\"%s\",\"config\":{\"deliver_subject\":\"%s\",%s,"
             "\"ack_policy\":\"none\",\"replay_policy\":\"instant\"}}",
             t->name, subject, from);
    TRY(listen_to(io, c, subject, ""));
    return ask(io, c, body, "CONSUMER.CREATE.%s", t->name);
}

/* The group's consumer: its first subscriber makes it, the others find it as they would make it. A
 * minute after the last of them it goes. */
static int consume_shared(VuIo *io, NatsConn *c, const NatsStream *s, const StreamWho *who)
{
    char subject[64], group[32], body[REQUEST_MAX];
    const NatsTopic *t = &s->topics[who->topic];
    snprintf(group, sizeof group, "g%u-%08x", who->group, s->trial);
    snprintf(subject, sizeof subject, "_INBOX.assay.%s", group);
    snprintf(body, sizeof body,
             "{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"%s\",\"deliver_subject\":"
             "\"%s\",\"deliver_group\":\"%s\",\"deliver_policy\":\"new\",\"ack_policy\":"
             "\"explicit\",\"max_ack_pending\":20000,\"replay_policy\":\"instant\","
             "\"inactive_threshold\":60000000000}}",
             t->name, group, subject, group);
    TRY(listen_to(io, c, subject, group));
    return ask(io, c, body, "CONSUMER.DURABLE.CREATE.%s.%s", t->name, group);
}

int nats_js_subscribe(VuIo *io, NatsConn *c, const NatsStream *s, const StreamWho *who)
{
    c->js = malloc(sizeof *c->js);
    if (!c->js)
        return -ENOMEM;
    c->js->stream = s;
    c->js->who = who;
    c->js->n_acks = 0;
    TRY(nats_js_prepare(io, c, s, who->topic));
    return s->groups ? consume_shared(io, c, s, who) : consume_alone(io, c, s, who);
}

/* ---- receiving ---- */

/* "$JS.ACK.stream.consumer.delivered.number.…" */
static uint64_t number_of(Str reply)
{
    uint64_t n;
    Str word = { 0 };
    for (int i = 0; i < 6; i++)
        if (!str_cut(&reply, '.', &word))
            return 0;
    return str_to_u64(word, &n) < 0 ? 0 : n;
}

void nats_js_note(NatsConn *c)
{
    NatsJs *js = c->js;
    Str reply = str(c->parser.reply);
    uint64_t number = number_of(reply), *had = &js->stream->read_to[js->who->number];
    *had = MAX(*had, number);
    ptrdiff_t room = NATS_ACKS_MAX - js->n_acks;
    if (!js->stream->groups || !reply.len || reply.len + 32 > room)
        return; /* not acknowledged, it comes again, and is counted as that */
    js->n_acks += snprintf(js->acks + js->n_acks, (size_t)room, "PUB " STR_FMT " 4\r\n+ACK\r\n",
                           STR_ARG(reply));
}

int nats_js_acknowledge(VuIo *io, NatsConn *c)
{
    NatsJs *js = c->js;
    const Str parts[] = { { js->acks, js->n_acks } };
    if (!js->n_acks)
        return 0;
    js->n_acks = 0;
    return nats_send(io, c, parts, 1);
}
