#include "cmd/gate.h"

#include <errno.h>

#include "cmd/runs.h"
#include "cmd/stores.h"
#include "launch/git.h"

int gate_baseline(Ctx *ctx, const char *store_option, const char *name, Run **ret)
{
    Err err = { 0 };
    CLEANUP(run_freep) Run *r = NULL;
    int code = load_run_ref(ctx, store_option, arena_printf(&ctx->arena, "@%s", name), NULL, &r);
    if (code != ASSAY_OK)
        return code;
    const char *aside = triage_marked(&r->validity);
    if (aside) {
        err_set(&err, -1,
                "baseline %s is run %s, which was %s; set another (assay baseline set %s RUN)",
                name, r->id, aside, name);
        return cmd_fail(ctx, ASSAY_INVALID, &err);
    }
    *ret = TAKE(r);
    return ASSAY_OK;
}

void gate_triage(Ctx *ctx, const char *store_option, const char *dir, TriageList *ret)
{
    CLEANUP(store_closep) Store *s = NULL;
    Err err = { 0 };
    int r = open_place(ctx, store_place(ctx, store_option, dir), STORE_READ, &s, &err);
    if (r == 0)
        r = store_triage_list(s, &ctx->arena, ret, &err);
    if (r < 0 && r != -ENOENT)
        log_warn(&ctx->log, "judged without what was said of regressions: %s", err.msg);
}

void gate_triage_of_pairs(Ctx *ctx, const char *dir, const char *base_commit, TriageList *l)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < l->n; i++) {
        const Triage *t = &l->v[i];
        bool before =
            t->commit && base_commit && git_is_ancestor(&ctx->arena, dir, t->commit, base_commit);
        bool unknown = t->kind == TRIAGE_EXPECT && !t->commit;
        if (!before && !unknown)
            l->v[n++] = *t;
    }
    l->n = n;
}
