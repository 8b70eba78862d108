/* assay selftest: proofs on this machine. */
#include "selftest/selftest.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "selftest/touch.h"

typedef struct SelftestCmdOpts {
    bool quick, list, strict;
    uint64_t seed, touch;
    const char *json;
} SelftestCmdOpts;

static const Opt selftest_opts[] = {
    { .type = OPT_HEAD, .name = "Proofs" },
    OPT(SelftestCmdOpts, quick, BOOL, .help = "shorter and coarser: some 20 s instead of 90 s"),
    OPT(SelftestCmdOpts, list, BOOL, .letter = 'l', .help = "list the proofs and what each promises"),
    OPT(SelftestCmdOpts, seed, U64, .arg = "N", .dflt = "0", .help = "seed of all draws; 0 draws one"),
    OPT(SelftestCmdOpts, strict, BOOL, .help = "what can't be told on this machine exits with 6"),
    OPT(SelftestCmdOpts, json, STR, .arg = "FILE", .help = "write assay.selftest/1; - is stdout"),
    OPT(SelftestCmdOpts, touch, BYTES, .hidden = true, .dflt = "0", .help = "touch memory and exit"),
    { .type = OPT_END },
};

static const OptSet *selftest_sets(Ctx *ctx)
{
    SelftestCmdOpts *o = ARENA_NEW(&ctx->arena, SelftestCmdOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ selftest_opts, o };
    ctx->own = o;
    return sets;
}

static int exit_code_of(const Ctx *ctx, const SelftestCmdOpts *o, const SelftestReport *r)
{
    if (*ctx->stop)
        return 128 + stop_signal();
    if (r->counts[PROOF_BROKEN])
        return ASSAY_FAILED;
    return o->strict && r->counts[PROOF_UNCLEAR] ? ASSAY_INCONCLUSIVE : ASSAY_OK;
}

static int show(Ctx *ctx, const SelftestCmdOpts *o, const SelftestReport *r)
{
    Err err = { 0 };
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    if (o->json) {
        CLEANUP(json_free) json_t *j = selftest_json(r);
        if (json_print(j, &out, &err) < 0 || fs_write(o->json, strbuf_str(&out), &err) < 0)
            return cmd_fail(ctx, ASSAY_FAILED, &err);
        strbuf_clear(&out);
    }
    if (!o->json || !str_eqz(str(o->json), "-")) {
        selftest_text(r, ctx->common.verbose, &out);
        fputs(strbuf_z(&out), stdout);
    }
    return exit_code_of(ctx, o, r);
}

static int list_proofs(void)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    selftest_list(&out);
    fputs(strbuf_z(&out), stdout);
    return ASSAY_OK;
}

static int selftest_cmd_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const SelftestCmdOpts *o = ctx->own;
    if (o->touch)
        return selftest_touch(o->touch);
    if (o->list)
        return list_proofs();
    if (pos->n > 1)
        return cmd_usage(ctx, &cmd_selftest, "wants one glob at most");
    SelftestOpts opts = { .quick = o->quick,
                          .seed = o->seed,
                          .only = pos->n ? pos->v[0] : NULL,
                          .helper = fs_self(&ctx->arena),
                          .log = &ctx->log,
                          .stop = ctx->stop };
    CLEANUP(selftest_done) SelftestReport report = { 0 };
    Err err = { 0 };
    if (selftest_run(&opts, &report, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return show(ctx, o, &report);
}

const Cmd cmd_selftest = {
    .name = "selftest",
    .args = "[GLOB]",
    .summary = "prove on this machine that latencies, rates and counts are right",
    .about = "Holds what assay reports against what is known exactly: sorted samples, a test server with exact\n"
             "delays, freezes, errors and garbage, a program of known size. A proof is held, broken, unclear\n"
             "(the machine was too noisy to tell, with the evidence) or skipped.\n\n"
             "Examples:\n"
             "  assay selftest --quick\n"
             "  assay selftest 'percentiles/*' -v\n",
    .sets = selftest_sets,
    .run = selftest_cmd_run,
};
