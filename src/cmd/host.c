/* assay host: what this machine can resolve, and settings for quiet measurements. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "cmd/cmd.h"
#include "host/host.h"

typedef struct HostCmdOpts {
    bool quick;
    const char *json, *root, *journal;
    uint64_t spin, seed;
} HostCmdOpts;

static const Opt host_cmd_opts[] = {
    { .type = OPT_HEAD, .name = "Host" },
    OPT(HostCmdOpts, quick, BOOL, .help = "a third of the rounds, coarser"),
    OPT(HostCmdOpts, json, STR, .arg = "FILE",
        .help = "write the report as JSON (assay.host/1); - is stdout"),
    OPT(HostCmdOpts, seed, U64, .arg = "N", .dflt = "0", .help = "seed of the order; 0 draws one"),
    OPT(HostCmdOpts, journal, STR, .arg = "FILE",
        .help = "where tune keeps what was there; /var/lib/assay/tuned when not given"),
    OPT(HostCmdOpts, spin, U64, .dflt = "0", .hidden = true,
        .help = "be the command that is timed: spin for so many turns"),
    OPT(HostCmdOpts, root, STR, .dflt = "", .hidden = true,
        .help = "folder that stands for / where settings are read and written"),
    { .type = OPT_END },
};

static const OptSet *host_sets(Ctx *ctx)
{
    HostCmdOpts *o = ARENA_NEW(&ctx->arena, HostCmdOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ host_cmd_opts, o };
    ctx->own = o;
    return sets;
}

static int write_json(const HostReport *r, const char *path, Err *err)
{
    CLEANUP(json_free) json_t *j = host_json(r);
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    TRY(json_print(j, &text, err));
    return fs_write(path, strbuf_str(&text), err);
}

static int tell(Ctx *ctx, const HostCmdOpts *o, const HostReport *r)
{
    Err err = { 0 };
    if (!o->json || !str_eqz(str(o->json), "-")) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        host_text(r, &text);
        fputs(strbuf_z(&text), stdout);
    }
    if (r->interrupted)
        return 128 + stop_signal();
    if (o->json && write_json(r, o->json, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (host_remember(&ctx->arena, r, &err) < 0)
        log_warn(&ctx->log, "%s; runs will not say what this machine can resolve", err.msg);
    return ASSAY_OK;
}

static int measure(Ctx *ctx, const HostCmdOpts *o)
{
    Err err = { 0 };
    HostOpts opts = { .quick = o->quick,
                      .seed = o->seed ? o->seed : rng_fresh_seed(),
                      .self = fs_self(&ctx->arena),
                      .root = o->root,
                      .folder = ".",
                      .log = &ctx->log,
                      .stop = ctx->stop };
    CLEANUP(host_report_done) HostReport r = { 0 };
    int e = host_run(&opts, &r, &err);
    log_progress_end(&ctx->log);
    return e < 0 ? cmd_fail(ctx, ASSAY_FAILED, &err) : tell(ctx, o, &r);
}

static int change(Ctx *ctx, const HostCmdOpts *o, bool tune)
{
    Err err = { 0 };
    ptrdiff_t n = 0;
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    const char *journal = o->journal ? o->journal : "/var/lib/assay/tuned";
    int r =
        tune ? host_tune(o->root, journal, &out, &n, &err) : host_restore(journal, &out, &n, &err);
    fputs(strbuf_z(&out), stdout);
    if (r < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    printf("%td setting%s %s%s\n", n, n == 1 ? "" : "s", tune ? "changed" : "put back",
           tune && n ? "; assay host restore puts them back" : "");
    return ASSAY_OK;
}

static int host_cmd_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const HostCmdOpts *o = ctx->own;
    if (o->spin) {
        uint64_t x = host_spin(o->spin);
        __asm__ volatile("" : : "r"(x));
        return ASSAY_OK;
    }
    if (pos->n == 0)
        return measure(ctx, o);
    bool tune = strcmp(pos->v[0], "tune") == 0;
    if (pos->n > 1 || (!tune && strcmp(pos->v[0], "restore") != 0))
        return cmd_usage(ctx, &cmd_host, "knows tune and restore, not '%s'",
                         pos->v[pos->n > 1 ? 1 : 0]);
    return change(ctx, o, tune);
}

const Cmd cmd_host = {
    .name = "host",
    .args = "[tune | restore]",
    .summary = "what this machine can resolve: noise, false alarms, smallest effect",
    .about =
        "Holds a 10 ms command, a 1 µs function and a loopback request against themselves, in "
        "pairs: how often\n"
        "would a comparison cry wolf here, and how small a change can it show? Looks at governor, "
        "turbo, steal,\n"
        "throttling, clock source, load and free disk, and says what to change. Later runs on this "
        "machine carry\n"
        "the result as a tag. tune sets what can safely be set for quiet measurements; restore "
        "puts it back.\n\n"
        "Examples:\n"
        "  assay host\n"
        "  assay host --json host.json\n"
        "  sudo assay host tune && make bench; sudo assay host restore\n",
    .sets = host_sets,
    .run = host_cmd_run,
};
