/* assay load: one endpoint under load. */
#include <errno.h>
#include <string.h>

#include "cmd/live.h"
#include "cmd/load_cmd.h"
#include "drivers/drivers.h"

const Opt load_cmd_opts[] = {
    { .type = OPT_HEAD, .name = "How long" },
    OPT(LoadCmdOpts, duration, NS, .letter = 'd', .dflt = "0", .max = 1e18,
        .help = "measured part of a trial; 0: 10s, and all of a replay"),
    OPT(LoadCmdOpts, warmup, NS, .dflt = "1s", .help = "excluded time before it"),
    OPT(LoadCmdOpts, stages, STR, .arg = "SPEC",
        .help = "stages in sequence instead of a rate or users: 'rate=0->500/s over=30s; "
                "rate=500/s over=1m arrivals=poisson'"),
    OPT(LoadCmdOpts, trials, U32, .arg = "N", .dflt = "1", .min = 1, .max = 1000, .help = "trials"),
    OPT(LoadCmdOpts, pid, U32, .arg = "PID", .dflt = "0",
        .help = "watch the resources of this process and its children"),
    OPT(LoadCmdOpts, expect, LIST, .letter = 'e', .arg = "EXPR",
        .help = "promise to hold, such as 'latency.p95 < 50ms'; exit code 3 when it breaks"),
    { .type = OPT_END },
};

const Opt target_heading[] = { { .type = OPT_HEAD, .name = "Target and request" },
                               { .type = OPT_END } };

/* The text behind `NAME:` of a target that no URL names, or NULL. */
static const char *text_for(const Driver *d, const char *word)
{
    size_t n = strlen(d->name);
    return d->target_key && strncmp(word, d->name, n) == 0 && word[n] == ':' ? word + n + 1 : NULL;
}

static const Driver *driver_of_name(const char *word)
{
    for (const Driver *const *d = drivers; *d; d++)
        if (text_for(*d, word))
            return *d;
    return NULL;
}

/* The first word that looks like a target chooses the driver whose options are read; one that names
 * its driver before a URL, which may be an option's value. */
const Driver *load_cmd_driver(const Ctx *ctx)
{
    const Driver *d = NULL;
    for (int i = 0; i < ctx->argc && !d; i++)
        d = driver_of_name(ctx->argv[i]);
    for (int i = 0; i < ctx->argc && !d; i++)
        d = driver_for_url(ctx->argv[i]);
    return d ? d : driver_find("http");
}

static const OptSet *load_sets(Ctx *ctx)
{
    LoadCmdOpts *o = ARENA_NEW(&ctx->arena, LoadCmdOpts);
    o->driver = load_cmd_driver(ctx);
    o->target = arena_alloc(&ctx->arena, o->driver->target_opts_bytes);
    o->request = arena_alloc(&ctx->arena, o->driver->request_opts_bytes);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 7);
    ptrdiff_t n = 0;
    sets[n++] = (OptSet){ load_cmd_opts, o };
    sets[n++] = (OptSet){ load_opts, &o->load };
    sets[n++] = (OptSet){ target_heading, o };
    sets[n++] = (OptSet){ o->driver->request_opts, o->request };
    sets[n++] = (OptSet){ o->driver->target_opts, o->target };
    sets[n++] = (OptSet){ output_opts, &o->out };
    ctx->own = o;
    return sets;
}

/* -c without a rate is a closed loop of that many users; with one, the connections it may use. */
static int settle_stages(Ctx *ctx, LoadCmdOpts *o, Err *err)
{
    LoadSpec *l = &o->load;
    if (l->users || l->rate > 0)
        return err_set(err, -EINVAL,
                       "--stages say users and rates themselves; leave --users and --rate out");
    TRY(stages_parse(&ctx->arena, o->stages, &l->stages, err));
    o->duration = stages_length_ns(&l->stages);
    return 0;
}

/* It ends with its last record, and nothing was recorded before its first. */
static int settle_replay(LoadCmdOpts *o, Err *err)
{
    if (o->stages)
        return err_set(err, -EINVAL, "--replay says when requests are due; leave --stages out");
    o->warmup = 0;
    o->load.connections = o->load.connections ? o->load.connections : 64;
    return 0;
}

int load_cmd_settle(Ctx *ctx, LoadCmdOpts *o, Err *err)
{
    LoadSpec *l = &o->load;
    TRY(load_spec_check(l, err));
    if (o->duration > 0 && o->duration < NS_PER_MS)
        return err_set(err, -EINVAL, "--duration: less than 1ms is no time to measure in");
    if (l->replay)
        return settle_replay(o, err);
    o->duration = o->duration ? o->duration : 10 * NS_PER_S;
    if (o->stages)
        return settle_stages(ctx, o, err);
    if (l->find_rate) {
        l->connections = l->connections ? l->connections : 64;
        return 0;
    }
    if (l->users && l->rate > 0)
        return err_set(err, -EINVAL,
                       "--users (closed loop) and --rate (open loop) exclude each other");
    if (l->rate > 0) {
        l->connections = l->connections ? l->connections : 64;
        return 0;
    }
    if (l->users && l->connections && l->users != l->connections)
        return err_set(err, -EINVAL,
                       "in a closed loop each user has one connection: --users or -c");
    if (!l->users)
        l->users = l->connections ? l->connections : 10;
    l->connections = l->users;
    return 0;
}

static int set_url(Ctx *ctx, LoadCmdOpts *o, const char *url, Err *err)
{
    const char *text = text_for(o->driver, url);
    const char *key = text ? o->driver->target_key : "url";
    const Opt *row = opt_find(o->driver->target_opts, str(key));
    if (text && row)
        return opt_set(&ctx->arena, row, o->target, str(text), err);
    if (!row)
        return 0; /* a driver without an address, such as null */
    if (str_find(str(url), STR("://")) < 0)
        url = arena_printf(&ctx->arena, "http://%s", url);
    return opt_set(&ctx->arena, row, o->target, str(url), err);
}

/* What was asked for beyond the defaults, kept as parameters: two results with different ones are
 * different cases. Of a secret only that it was given; `named` stands in the case's name. */
static void note_options(Run *r, CaseResult *c, const char *named, const Opt *rows, const void *src,
                         ptrdiff_t size)
{
    OPT_EACH (row, rows) {
        const char *text = row->type == OPT_HEAD ? NULL : opt_text(&r->arena, row, src);
        if (text && strcmp(row->name, "url") != 0 && strcmp(row->name, named) != 0 &&
            !opt_is_default(&r->arena, rows, row, src, size))
            strmap_set(&r->arena, &c->params, row->name,
                       row->secret ? "(secret)" : arena_strdup(&r->arena, text));
    }
}

static void note_pace(const LoadCmdOpts *o, Run *r, CaseResult *c)
{
    char buf[FMT_MAX];
    if (o->stages)
        strmap_set(&r->arena, &c->params, "stages", arena_strdup(&r->arena, o->stages));
    strmap_set(&r->arena, &c->params, "duration",
               !o->duration ? "all"
                            : arena_strdup(&r->arena, fmt_duration_exact(buf, o->duration)));
    strmap_set(&r->arena, &c->params, "warmup",
               arena_strdup(&r->arena, fmt_duration_exact(buf, o->warmup)));
}

/* "URL users=10 method=HEAD": all that makes it another load; long values are cut. */
static const char *case_name(Arena *a, const char *url, const StrMap *params)
{
    CLEANUP(strbuf_done) StrBuf b = { .max = 1024 };
    strbuf_addz(&b, url);
    for (ptrdiff_t i = 0; i < params->n; i++)
        strbuf_addf(&b, " %s=%.60s", params->v[i].key, params->v[i].value);
    return arena_strdup(a, strbuf_z(&b));
}

static CaseResult *new_case(const LoadCmdOpts *o, Run *r, const char *url)
{
    LoadSpec spec = o->load;
    bool open = spec.rate > 0 || spec.replay;
    spec.connections = open ? spec.connections : 0; /* a closed load has them with its users */
    const char *key = o->driver->target_key ? o->driver->target_key : "";
    Kind kind = load_cmd_kind(o);
    CaseResult *c = run_add_case(r, url, kind_name(kind), kind, SIDE_HEAD);
    if (kind == KIND_STREAM) {
        const DriverStream *d = o->driver->stream;
        note_options(r, c, "", stream_opts, &o->stream, sizeof o->stream);
        note_options(r, c, "", d->opts, o->stream.driver_opts, d->opts_bytes);
    }
    note_options(r, c, "", load_opts, &spec, sizeof spec);
    if (kind == KIND_LOAD)
        note_options(r, c, "", o->driver->request_opts, o->request, o->driver->request_opts_bytes);
    note_options(r, c, key, o->driver->target_opts, o->target, o->driver->target_opts_bytes);
    c->name = case_name(&r->arena, url, &c->params);
    note_pace(o, r, c);
    return c;
}

static int add_expectations(const LoadCmdOpts *o, Run *r, CaseResult *c, Err *err)
{
    for (ptrdiff_t i = 0; i < o->expect.n; i++) {
        Expect e;
        TRY(expect_parse(&r->arena, str(o->expect.v[i]), &e, err));
        TRY(expect_check(&e, load_cmd_kind(o), err));
        ARENA_PUSH(&r->arena, c->expects, c->n_expects, c->cap_expects, e);
    }
    return 0;
}

static int measure(Ctx *ctx, LoadCmdOpts *o, Run *r, CaseResult *c, Store *store)
{
    Err err = { 0 };
    PaceSpec pace = { .trials = o->trials, .duration = o->duration, .warmup = o->warmup };
    ServiceSpec watch = { .pid = o->pid };
    LabService service = { .name = "target", .spec = &watch, .dir = "." };
    LabCase lab_case = { .result = c,
                         .pace = &pace,
                         .load = &o->load,
                         .driver = o->driver,
                         .target_opts = o->target,
                         .request_opts = o->request,
                         .service = o->pid ? &service : NULL };
    Lab lab = { .run = r,
                .store = store,
                .log = &ctx->log,
                .stop = ctx->stop,
                .cases = &lab_case,
                .n_cases = 1,
                .services = &service,
                .n_services = o->pid ? 1 : 0 };
    r->stop_rule = lab_stop_rule(&r->arena, load_cmd_kind(o), &pace);
    if ((store && store_run_begin(store, r, &err) < 0) || follow_run(&o->out, &lab, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    LiveShow *show = live_begin(ctx, &lab);
    int ran = lab_run(&lab, &err);
    live_end(show);
    follow_end(ctx, &lab);
    if (ran < 0 || run_summarise(r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int code = decide_exit(ctx, &o->out, r, lab.failed || lab.store_failed);
    return finish_run(ctx, &o->out, r, store, code);
}

int load_cmd_go(Ctx *ctx, const Cmd *cmd, LoadCmdOpts *o, const char *url)
{
    Err err = { 0 };
    if (set_url(ctx, o, url, &err) < 0)
        return cmd_usage(ctx, cmd, "%s", err.msg);
    int refused = check_outputs(ctx, cmd, &o->out);
    if (refused)
        return refused;
    int checked = driver_check(o->driver, o->target, o->request, &o->load, &err);
    if (checked < 0)
        return cmd_fail(ctx, checked == -EINVAL ? ASSAY_USAGE : ASSAY_FAILED, &err);
    CLEANUP(store_closep) Store *store = NULL;
    CLEANUP(run_freep) Run *r = NULL;
    if (begin_run(ctx, &o->out, cmd->name, ".", &r, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    CaseResult *c = new_case(o, r, url);
    if (add_expectations(o, r, c, &err) < 0)
        return cmd_usage(ctx, cmd, "%s", err.msg);
    if (open_store(ctx, &o->out, ".", &store, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return measure(ctx, o, r, c, store);
}

static int load_cmd_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    LoadCmdOpts *o = ctx->own;
    Err err = { 0 };
    if (pos->n != 1)
        return cmd_usage(ctx, &cmd_load, "wants one URL, not %td", pos->n);
    if (load_cmd_settle(ctx, o, &err) < 0)
        return cmd_usage(ctx, &cmd_load, "%s", err.msg);
    return load_cmd_go(ctx, &cmd_load, o, pos->v[0]);
}

const Cmd cmd_load = {
    .name = "load",
    .args = "URL",
    .summary = "load one endpoint, closed or open loop",
    .about =
        "Without --rate a closed loop: -c connections, each sending its next request when the "
        "reply is in.\n"
        "With --rate an open loop: requests are due at a steady rate whatever the server "
        "does, and latency\n"
        "counts from when each was due. Every scheduled request ends in exactly one counted "
        "outcome.\n\n"
        "Examples:\n"
        "  assay load -c 32 -d 10s http://127.0.0.1:8080/\n"
        "  assay load -r 5000 -d 30s --expect 'latency.p99 < 20ms' http://127.0.0.1:8080/\n"
        "  assay load -r 500 --trials 5 --report report.html --pid $(pidof -s nginx) "
        "http://127.0.0.1/\n"
        "  assay load --stages 'rate=0->500/s over=30s; rate=500/s over=2m; rate=2000/s "
        "over=10s' URL\n"
        "  assay load --find-rate 'p99<50ms, error_rate<1%' -d 10s URL    how much does it hold?\n"
        "  assay load --stages 'users=100 step=100 every=30s to=2000' --stop 'error_rate > "
        "5%' URL\n"
        "  assay load -c 50 --feed users.csv "
        "'http://127.0.0.1/user/${feed.name}?n=${uniform(1,9)}'\n"
        "  assay load --replay access.log --speed 2 http://127.0.0.1:8080\n"
        "  assay load -c 4 --call 'key ${uniform(1,9)}' exec:'python3 worker.py'\n"
        "  assay load -c 4 --call echo --arguments '{\"message\":\"hi\"}' mcp:'node server.js'\n"
        "  assay load -c 8 --json-body '{\"a\":1}' --user alice:secret URL\n",
    .sets = load_sets,
    .run = load_cmd_run,
};
