/* Requests to the test server about itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "selftest/loop.h"

/* [[value, count], …]; a value stands for its bin. */
static json_t *hist_json(const Hist *h)
{
    json_t *bins = json_array();
    HistIter it = hist_iter(h);
    HistBin b;
    while (hist_next(&it, &b)) {
        uint64_t v = MAX(MIN(b.hi, h->max), h->min);
        json_array_append_new(bins, json_pack("[I, I]", (json_int_t)v, (json_int_t)b.count));
    }
    return bins;
}

static json_t *route_json(const SrvRoute *r)
{
    json_t *kinds = json_object();
    for (int k = 0; k < REPLY_N; k++)
        json_object_set_new(kinds, srv_reply_name((ReplyKind)k),
                            json_integer((json_int_t)r->kinds[k]));
    return json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "target", r->target, "received",
                     (json_int_t)r->received, "finished", (json_int_t)r->finished, "aborted",
                     (json_int_t)r->aborted, "kinds", kinds, "drawn", hist_json(r->drawn), "did",
                     hist_json(r->did), "late", hist_json(r->late));
}

static char *stats_text(const SrvLoop *l)
{
    CLEANUP(json_free) json_t *routes = json_array();
    for (ptrdiff_t i = 0; i < l->n_routes; i++)
        json_array_append_new(routes, route_json(l->routes[i]));
    const SrvCounts *c = &l->counts;
    CLEANUP(json_free)
    json_t *all = json_pack("{s:I, s:I, s:I, s:I, s:I, s:O}", "accepted", (json_int_t)c->accepted,
                            "bad_requests", (json_int_t)c->bad_requests, "not_found",
                            (json_int_t)c->not_found, "freezes", (json_int_t)c->freezes,
                            "frozen_ns", (json_int_t)c->frozen_ns, "routes", routes);
    return json_dumps(all, JSON_COMPACT);
}

typedef struct FreezeOpts {
    uint64_t in, length;
} FreezeOpts;

static const Opt freeze_opts[] = {
    OPT(FreezeOpts, in, NS, .help = "time until the freeze begins"),
    OPT(FreezeOpts, length, NS, .help = "how long it lasts"),
    { .type = OPT_END },
};

/* "in=1s&length=500ms" */
static int plan_freeze(SrvLoop *l, Str query, Err *err)
{
    FreezeOpts o = { 0 };
    Str pair;
    while (query.len && str_cut(&query, '&', &pair)) {
        Str value = pair, name;
        str_cut(&value, '=', &name);
        const Opt *row = opt_find(freeze_opts, name);
        if (!row)
            return err_set(err, -EINVAL, "freeze: no option '" STR_FMT "'", STR_ARG(name));
        TRY(opt_set(&l->arena, row, &o, value, err));
    }
    due_remove(&l->due, &l->freeze);
    l->freeze_for_ns = o.length;
    return due_add(&l->due, &l->freeze, clock_mono_ns() + o.in);
}

static char *forget(SrvLoop *l)
{
    for (ptrdiff_t i = 0; i < l->n_routes; i++)
        srv_route_reset(l->routes[i]);
    return strdup("{}");
}

bool srv_control(SrvLoop *l, Str target, int *status, char **text)
{
    Err err = { 0 };
    Str query = target, path;
    str_cut(&query, '?', &path);
    *status = 200;
    if (str_eqz(path, "/stats")) {
        *text = stats_text(l);
    } else if (str_eqz(path, "/forget")) {
        *text = forget(l);
    } else if (str_eqz(path, "/freeze")) {
        bool ok = plan_freeze(l, query, &err) == 0;
        *status = ok ? 200 : 404;
        *text = strdup(ok ? "{}" : err.msg);
    } else {
        return false;
    }
    assert(*text);
    return true;
}
