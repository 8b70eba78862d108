/* One connection: what comes is counted, what goes is sent whole. */
#include <errno.h>
#include <string.h>

#include "drivers/mqtt/mqtt.h"

enum { PARTS_MAX = 6 };

int mqtt_write(VuIo *io, MqttConn *c, const Str *parts, int n)
{
    struct iovec iov[PARTS_MAX];
    assert(n <= PARTS_MAX);
    for (int i = 0; i < n; i++) {
        union {
            const char *from;
            void *to;
        } same = { parts[i].ptr }; /* iovec is shared with reading and so not const */
        iov[i] = (struct iovec){ same.to, (size_t)parts[i].len };
    }
    return vu_writev_all(io, &c->fd, iov, n);
}

static void owe_ack(MqttConn *c, uint16_t id)
{
    const unsigned char ack[] = { MQTT_PUBACK << 4, 2, (unsigned char)(id >> 8),
                                  (unsigned char)id };
    if (!id || c->n_acks + (ptrdiff_t)sizeof ack > MQTT_ACKS_MAX)
        return; /* not acknowledged, it comes again, and is counted as that */
    memcpy(c->acks + c->n_acks, ack, sizeof ack);
    c->n_acks += sizeof ack;
}

static void take_message(MqttConn *c)
{
    uint64_t bytes;
    Str head = mqtt_payload(&c->parser, &bytes);
    vu_deliver(c->io, c->at_ns, head, bytes);
    owe_ack(c, mqtt_publish_id(&c->parser));
}

static void take_packet(MqttConn *c, int type)
{
    c->connacks += type == MQTT_CONNACK;
    c->pings += type == MQTT_PINGRESP;
    c->pubacks += type == MQTT_PUBACK;
    c->subacks += type == MQTT_SUBACK;
    if (type == MQTT_PUBLISH)
        take_message(c);
    if (type == MQTT_PUBACK)
        c->acked_id = mqtt_ack_id(&c->parser);
    if (type == MQTT_CONNACK) {
        c->cause = mqtt_refusal(&c->parser);
        c->denied = c->cause != NULL;
    }
    if (type == MQTT_SUBACK)
        c->denied = !mqtt_granted(&c->parser);
}

static int take_bytes(VuIo *io, MqttConn *c, Str in)
{
    ptrdiff_t used = 0;
    c->io = io;
    c->at_ns = vu_now(io);
    for (; in.len > 0; in = str_slice(in, used, in.len)) {
        int type = mqtt_feed(&c->parser, in, &used);
        TRY(type);
        take_packet(c, type);
    }
    return 0;
}

int mqtt_take(VuIo *io, MqttConn *c)
{
    Str in;
    TRY(vu_read_some(io, &c->fd, &in));
    TRY(take_bytes(io, c, in));
    ptrdiff_t n = c->n_acks;
    c->n_acks = 0;
    return n ? vu_write_all(io, &c->fd, c->acks, n) : 0;
}

int mqtt_await(VuIo *io, MqttConn *c, const uint64_t *counter, uint64_t until)
{
    while (*counter < until)
        TRY(mqtt_take(io, c));
    return 0;
}

/* The server answers in order, and one message at a time is on its way. */
static int await_puback(VuIo *io, MqttConn *c, uint64_t until)
{
    TRY(mqtt_await(io, c, &c->pubacks, until));
    if (c->acked_id == c->last_id)
        return 0;
    c->parser.wrong = "a PUBACK for another message";
    return -EPROTO;
}

int mqtt_send_message(VuIo *io, MqttConn *c, const MqttHead *h, Str head, Str rest, Outcome *out)
{
    if (!vu_is_clean(&c->fd))
        return CALL_STALE;
    uint64_t until = c->pubacks + 1;
    c->last_id = (uint16_t)(c->last_id == UINT16_MAX ? 1 : c->last_id + 1);
    const char id[] = { (char)(c->last_id >> 8), (char)c->last_id };
    const Str parts[] = { h->wire, { id, h->qos ? 2 : 0 }, head, rest };
    TRY(mqtt_write(io, c, parts, ARRAY_LEN(parts)));
    int r = h->qos ? await_puback(io, c, until) : 0;
    out->cause = r == -EPROTO ? c->parser.wrong : NULL;
    return r;
}
