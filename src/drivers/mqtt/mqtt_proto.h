/* MQTT 3.1.1 packets (OASIS Standard, 29 October 2014) as a server sends them. Takes bytes in
 * pieces and keeps only a packet's begin; no allocation. */
#pragma once

#include "base/str.h"

enum { MQTT_KEEP = 512, MQTT_LENGTH_MAX = 4 };

/* Types of packets, as on the wire. */
typedef enum MqttType {
    MQTT_MORE = 0,
    MQTT_CONNECT = 1,
    MQTT_CONNACK = 2,
    MQTT_PUBLISH = 3,
    MQTT_PUBACK = 4,
    MQTT_SUBSCRIBE = 8,
    MQTT_SUBACK = 9,
    MQTT_PINGREQ = 12,
    MQTT_PINGRESP = 13,
} MqttType;

typedef struct MqttParser {
    bool in_body;
    uint8_t first;   /* type and flags */
    int n_length;    /* bytes of the length so far; 0: not begun */
    uint32_t length; /* of the body */
    uint32_t at;     /* bytes of it that are there */
    unsigned char body[MQTT_KEEP];
    const char *wrong; /* after -EPROTO: static text */
    bool begun;        /* the first byte is there */
} MqttParser;

/* Zeroed is ready. Takes bytes up to the end of one packet, whose type it returns, with *ret_used;
 * MQTT_MORE when all was taken; -EPROTO, also when a packet is too short for what it must hold. */
MUST_CHECK int mqtt_feed(MqttParser *p, Str in, ptrdiff_t *ret_used);
/* Of a PUBLISH: its payload, as far as it was kept, and how long it is; the number that it wants to
 * be acknowledged by, 0: none. */
Str mqtt_payload(const MqttParser *p, uint64_t *ret_bytes);
uint16_t mqtt_publish_id(const MqttParser *p);
/* Of a PUBACK or SUBACK: the number of what it is for. */
uint16_t mqtt_ack_id(const MqttParser *p);
/* Of a CONNACK: 0, or static text for why not. Of a SUBACK: may messages come? */
const char *mqtt_refusal(const MqttParser *p);
bool mqtt_granted(const MqttParser *p);

/* A body's length on the wire, at most MQTT_LENGTH_MAX bytes; returns how many. */
int mqtt_put_length(unsigned char to[MQTT_LENGTH_MAX], uint32_t length);
