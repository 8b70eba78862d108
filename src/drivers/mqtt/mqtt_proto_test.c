/* The parser: what servers say, whole and in pieces, and what none would. */
#include "drivers/mqtt/mqtt_proto.h"

#include "tap.h"

/* Types as hexadecimal digits; '!' for an error. */
static const char *types(MqttParser *p, Str in, ptrdiff_t step, char buf[64])
{
    int n = 0;
    for (ptrdiff_t at = 0; at < in.len; at += step) {
        Str piece = str_slice(in, at, MIN(at + step, in.len));
        while (piece.len) {
            ptrdiff_t used = 0;
            int t = mqtt_feed(p, piece, &used);
            if (t != MQTT_MORE)
                buf[n++] = t < 0 ? '!' : "0123456789abcdef"[t];
            buf[n] = '\0';
            if (t < 0 || n == 62)
                return buf;
            piece = str_slice(piece, used, piece.len);
        }
    }
    return buf;
}

static const struct {
    Str in;
    const char *want, *why;
} rows[] = {
    { STR("\x20\x02\0\0\xd0\0\x40\x02\0\x07\x90\x03\0\x01\x01"), "2d49", "all that servers say" },
    { STR("\x30\x07\0\3a/bhi\x32\x09\0\3a/b\x12\x34hi"), "33", "messages of both qualities" },
    { STR("\x30\x05\0\3a/b"), "3", "an empty message" },
    { STR("\x20\x03\0\0\0"), "!", "a long CONNACK" },
    { STR("\x40\x01\0"), "!", "a short PUBACK" },
    { STR("\xd0\x01\0"), "!", "a PINGRESP with something in it" },
    { STR("\x90\x02\0\1"), "!", "a SUBACK without a word" },
    { STR("\x30\x01\0"), "!", "a message without a topic" },
    { STR("\x30\x04\0\3a/"), "!", "… shorter than it" },
    { STR("\x36\x07\0\3a/b\0\0"), "!", "… of a third quality" },
    { STR("\x30\xff\xff\xff\xff\x01"), "!", "a length of five bytes" },
    { STR("\x10\0"), "!", "what clients say" },
    { STR("\xff\0"), "!", "no type" },
    { STR("HTTP/1.1 400"), "!", "another protocol" },
    { STR("\0\0"), "!", "nothing" },
};

static void test_rows(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        int same = 0;
        for (ptrdiff_t step = 1; step <= 9; step++) {
            MqttParser p = { 0 };
            char buf[64] = "";
            const char *got = types(&p, rows[i].in, step, buf);
            same += strcmp(got, rows[i].want) == 0 && (*rows[i].want != '!' || p.wrong);
        }
        CHECK_INT(same, 9, "%s: %s, however it is cut", rows[i].why, rows[i].want);
    }
}

static void test_parts(void)
{
    MqttParser p = { 0 };
    char buf[64] = "";
    uint64_t bytes;
    types(&p, STR("\x32\x0c\0\3a/b\x12\x34hello"), 3, buf);
    CHECK_STR(buf, "3", "a message");
    CHECK(str_eqz(mqtt_payload(&p, &bytes), "hello") && bytes == 5, "its payload");
    CHECK_INT(mqtt_publish_id(&p), 0x1234, "its number");
    types(&p, STR("\x30\x07\0\3a/bhi"), 2, buf);
    CHECK(mqtt_publish_id(&p) == 0 && str_eqz(mqtt_payload(&p, &bytes), "hi"), "one without");
    types(&p, STR("\x90\x03\0\1\x80"), 2, buf);
    CHECK(!mqtt_granted(&p) && mqtt_ack_id(&p) == 1, "a subscription that is refused");
    types(&p, STR("\x20\x02\0\5"), 2, buf);
    CHECK_STR(mqtt_refusal(&p), "not authorized", "a login, too");
}

/* A topic longer than what is kept of a packet: the payload is passed over, and told as empty. */
static void test_long_topic(void)
{
    static char packet[2000];
    unsigned char length[MQTT_LENGTH_MAX];
    MqttParser p = { 0 };
    char buf[64] = "";
    uint64_t bytes;
    int n = mqtt_put_length(length, 1500);
    packet[0] = 0x32;
    memcpy(packet + 1, length, (size_t)n);
    packet[1 + n] = 4; /* a topic of 1024 bytes */
    types(&p, (Str){ packet, 1 + n + 1500 }, 7, buf);
    CHECK_STR(buf, "3", "a long topic");
    CHECK(mqtt_payload(&p, &bytes).len == 0 && bytes == 1500 - 1024 - 4,
          "the payload's length is told");
    CHECK_INT(mqtt_publish_id(&p), 0, "its number is not known");
}

static void test_lengths(void)
{
    static const struct {
        uint32_t length;
        int n;
    } all[] = { { 0, 1 }, { 127, 1 }, { 128, 2 }, { 16383, 2 }, { 16384, 3 }, { 2097152, 4 } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(all); i++) {
        unsigned char to[MQTT_LENGTH_MAX];
        uint32_t back = 0;
        int n = mqtt_put_length(to, all[i].length);
        for (int k = 0; k < n; k++)
            back |= (uint32_t)(to[k] & 127) << 7 * k;
        CHECK(n == all[i].n && back == all[i].length && !(to[n - 1] & 128), "%u in %d bytes",
              all[i].length, n);
    }
}

int main(void)
{
    test_rows();
    test_parts();
    test_long_topic();
    test_lengths();
    return tap_done();
}
