/* MQTT: whole and in pieces come to the same. The first byte of the input says how to cut. */
#include "drivers/mqtt/mqtt_proto.h"

#include "pieces.h"

typedef struct Sum {
    uint64_t types[16], bytes, hash;
    uint64_t broken;
} Sum;

static void note(Sum *s, const MqttParser *p, int type)
{
    uint64_t bytes = 0;
    s->types[type]++;
    if (type == MQTT_PUBLISH) {
        Str head = mqtt_payload(p, &bytes);
        FUZZ_HOLDS(head.len <= MQTT_KEEP && (uint64_t)head.len <= bytes);
        for (ptrdiff_t i = 0; i < head.len; i++)
            s->hash = s->hash * 31 + (unsigned char)head.ptr[i];
        s->hash += mqtt_publish_id(p);
    }
    if (type == MQTT_PUBACK || type == MQTT_SUBACK)
        s->hash += mqtt_ack_id(p);
    if (type == MQTT_CONNACK)
        s->hash += mqtt_refusal(p) != NULL;
    s->bytes += bytes;
}

typedef struct Play {
    MqttParser p;
    Sum s;
} Play;

static bool feed(void *user, Str in, ptrdiff_t *ret_used)
{
    Play *y = user;
    int type = mqtt_feed(&y->p, in, ret_used);
    y->s.broken = type < 0;
    FUZZ_HOLDS(type >= 0 || y->p.wrong);
    if (type > MQTT_MORE)
        note(&y->s, &y->p, type);
    return type >= 0;
}

static Sum play(Str in, ptrdiff_t step)
{
    Play y = { 0 };
    fuzz_feed(feed, &y, in, step);
    return y.s;
}

FUZZ_WHOLE_AND_PIECES(Sum, play)
