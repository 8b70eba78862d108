/* Messages through MQTT topics. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/mqtt/mqtt.h"

typedef struct MqttStreamOpts {
    int qos;
} MqttStreamOpts;

static const char *const qualities[] = { "0", "1", NULL };

static const Opt mqtt_stream_opts[] = {
    OPT(MqttStreamOpts, qos, ENUM, .dflt = "1", .choices = qualities,
        .help = "1: the server acknowledges messages, and subscribers acknowledge them to it; 0: a "
                "message is accepted when it is written"),
    { .type = OPT_END },
};

typedef struct MqttStream {
    Arena arena;
    int qos;
    uint32_t groups;
    MqttHead *heads;    /* [topics] */
    const char **names; /* [topics] */
} MqttStream;

static int mqtt_stream_prepare(const void *target, const void *opts, const StreamSetup *setup,
                               void *state, Err *err)
{
    const MqttStreamOpts *o = opts;
    MqttStream *s = state;
    (void)target;
    (void)err;
    s->qos = o->qos;
    s->groups = setup->groups;
    s->heads = ARENA_ARRAY(&s->arena, MqttHead, setup->topics);
    s->names = ARENA_ARRAY(&s->arena, const char *, setup->topics);
    for (uint32_t i = 0; i < setup->topics; i++) {
        s->names[i] = arena_printf(&s->arena, "%s/%u", setup->prefix, i);
        s->heads[i] = mqtt_head(&s->arena, s->names[i], s->qos, setup->size);
    }
    return 0;
}

static void mqtt_stream_release(void *state)
{
    arena_done(&((MqttStream *)state)->arena);
}

static int mqtt_publish(VuIo *io, void *conn, const void *state, const StreamMessage *m,
                        Outcome *out)
{
    const MqttStream *s = state;
    return mqtt_send_message(io, conn, &s->heads[m->topic], m->head, m->rest, out);
}

static int mqtt_subscribe(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    MqttConn *c = conn;
    const MqttStream *s = state;
    char filter[MQTT_KEEP], group[32] = "";
    unsigned char length[MQTT_LENGTH_MAX];
    if (s->groups)
        snprintf(group, sizeof group, "$share/g%u/", who->group);
    int n = snprintf(filter, sizeof filter, "%s%s", group, s->names[who->topic]);
    int n_length = mqtt_put_length(length, (uint32_t)n + 5);
    const char first = (char)(MQTT_SUBSCRIBE << 4 | 2), id[] = { 0, 1 };
    const char bytes[] = { (char)(n >> 8), (char)n }, qos = (char)s->qos;
    const Str head[] = { { &first, 1 }, { (const char *)length, n_length }, { id, 2 } };
    const Str body[] = { { bytes, 2 }, { filter, n }, { &qos, 1 } };
    uint64_t until = c->subacks + 1;
    TRY(mqtt_write(io, c, head, ARRAY_LEN(head)));
    TRY(mqtt_write(io, c, body, ARRAY_LEN(body)));
    TRY(mqtt_await(io, c, &c->subacks, until));
    if (!c->denied)
        return 0;
    vu_cause(io, "the subscription is refused");
    return -EACCES;
}

static int mqtt_receive(VuIo *io, void *conn, const void *state, const StreamWho *who)
{
    (void)state;
    (void)who;
    for (;;)
        TRY(mqtt_take(io, conn));
}

const DriverStream mqtt_stream = {
    .opts = mqtt_stream_opts,
    .opts_bytes = sizeof(MqttStreamOpts),
    .state_bytes = sizeof(MqttStream),
    .prepare = mqtt_stream_prepare,
    .publish = mqtt_publish,
    .subscribe = mqtt_subscribe,
    .receive = mqtt_receive,
    .release = mqtt_stream_release,
};
