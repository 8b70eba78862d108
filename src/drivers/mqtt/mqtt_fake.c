#include "drivers/mqtt/mqtt_fake.h"

#include <string.h>

#include "drivers/fake_framed.h"
#include "drivers/mqtt/mqtt_proto.h"

enum { QOS_MAX = 128 };

static uint16_t number_at(const unsigned char *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* sid: the quality that was asked for. */
static void send_message(const FakeSub *to, Str payload)
{
    static uint16_t next_id;
    unsigned char head[8 + FAKE_TOPIC_MAX];
    size_t n_topic = strlen(to->topic);
    bool id = to->sid > 0;
    head[0] = (unsigned char)(MQTT_PUBLISH << 4 | (id ? 2 : 0));
    int n = 1 + mqtt_put_length(head + 1,
                                (uint32_t)(2 + n_topic + (id ? 2 : 0)) + (uint32_t)payload.len);
    head[n++] = 0;
    head[n++] = (unsigned char)n_topic;
    memcpy(head + n, to->topic, n_topic);
    n += (int)n_topic;
    next_id = (uint16_t)(next_id == UINT16_MAX ? 1 : next_id + 1);
    if (id) {
        head[n++] = (unsigned char)(next_id >> 8);
        head[n++] = (unsigned char)next_id;
    }
    framed_send(to->fd, head, n);
    framed_send(to->fd, payload.ptr, payload.len);
}

static void take_publish(const FakeMqtt *s, FramedConn *c, unsigned char first,
                         const unsigned char *body, ptrdiff_t n)
{
    ptrdiff_t n_topic = number_at(body), at = 2 + n_topic;
    unsigned char ack[] = { MQTT_PUBACK << 4, 2, body[at],
                            (unsigned char)(body[at + 1] + s->mistakes) };
    bool qos = first >> 1 & 3;
    at += qos ? 2 : 0;
    if (qos)
        framed_send(c->fd, ack, sizeof ack);
    fake_publish(&s->faults, (Str){ (const char *)body + 2, n_topic },
                 (Str){ (const char *)body + at, n - at }, send_message);
}

static void take_subscribe(const FakeMqtt *s, FramedConn *c, const unsigned char *body, ptrdiff_t n)
{
    unsigned char qos = body[n - 1];
    const unsigned char ack[] = { MQTT_SUBACK << 4, 3, body[0], body[1],
                                  s->denies ? QOS_MAX : qos };
    fake_subscribe(c->fd, qos, (Str){ (const char *)body + 4, number_at(body + 2) });
    framed_send(c->fd, ack, sizeof ack);
}

static bool take_packet(const FakeMqtt *s, FramedConn *c, unsigned char first,
                        const unsigned char *body, ptrdiff_t n)
{
    static const unsigned char pong[] = { MQTT_PINGRESP << 4, 0 };
    const unsigned char welcome[] = { MQTT_CONNACK << 4, 2, 0, s->refuses };
    int type = first >> 4;
    if (type == MQTT_CONNECT) {
        framed_send(c->fd, welcome, sizeof welcome);
        return true;
    }
    if (s->end != FAKE_KEEP)
        return framed_end(c, s->end);
    if (type == MQTT_PUBLISH)
        take_publish(s, c, first, body, n);
    if (type == MQTT_SUBSCRIBE)
        take_subscribe(s, c, body, n);
    if (type == MQTT_PINGREQ)
        framed_send(c->fd, s->says.len ? s->says.ptr : (const char *)pong,
                    s->says.len ? s->says.len : (ptrdiff_t)sizeof pong);
    return true;
}

static ptrdiff_t take(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    uint32_t length = 0;
    ptrdiff_t at = 1;
    if (c->holding)
        return n;
    for (int shift = 0;; shift += 7) {
        if (at >= n)
            return 0;
        length |= (uint32_t)(p[at] & 127) << shift;
        if (!(p[at++] & 128))
            break;
    }
    if (n < at + (ptrdiff_t)length)
        return 0;
    return take_packet(user, c, p[0], p + at, length) ? at + (ptrdiff_t)length : -1;
}

FakeServer fake_mqtt_start(const FakeMqtt *s)
{
    FakeMqtt copy = *s;
    return fake_framed_start(take, &copy);
}
