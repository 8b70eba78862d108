#include "drivers/mqtt/mqtt.h"

#include <errno.h>
#include <string.h>

static const char *const qualities[] = { "0", "1", NULL };

static const Opt mqtt_target_opts[] = {
    OPT(MqttTargetOpts, url, STR, .required = true,
        .help = "mqtt://host:port of the target, mqtts:// through TLS"),
    OPT(MqttTargetOpts, username, STR, .help = "user to log in as"),
    OPT(MqttTargetOpts, password, STR, .secret = true,
        .help = "its password; without it the environment's MQTT_PASSWORD"),
    OPT(MqttTargetOpts, connect_to, STR, .arg = "HOST:PORT",
        .help = "connect there (or to unix:/path) instead of the URL's host"),
    OPT(MqttTargetOpts, source, LIST, .arg = "ADDRESS",
        .help = "addresses of this host to connect from, user after user in turn"),
    TLS_ROWS(MqttTargetOpts),
    { .type = OPT_END },
};

static const Opt mqtt_request_opts[] = {
    OPT(MqttRequestOpts, topic, STR, .help = "where to publish; without it only pings are sent"),
    OPT(MqttRequestOpts, payload, STR, .help = "what is published"),
    OPT(MqttRequestOpts, qos, ENUM, .dflt = "1", .choices = qualities,
        .help = "1: the server acknowledges; 0: it is done when it is written"),
    { .type = OPT_END },
};

enum { MQTT_TLS_TIME };
static const DriverMetric mqtt_metrics[] = { ENDPOINT_METRICS, { NULL } };

static int greet(VuIo *io, MqttConn *c, const MqttTarget *t)
{
    char wire[MQTT_CONNECT_MAX];
    uint64_t id = rng_u64(&vu_draw(io)->rng);
    assert(t->connect.len <= MQTT_CONNECT_MAX);
    memcpy(wire, t->connect.ptr, (size_t)t->connect.len);
    for (int i = 0; i < 16; i++, id >>= 4)
        wire[t->id_at + i] = "0123456789abcdef"[id & 15];
    TRY(vu_write_all(io, &c->fd, wire, t->connect.len));
    TRY(mqtt_await(io, c, &c->connacks, 1));
    return c->denied ? -EACCES : 0;
}

static int mqtt_open(VuIo *io, const void *target, void *conn)
{
    const MqttTarget *t = target;
    MqttConn *c = conn;
    TRY(endpoint_connect(io, &t->endpoint, &c->fd, MQTT_TLS_TIME));
    int r = greet(io, c, t);
    if (r < 0) {
        vu_cause(io, c->cause ? c->cause : c->parser.wrong);
        vu_close(&c->fd);
    }
    return r;
}

static int ping(VuIo *io, MqttConn *c, Outcome *out)
{
    static const char wire[] = { (char)(MQTT_PINGREQ << 4), 0 };
    uint64_t until = c->pings + 1;
    if (!vu_is_clean(&c->fd))
        return CALL_STALE;
    TRY(vu_write_all(io, &c->fd, wire, sizeof wire));
    int r = mqtt_await(io, c, &c->pings, until);
    out->cause = r == -EPROTO ? c->parser.wrong : NULL;
    return r;
}

static int mqtt_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    const MqttRequest *r = request;
    return r->publishes ? mqtt_send_message(io, conn, &r->head, r->payload, STR(""), out)
                        : ping(io, conn, out);
}

static void mqtt_close(VuIo *io, void *conn)
{
    (void)io;
    vu_close(&((MqttConn *)conn)->fd);
}

static int mqtt_hold(VuIo *io, void *conn)
{
    for (;;)
        TRY(mqtt_take(io, conn));
}

const Driver driver_mqtt = {
    .abi = DRIVER_ABI,
    .name = "mqtt",
    .summary = "MQTT 3.1.1: publications and their subscribers",
    .schemes = "mqtt mqtts",
    .request_key = "topic",
    .target_opts = mqtt_target_opts,
    .target_opts_bytes = sizeof(MqttTargetOpts),
    .request_opts = mqtt_request_opts,
    .request_opts_bytes = sizeof(MqttRequestOpts),
    .target_bytes = sizeof(MqttTarget),
    .request_bytes = sizeof(MqttRequest),
    .conn_bytes = sizeof(MqttConn),
    .prepare_target = mqtt_prepare_target,
    .prepare_request = mqtt_prepare_request,
    .open = mqtt_open,
    .call = mqtt_call,
    .close = mqtt_close,
    .release_request = mqtt_release_request,
    .release_target = mqtt_release_target,
    .hold = mqtt_hold,
    .metrics = mqtt_metrics,
    .stream = &mqtt_stream,
};
