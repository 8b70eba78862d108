#include "drivers/mqtt/mqtt_proto.h"

#include <errno.h>
#include <string.h>

static int wrong(MqttParser *p, const char *why)
{
    p->wrong = why;
    return -EPROTO;
}

static uint16_t number_at(const MqttParser *p, uint32_t at)
{
    return (uint16_t)(p->body[at] << 8 | p->body[at + 1]);
}

static int type_of(const MqttParser *p)
{
    return p->first >> 4;
}

static bool has_id(const MqttParser *p)
{
    return (p->first >> 1 & 3) > 0;
}

/* Where a PUBLISH's payload begins; the topic may be longer than what is kept. */
static uint32_t payload_at(const MqttParser *p)
{
    return 2u + number_at(p, 0) + (has_id(p) ? 2 : 0);
}

/* Something that servers send, of a length that it can have. */
static int check_head(MqttParser *p)
{
    static const struct {
        MqttType type;
        uint32_t least, most;
    } kinds[] = { { MQTT_CONNACK, 2, 2 },
                  { MQTT_PUBLISH, 2, UINT32_MAX },
                  { MQTT_PUBACK, 2, 2 },
                  { MQTT_SUBACK, 3, 3 },
                  { MQTT_PINGRESP, 0, 0 } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if ((int)kinds[i].type != type_of(p))
            continue;
        if (p->length < kinds[i].least || p->length > kinds[i].most)
            return wrong(p, "a packet of a length that its kind can't have");
        if (kinds[i].type != MQTT_PUBLISH && (p->first & 15))
            return wrong(p, "a packet with flags that its kind doesn't have");
        return 0;
    }
    return wrong(p, "a packet that servers don't send");
}

static int check_publish(MqttParser *p)
{
    if (p->length < payload_at(p))
        return wrong(p, "a PUBLISH shorter than its topic");
    return (p->first >> 1 & 3) < 3 ? 0 : wrong(p, "a PUBLISH of no quality that there is");
}

static int end_packet(MqttParser *p)
{
    p->in_body = p->begun = false;
    if (type_of(p) == MQTT_PUBLISH)
        TRY(check_publish(p));
    return type_of(p);
}

/* The first byte, then the length: seven bits each, the lowest first. */
static int feed_head(MqttParser *p, unsigned char c)
{
    if (!p->begun) {
        p->begun = true;
        p->first = c;
        p->n_length = 0;
        p->length = p->at = 0;
        return MQTT_MORE;
    }
    p->length |= (uint32_t)(c & 127) << (7 * p->n_length++);
    if (c & 128)
        return p->n_length < MQTT_LENGTH_MAX ? MQTT_MORE
                                             : wrong(p, "a length of more than four bytes");
    TRY(check_head(p));
    p->in_body = true;
    return p->length ? MQTT_MORE : end_packet(p);
}

static int feed_body(MqttParser *p, Str in, ptrdiff_t *ret_used)
{
    uint32_t n = (uint32_t)MIN((uint64_t)in.len, (uint64_t)(p->length - p->at));
    if (p->at < MQTT_KEEP)
        memcpy(p->body + p->at, in.ptr, MIN(n, MQTT_KEEP - p->at));
    p->at += n;
    *ret_used = n;
    return p->at < p->length ? MQTT_MORE : end_packet(p);
}

int mqtt_feed(MqttParser *p, Str in, ptrdiff_t *ret_used)
{
    ptrdiff_t at = 0;
    while (at < in.len) {
        ptrdiff_t used = 1;
        Str rest = str_slice(in, at, in.len);
        int r = p->in_body ? feed_body(p, rest, &used) : feed_head(p, (unsigned char)*rest.ptr);
        if (r < 0)
            return r;
        at += used;
        *ret_used = at;
        if (r != MQTT_MORE)
            return r;
    }
    *ret_used = at;
    return MQTT_MORE;
}

Str mqtt_payload(const MqttParser *p, uint64_t *ret_bytes)
{
    uint32_t from = payload_at(p), kept = MIN(p->length, (uint32_t)MQTT_KEEP);
    *ret_bytes = p->length - from;
    return from < kept ? (Str){ (const char *)p->body + from, (ptrdiff_t)(kept - from) }
                       : (Str){ 0 };
}

uint16_t mqtt_publish_id(const MqttParser *p)
{
    uint32_t at = 2u + number_at(p, 0);
    return has_id(p) && at + 2 <= MQTT_KEEP ? number_at(p, at) : 0;
}

uint16_t mqtt_ack_id(const MqttParser *p)
{
    return number_at(p, 0);
}

const char *mqtt_refusal(const MqttParser *p)
{
    static const char *const causes[] = { NULL,
                                          "unacceptable protocol version",
                                          "client identifier rejected",
                                          "server unavailable",
                                          "bad user name or password",
                                          "not authorized" };
    uint8_t code = p->body[1];
    return code < ARRAY_LEN(causes) ? causes[code] : "refused for a reason without a name";
}

bool mqtt_granted(const MqttParser *p)
{
    return p->body[2] < 128;
}

int mqtt_put_length(unsigned char to[MQTT_LENGTH_MAX], uint32_t length)
{
    int n = 0;
    do {
        to[n++] = (unsigned char)((length & 127) | (length > 127 ? 128 : 0));
        length >>= 7;
    } while (length);
    return n;
}
