/* assay baseline: names for runs that others are judged against. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/runs.h"
#include "cmd/stores.h"

typedef struct BaselineOpts {
    const char *store, *suite;
    bool json;
} BaselineOpts;

static const Opt baseline_opts[] = {
    { .type = OPT_HEAD, .name = "Baselines" },
    OPT(BaselineOpts, store, STR, .arg = "PATH", .help = "where runs are kept"),
    OPT(BaselineOpts, suite, STR, .arg = "NAME", .help = "set: the latest run of this suite"),
    OPT(BaselineOpts, json, BOOL, .help = "list and show as JSON"),
    { .type = OPT_END },
};

static const OptSet *baseline_sets(Ctx *ctx)
{
    BaselineOpts *o = ARENA_NEW(&ctx->arena, BaselineOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ baseline_opts, o };
    ctx->own = o;
    return sets;
}

static int set_baseline(Ctx *ctx, const BaselineOpts *o, const char *name, const char *ref)
{
    Err err = { 0 };
    CLEANUP(run_freep) Run *r = NULL;
    int code = load_run_ref(ctx, o->store, ref, o->suite, &r);
    if (code != ASSAY_OK)
        return code;
    if (r->validity.grade == GRADE_INVALID) {
        err_set(&err, -1, "run %s is INVALID and can't be a baseline (%s)", r->id,
                r->validity.n ? r->validity.reasons[0].text : "no reason kept");
        return cmd_fail(ctx, ASSAY_INVALID, &err);
    }
    if (r->interrupted) {
        err_set(&err, -1, "run %s was interrupted and can't be a baseline", r->id);
        return cmd_fail(ctx, ASSAY_INVALID, &err);
    }
    CLEANUP(store_closep) Store *store = NULL;
    if (open_place(ctx, store_place(ctx, o->store, "."), STORE_WRITE, &store, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int set = store_baseline_set(store, name, r->id, &err);
    if (set != 0) {
        if (set > 0)
            err_set(&err, -1, "run %s is not in the store", r->id);
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    }
    printf("baseline %s is run %s\n", name, r->id);
    return ASSAY_OK;
}

static json_t *info_json(const BaselineInfo *b)
{
    char iso[CLOCK_ISO_MAX];
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", json_text(b->name), "run",
                     json_text(b->run_id), "suite", json_text(b->suite), "commit",
                     json_text(b->commit), "branch", json_text(b->branch), "testbed",
                     json_text(b->fingerprint), "set_at",
                     json_text(clock_iso(iso, b->set_wall_ns)));
}

static void print_table(const BaselineInfo *v, ptrdiff_t n)
{
    if (n == 0)
        puts("no baselines; `assay baseline set NAME` names the latest run");
    for (ptrdiff_t i = 0; i < n; i++) {
        char iso[CLOCK_ISO_MAX];
        printf("%-16s run %s  suite %s  commit %.12s  set %s\n", v[i].name, v[i].run_id, v[i].suite,
               v[i].commit ? v[i].commit : "-", clock_iso(iso, v[i].set_wall_ns));
    }
}

static int print_list(Ctx *ctx, const BaselineOpts *o, const BaselineInfo *v, ptrdiff_t n)
{
    if (!o->json) {
        print_table(v, n);
        return ASSAY_OK;
    }
    Err err = { 0 };
    CLEANUP(json_free) json_t *list = json_array();
    for (ptrdiff_t i = 0; i < n; i++)
        json_array_append_new(list, info_json(&v[i]));
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    if (json_print(list, &out, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    fputs(strbuf_z(&out), stdout);
    return ASSAY_OK;
}

static int list_baselines(Ctx *ctx, const BaselineOpts *o, const char *only)
{
    Err err = { 0 };
    CLEANUP(store_closep) Store *store = NULL;
    BaselineInfo *all;
    ptrdiff_t n;
    if (open_place(ctx, store_place(ctx, o->store, "."), STORE_READ, &store, &err) < 0 ||
        store_baseline_list(store, &ctx->arena, &all, &n, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (!only)
        return print_list(ctx, o, all, n);
    for (ptrdiff_t i = 0; i < n; i++)
        if (strcmp(all[i].name, only) == 0)
            return print_list(ctx, o, &all[i], 1);
    err_set(&err, -1, "no baseline '%s' (assay baseline list)", only);
    return cmd_fail(ctx, ASSAY_FAILED, &err);
}

static int remove_baseline(Ctx *ctx, const BaselineOpts *o, const char *name)
{
    Err err = { 0 };
    CLEANUP(store_closep) Store *store = NULL;
    if (open_place(ctx, store_place(ctx, o->store, "."), STORE_WRITE, &store, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int r = store_baseline_remove(store, name, &err);
    if (r > 0)
        err_set(&err, -1, "no baseline '%s' (assay baseline list)", name);
    return r == 0 ? ASSAY_OK : cmd_fail(ctx, ASSAY_FAILED, &err);
}

static int baseline_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const BaselineOpts *o = ctx->own;
    if (pos->n > 1 && pos->v[1][0] == '\0')
        return cmd_usage(ctx, &cmd_baseline, "a baseline needs a name that is not empty");
    const char *verb = pos->n ? pos->v[0] : "list", *name = pos->n > 1 ? pos->v[1] : NULL;
    if (strcmp(verb, "list") == 0 && !name)
        return list_baselines(ctx, o, NULL);
    if (!name)
        return cmd_usage(ctx, &cmd_baseline, "set NAME [RUN], list, show NAME or rm NAME");
    if (strcmp(verb, "set") == 0 && pos->n <= 3)
        return set_baseline(ctx, o, name, pos->n > 2 ? pos->v[2] : "latest");
    if (strcmp(verb, "show") == 0 && pos->n == 2)
        return list_baselines(ctx, o, name);
    if (strcmp(verb, "rm") == 0 && pos->n == 2)
        return remove_baseline(ctx, o, name);
    return cmd_usage(ctx, &cmd_baseline, "set NAME [RUN], list, show NAME or rm NAME");
}

const Cmd cmd_baseline = {
    .name = "baseline",
    .args = "set NAME [RUN] | list | show NAME | rm NAME",
    .summary = "named runs that others are judged against",
    .about = "`set` points NAME at the latest run (or RUN: an id, or its beginning). An INVALID "
             "run is refused.\n\n"
             "Examples:\n"
             "  assay baseline set main\n"
             "  assay run --baseline main\n",
    .sets = baseline_sets,
    .run = baseline_run,
};
