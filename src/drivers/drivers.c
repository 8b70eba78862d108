#include "drivers/drivers.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "drivers/exec/exec.h"
#include "drivers/http/http.h"
#include "drivers/mcp/mcp.h"
#include "drivers/mqtt/mqtt.h"
#include "drivers/nats/nats.h"
#include "drivers/null/null.h"
#include "drivers/postgresql/postgresql.h"
#include "drivers/redis/redis.h"
#include "drivers/ws/ws.h"
#include "load/scenario.h"
#include "load/stream_driver.h"
#include "model/recording.h"

const Driver *const drivers[] = { &driver_exec, &driver_http, &driver_mcp,        &driver_mqtt,
                                  &driver_nats, &driver_null, &driver_postgresql, &driver_redis,
                                  &driver_ws,   NULL };

const Driver *driver_find(const char *name)
{
    for (const Driver *const *d = drivers; *d; d++)
        if (strcmp((*d)->name, name) == 0)
            return *d;
    return NULL;
}

/* Schemes may be written in any case: RFC 3986, 3.1. */
static bool has_scheme(const char *schemes, Str scheme)
{
    Str rest = str(schemes), piece;
    while (str_cut(&rest, ' ', &piece))
        if (piece.len == scheme.len && strncasecmp(piece.ptr, scheme.ptr, (size_t)piece.len) == 0)
            return true;
    return false;
}

const Driver *driver_for_url(const char *url)
{
    ptrdiff_t end = str_find(str(url), STR("://"));
    for (const Driver *const *d = drivers; *d && end > 0; d++)
        if ((*d)->schemes && has_scheme((*d)->schemes, str_slice(str(url), 0, end)))
            return *d;
    return NULL;
}

static int check_request(const Driver *d, const void *target, const void *request_opts, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    void *request = arena_alloc(&a, d->request_bytes);
    if (d->prepare_request)
        TRY(d->prepare_request(target, request_opts, request, err));
    if (d->release_request)
        d->release_request(request);
    return 0;
}

static int check_scenarios(const Driver *d, const void *target, const ScenarioList *l, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Scenarios s;
    TRY(scenarios_prepare(&a, l, d, target, &s, err));
    scenarios_release(&s, d);
    return 0;
}

static int check_stream(const Driver *d, const void *target, const StreamSpec *s, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    if (!d->stream)
        return err_set(err, -EINVAL, "driver %s has no streams", d->name);
    const StreamSetup setup = { .prefix = s->prefix,
                                .publishers = s->publishers,
                                .subscribers = s->subscribers,
                                .topics = s->topics,
                                .groups = s->groups,
                                .size = (ptrdiff_t)s->size };
    void *state = arena_alloc(&a, d->stream->state_bytes);
    TRY(d->stream->prepare(target, s->driver_opts, &setup, state, err));
    if (d->stream->release)
        d->stream->release(state);
    return 0;
}

static int check_replay(const Driver *d, const void *target, const void *request_opts,
                        const LoadSpec *load, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(recording_done) Recording rec = { 0 };
    if (!d->prepare_replay)
        return err_set(err, -EINVAL, "replay: driver %s can't send recorded requests", d->name);
    void *request = arena_alloc(&a, d->request_bytes);
    TRY(recording_read(&rec, load->replay, load->replay_lenient, err));
    TRY(d->prepare_replay(target, request_opts, &rec, request, err));
    if (d->release_request)
        d->release_request(request);
    return 0;
}

int driver_check(const Driver *d, const void *target_opts, const void *request_opts,
                 const LoadSpec *load, Err *err)
{
    const ScenarioList *scenarios = &load->scenarios;
    CLEANUP(arena_done) Arena a = { 0 };
    void *target = arena_alloc(&a, d->target_bytes);
    if (d->prepare_target)
        TRY(d->prepare_target(target_opts, target, err));
    int r = load->stream   ? check_stream(d, target, load->stream, err)
            : scenarios->n ? check_scenarios(d, target, scenarios, err)
            : load->replay ? check_replay(d, target, request_opts, load, err)
                           : check_request(d, target, request_opts, err);
    if (d->release_target)
        d->release_target(target);
    return r;
}
