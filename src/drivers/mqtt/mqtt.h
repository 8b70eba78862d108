/* The MQTT driver: publications, pings, and subscribers. See mqtt.md. */
#pragma once

#include "drivers/endpoint.h"
#include "drivers/mqtt/mqtt_proto.h"
#include "load/stream_driver.h"

extern const Driver driver_mqtt;

typedef struct MqttTargetOpts {
    const char *url, *username, *password, *connect_to;
    StrList source;
    TlsOpts tls;
} MqttTargetOpts;

typedef struct MqttRequestOpts {
    const char *topic, *payload;
    int qos; /* 0, 1 */
} MqttRequestOpts;

/* ---- between the driver's files ---- */

enum { MQTT_ACKS_MAX = 4096, MQTT_CONNECT_MAX = 1024 };

typedef struct MqttTarget {
    Arena arena;
    Endpoint endpoint;
    Str connect;     /* CONNECT, as it goes on the wire */
    ptrdiff_t id_at; /* where the 16 digits stand that differ from client to client */
} MqttTarget;

/* What stands before a message, without its number. */
typedef struct MqttHead {
    Str wire;
    int qos;
} MqttHead;

typedef struct MqttRequest {
    Arena arena;
    bool publishes; /* else only a ping */
    MqttHead head;
    Str payload;
} MqttRequest;

typedef struct MqttConn {
    VuFd fd;
    MqttParser parser;
    VuIo *io;                                   /* whose deliveries come in */
    uint64_t at_ns;                             /* when the bytes at hand were read */
    uint64_t connacks, pings, pubacks, subacks; /* so many so far */
    uint16_t last_id;                           /* of what was sent */
    uint16_t acked_id;                          /* of the last PUBACK */
    bool denied;                                /* the last CONNACK or SUBACK said no */
    const char *cause;                          /* … why; NULL: not told */
    ptrdiff_t n_acks;
    unsigned char acks[MQTT_ACKS_MAX]; /* PUBACKs that are owed */
} MqttConn;

int mqtt_prepare_target(const void *opts, void *target, Err *err);
int mqtt_prepare_request(const void *target, const void *opts, void *request, Err *err);
void mqtt_release_target(void *target);
void mqtt_release_request(void *request);
/* In the arena; `bytes` of payload come behind it. */
MqttHead mqtt_head(Arena *a, const char *topic, int qos, ptrdiff_t bytes);

/* Read once, parking until there is something, and take all of it: counts what came, hands messages
 * to vu_deliver, acknowledges them. 0 or a negative errno. */
MUST_CHECK int mqtt_take(VuIo *io, MqttConn *c);
/* Until *counter of the connection has come to `until`. */
MUST_CHECK int mqtt_await(VuIo *io, MqttConn *c, const uint64_t *counter, uint64_t until);
/* One message, and the server's word that it has it where there is one. CALL_STALE: the connection
 * is gone. */
MUST_CHECK int mqtt_send_message(VuIo *io, MqttConn *c, const MqttHead *h, Str head, Str rest,
                                 Outcome *out);
/* All of the parts. */
MUST_CHECK int mqtt_write(VuIo *io, MqttConn *c, const Str *parts, int n);

extern const DriverStream mqtt_stream;
