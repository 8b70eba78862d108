/* assay selftest: what assay promises, held against known truths on the user's own machine. */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "selftest/selftest.h"
#include "selftest/touch.h"

typedef struct SelftestCmdOpts {
    bool quick, list, strict;
    uint64_t seed, touch;
    const char *only, *json;
} SelftestCmdOpts;

static const Opt selftest_cmd_opts[] = {
    { .type = OPT_HEAD, .name = "Selftest" },
    OPT(SelftestCmdOpts, quick, BOOL, .help = "shorter, coarser looks: 20 s instead of 90 s"),
    OPT(SelftestCmdOpts, only, STR, .arg = "GLOB", .help = "only proofs with such names"),
    OPT(SelftestCmdOpts, list, BOOL, .help = "name the proofs and what each promises"),
    OPT(SelftestCmdOpts, seed, U64, .arg = "N", .dflt = "0", .help = "seed; 0 draws one"),
    OPT(SelftestCmdOpts, strict, BOOL, .help = "exit with 6 when the machine is too noisy to tell"),
    OPT(SelftestCmdOpts, json, STR, .arg = "FILE",
        .help = "write the report as JSON (assay.selftest/1); - is stdout"),
    OPT(SelftestCmdOpts, touch, BYTES, .dflt = "0", .hidden = true,
        .help = "be the program of known size that the memory proof runs"),
    { .type = OPT_END },
};

static const OptSet *selftest_sets(Ctx *ctx)
{
    SelftestCmdOpts *o = ARENA_NEW(&ctx->arena, SelftestCmdOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ selftest_cmd_opts, o };
    ctx->own = o;
    return sets;
}

static int write_json(const SelftestReport *r, const char *path, Err *err)
{
    CLEANUP(json_free) json_t *j = selftest_json(r);
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    TRY(json_print(j, &text, err));
    return fs_write(path, strbuf_str(&text), err);
}

static int code_of(const SelftestReport *r, bool strict)
{
    if (r->interrupted)
        return 128 + stop_signal();
    if (r->counts[PROOF_BROKEN])
        return ASSAY_FAILED;
    return strict && r->counts[PROOF_UNCLEAR] ? ASSAY_INCONCLUSIVE : ASSAY_OK;
}

static int tell(Ctx *ctx, const SelftestCmdOpts *o, const SelftestReport *r)
{
    Err err = { 0 };
    if (!o->json || !str_eqz(str(o->json), "-")) {
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        selftest_text(r, ctx->common.verbose, &text);
        fputs(strbuf_z(&text), stdout);
    }
    if (o->json && write_json(r, o->json, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return code_of(r, o->strict);
}

static int list_proofs(void)
{
    CLEANUP(strbuf_done) StrBuf list = { 0 };
    selftest_list(&list);
    fputs(strbuf_z(&list), stdout);
    return ASSAY_OK;
}

/* Touch memory, state what is resident, and end before anything else grows. The first round loads
 * whatever code that needs; the second line counts. Both leave through the same few instructions.
 */
static int touch(Ctx *ctx, uint64_t bytes)
{
    Err err = { 0 };
    char text[32];
    for (int round = 0; round < 2; round++) {
        uint64_t resident;
        if (touch_memory(round == 0 ? bytes : 0, &resident, &err) < 0)
            return cmd_fail(ctx, ASSAY_FAILED, &err);
        int n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)resident);
        if (syscall(SYS_write, STDOUT_FILENO, text, (size_t)n) != n)
            return ASSAY_FAILED;
    }
    syscall(SYS_exit_group, ASSAY_OK);
    return ASSAY_OK;
}

static int selftest_cmd_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const SelftestCmdOpts *o = ctx->own;
    Err err = { 0 };
    if (pos->n)
        return cmd_usage(ctx, &cmd_selftest, "wants no '%s'; --only chooses proofs", pos->v[0]);
    if (o->list)
        return list_proofs();
    if (o->touch)
        return touch(ctx, o->touch);
    SelftestOpts opts = { .quick = o->quick,
                          .seed = o->seed,
                          .only = o->only,
                          .helper = fs_self(&ctx->arena),
                          .log = &ctx->log,
                          .stop = ctx->stop };
    CLEANUP(selftest_done) SelftestReport r = { 0 };
    int e = selftest_run(&opts, &r, &err);
    if (e < 0)
        return cmd_fail(ctx, e == -ENOENT ? ASSAY_USAGE : ASSAY_FAILED, &err);
    return tell(ctx, o, &r);
}

const Cmd cmd_selftest = {
    .name = "selftest",
    .args = "",
    .summary = "prove on this machine that times, rates and counts are reported right",
    .about = "Holds what assay reports against what is known exactly: a server in a process of its "
             "own with known\n"
             "delays, faults and freezes, sorted samples, programs of known size. A proof is held, "
             "broken, or unclear:\n"
             "the machine was too noisy to tell, with the evidence. Exit code 1 when one is "
             "broken.\n\n"
             "Examples:\n"
             "  assay selftest\n"
             "  assay selftest --quick --only 'percentiles/*' -v\n",
    .sets = selftest_sets,
    .run = selftest_cmd_run,
};
