/* MQTT: whole and in pieces come to the same. The first byte of the input says how to cut. */
#include "drivers/mqtt/mqtt_proto.h"

#include <string.h>

#include "fuzz.h"

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

static Sum play(Str in, ptrdiff_t step)
{
    MqttParser p = { 0 };
    Sum s = { 0 };
    for (ptrdiff_t at = 0; at < in.len && !s.broken; at += step) {
        Str piece = str_slice(in, at, MIN(at + step, in.len));
        while (piece.len && !s.broken) {
            ptrdiff_t used = 0;
            int type = mqtt_feed(&p, piece, &used);
            s.broken = type < 0;
            FUZZ_HOLDS(s.broken ? p.wrong != NULL : used > 0 && used <= piece.len);
            if (type > MQTT_MORE)
                note(&s, &p, type);
            piece = str_slice(piece, used, piece.len);
        }
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    Str in = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    Sum whole = play(in, MAX(in.len, (ptrdiff_t)1)), pieces = play(in, bytes[0] % 16 + 1);
    FUZZ_HOLDS(memcmp(&whole, &pieces, sizeof whole) == 0);
    return 0;
}
