/* From options to an address and to packets as they go on the wire. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/http/http_url.h"
#include "drivers/mqtt/mqtt.h"

enum { TEXT_MAX = 65535, PACKET_MAX = 1 << 26 };

/* mqtt://[user@]host[:port], and mqtts:// through TLS. */
typedef struct MqttUrl {
    Str user, authority;
    bool tls;
} MqttUrl;

static int parse_url(const char *url, MqttUrl *ret, Err *err)
{
    Str rest = str(url);
    *ret = (MqttUrl){ .tls = str_starts(rest, STR("mqtts://")) };
    if (!ret->tls && !str_starts(rest, STR("mqtt://")))
        return err_set(err, -EINVAL, "the url is not like mqtt://host:port");
    rest = str_slice(rest, ret->tls ? 8 : 7, rest.len);
    if (str_ends(rest, STR("/")))
        rest = str_slice(rest, 0, rest.len - 1);
    ptrdiff_t at = str_find_char(rest, '@');
    ret->user = at < 0 ? (Str){ 0 } : str_slice(rest, 0, at);
    ret->authority = str_slice(rest, at + 1, rest.len);
    if (str_find_char(ret->user, ':') >= 0)
        return err_set(err, -EINVAL,
                       "url: a password there would stand in every result; give it by password or "
                       "the environment's MQTT_PASSWORD");
    return 0;
}

static void put_text(StrBuf *b, Str text)
{
    strbuf_addc(b, (char)(text.len >> 8));
    strbuf_addc(b, (char)text.len);
    strbuf_add(b, text);
}

static Str put_packet(Arena *a, unsigned char first, Str body, ptrdiff_t more)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    unsigned char length[MQTT_LENGTH_MAX];
    int n = mqtt_put_length(length, (uint32_t)(body.len + more));
    strbuf_addc(&b, (char)first);
    strbuf_add(&b, (Str){ (const char *)length, n });
    strbuf_add(&b, body);
    char *wire = arena_alloc(a, b.len);
    memcpy(wire, b.ptr, (size_t)b.len);
    return (Str){ wire, b.len };
}

/* A session of no memory, without a time after which silence is an end. */
static int make_connect(MqttTarget *t, const MqttTargetOpts *o, Str user, Err *err)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Str name = o->username ? str(o->username) : user;
    const char *env = name.len ? getenv("MQTT_PASSWORD") : NULL;
    Str password = str(o->password ? o->password : env);
    static const char id[] = "assay-0123456789abcdef";
    if (password.len && !name.len)
        return err_set(err, -EINVAL, "password: MQTT takes one only beside a username");
    if (name.len + password.len > MQTT_CONNECT_MAX / 2)
        return err_set(err, -EINVAL, "username: with its password more than %d bytes",
                       MQTT_CONNECT_MAX / 2);
    put_text(&b, STR("MQTT"));
    strbuf_addc(&b, 4);
    strbuf_addc(&b, (char)(2 | (name.len ? 128 : 0) | (password.len ? 64 : 0)));
    strbuf_add(&b, (Str){ "\0\0", 2 });
    put_text(&b, str(id));
    ptrdiff_t id_end = b.len;
    if (name.len)
        put_text(&b, name);
    if (password.len)
        put_text(&b, password);
    ptrdiff_t body = b.len;
    t->connect = put_packet(&t->arena, MQTT_CONNECT << 4, strbuf_str(&b), 0);
    t->id_at = t->connect.len - body + id_end - 16;
    return 0;
}

static int prepare_target(const MqttTargetOpts *o, MqttTarget *t, Err *err)
{
    MqttUrl url;
    HttpUrl at = { 0 };
    bool h2;
    if (!o->url)
        return err_set(err, -EINVAL, "the mqtt driver needs a url");
    TRY(parse_url(o->url, &url, err));
    TRY(http_authority_parse(&t->arena, url.authority, url.tls ? "8883" : "1883", &at, err));
    TRY(endpoint_prepare(&t->endpoint, &t->arena, at.host, at.port, o->connect_to, &o->source,
                         err));
    TRY(make_connect(t, o, url.user, err));
    return url.tls ? endpoint_secure(&t->endpoint, &o->tls, at.host, "", &h2, err) : 0;
}

int mqtt_prepare_target(const void *opts, void *target, Err *err)
{
    int r = prepare_target(opts, target, err);
    if (r < 0)
        mqtt_release_target(target);
    return r;
}

void mqtt_release_target(void *target)
{
    MqttTarget *t = target;
    endpoint_release(&t->endpoint);
    arena_done(&t->arena);
}

MqttHead mqtt_head(Arena *a, const char *topic, int qos, ptrdiff_t bytes)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    put_text(&b, str(topic));
    unsigned char first = (unsigned char)(MQTT_PUBLISH << 4 | qos << 1);
    return (MqttHead){ .wire = put_packet(a, first, strbuf_str(&b), (qos ? 2 : 0) + bytes),
                       .qos = qos };
}

int mqtt_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    const MqttRequestOpts *o = opts;
    MqttRequest *r = request;
    (void)target;
    if (!o->topic)
        return o->payload ? err_set(err, -EINVAL, "payload: wants a topic to go to") : 0;
    Str topic = str(o->topic);
    if (topic.len == 0 || topic.len > TEXT_MAX || str_find_char(topic, '+') >= 0 ||
        str_find_char(topic, '#') >= 0)
        return err_set(err, -EINVAL, "topic: '%.60s' is empty, too long, or has a wildcard in it",
                       o->topic);
    r->payload = str(o->payload);
    if (template_varies(topic, NULL) || template_varies(r->payload, NULL))
        return err_set(err, -EINVAL, "%s: is the same each time in this driver, ${…} can't differ",
                       template_varies(topic, NULL) ? "topic" : "payload");
    if (r->payload.len > PACKET_MAX)
        return err_set(err, -EINVAL, "payload: more than 64 MiB");
    r->publishes = true;
    r->head = mqtt_head(&r->arena, o->topic, o->qos, r->payload.len);
    return 0;
}

void mqtt_release_request(void *request)
{
    arena_done(&((MqttRequest *)request)->arena);
}
