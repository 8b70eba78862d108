/* assay baseline: names for runs that others are judged against. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/runs.h"
#include "cmd/stores.h"
#include "judge/baseline.h"

typedef struct BaselineOpts {
    const char *store, *suite, *branch;
    uint32_t window;
    bool json, promote;
} BaselineOpts;

static const Opt baseline_opts[] = {
    { .type = OPT_HEAD, .name = "Baselines" },
    OPT(BaselineOpts, store, STR, .arg = "PATH", .help = "where runs are kept"),
    OPT(BaselineOpts, suite, STR, .arg = "NAME", .help = "set: the latest run of this suite"),
    OPT(BaselineOpts, branch, STR, .arg = "NAME",
        .help = "set: the latest run on this branch, whose green runs move it"),
    OPT(BaselineOpts, window, U32, .arg = "N", .dflt = "0", .max = 100,
        .help = "set: judge against the last N green runs together, by their medians"),
    OPT(BaselineOpts, promote, BOOL, .help = "set: green runs on its branch move it by themselves"),
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

static int open_for(Ctx *ctx, const BaselineOpts *o, StoreMode mode, Store **ret, Err *err)
{
    return open_place(ctx, store_place(ctx, o->store, "."), mode, ret, err);
}

/* The baseline of that name; an error when there is none. */
static int find_named(Ctx *ctx, Store *store, const char *name, BaselineInfo *ret, Err *err)
{
    BaselineInfo *all;
    ptrdiff_t n;
    TRY(store_baseline_list(store, &ctx->arena, &all, &n, err));
    for (ptrdiff_t i = 0; i < n; i++)
        if (strcmp(all[i].name, name) == 0) {
            *ret = all[i];
            return 0;
        }
    return err_set(err, -ENOENT, "no baseline '%s' (assay baseline list)", name);
}

/* Newest run that ended, is not INVALID and may be used, by what `ask` wants. */
static int newest_run(Ctx *ctx, Store *store, BaselineAsk *ask, const char **ret, Err *err)
{
    RunInfo *runs;
    TriageList said = { 0 };
    ptrdiff_t n, at;
    TRY(store_run_list(store, &ctx->arena, PTRDIFF_MAX, &runs, &n, err));
    TRY(store_triage_list(store, &ctx->arena, &said, err));
    ask->triage = &said;
    if (baseline_pick(runs, n, ask, 1, &at) == 0)
        return err_set(err, -ENOENT, "no %srun%s%s is stored that can be a baseline",
                       ask->green ? "green " : "", ask->branch ? " on branch " : "",
                       ask->branch ? ask->branch : "");
    *ret = runs[at].id;
    return 0;
}

static int refuse_run(const Run *r, Err *err)
{
    if (r->validity.grade == GRADE_INVALID)
        return err_set(err, -EINVAL, "run %s is INVALID and can't be a baseline (%s)", r->id,
                       r->validity.n ? r->validity.reasons[0].text : "no reason kept");
    if (r->interrupted)
        return err_set(err, -EINVAL, "run %s was interrupted and can't be a baseline", r->id);
    return 0;
}

/* What is not said now stays as it was kept before. */
static int keep_set(Ctx *ctx, const BaselineOpts *o, Store *store, const char *name,
                    const char *run_id, Err *err)
{
    BaselineInfo b = { 0 };
    Err none = { 0 };
    int there = find_named(ctx, store, name, &b, &none);
    b.name = name;
    b.run_id = run_id;
    b.pooled = o->window ? o->window : there == 0 ? b.pooled : 1;
    b.follows = o->branch ? o->branch : b.follows;
    b.promote |= o->promote;
    int set = store_baseline_keep(store, &b, err);
    return set > 0 ? err_set(err, -ENOENT, "run %s is not in the store", run_id) : set;
}

static const char *set_ref(Ctx *ctx, const BaselineOpts *o, const char *ref, Err *err)
{
    CLEANUP(store_closep) Store *store = NULL;
    BaselineAsk ask = { .suite = o->suite, .branch = o->branch };
    if (ref || !o->branch)
        return ref ? ref : "latest";
    if (open_for(ctx, o, STORE_READ, &store, err) < 0 ||
        newest_run(ctx, store, &ask, &ref, err) < 0)
        return NULL;
    return ref;
}

static int set_baseline(Ctx *ctx, const BaselineOpts *o, const char *name, const char *given)
{
    Err err = { 0 };
    CLEANUP(run_freep) Run *r = NULL;
    const char *ref = set_ref(ctx, o, given, &err);
    if (!ref)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int code = load_run_ref(ctx, o->store, ref, o->suite, &r);
    if (code != ASSAY_OK)
        return code;
    if (refuse_run(r, &err) < 0)
        return cmd_fail(ctx, ASSAY_INVALID, &err);
    CLEANUP(store_closep) Store *store = NULL;
    if (open_for(ctx, o, STORE_WRITE, &store, &err) < 0 ||
        keep_set(ctx, o, store, name, r->id, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    printf("baseline %s is run %s\n", name, r->id);
    return ASSAY_OK;
}

/* Change a baseline that is there, and say what it is now. */
static int change_baseline(Ctx *ctx, const BaselineOpts *o, const char *name,
                           int (*change)(Ctx *ctx, Store *s, BaselineInfo *b, const char *word,
                                         Err *err),
                           const char *word)
{
    Err err = { 0 };
    CLEANUP(store_closep) Store *store = NULL;
    BaselineInfo b;
    if (open_for(ctx, o, STORE_WRITE, &store, &err) < 0 ||
        find_named(ctx, store, name, &b, &err) < 0 || change(ctx, store, &b, word, &err) < 0 ||
        store_baseline_keep(store, &b, &err) != 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    printf("baseline %s is run %s%s\n", b.name, b.run_id, b.frozen_wall_ns ? ", frozen" : "");
    return ASSAY_OK;
}

static int do_clone(Ctx *ctx, Store *s, BaselineInfo *b, const char *word, Err *err)
{
    BaselineInfo other;
    if (find_named(ctx, s, word, &other, NULL) == 0)
        return err_set(err, -EEXIST, "there is a baseline '%s' already (assay baseline rm %s)",
                       word, word);
    b->name = word;
    b->frozen_wall_ns = 0;
    return 0;
}

static int do_freeze(Ctx *ctx, Store *s, BaselineInfo *b, const char *word, Err *err)
{
    (void)ctx;
    (void)s;
    (void)err;
    b->frozen_wall_ns = strcmp(word, "freeze") == 0 ? clock_wall_ns() : 0;
    return 0;
}

/* To the newest green run like the one it has. */
static int do_reset(Ctx *ctx, Store *s, BaselineInfo *b, const char *word, Err *err)
{
    BaselineAsk ask = { .suite = b->suite,
                        .branch = b->follows ? b->follows : b->branch,
                        .fingerprint = b->fingerprint,
                        .green = true };
    (void)word;
    if (b->frozen_wall_ns)
        return err_set(err, -EPERM, "baseline %s is frozen (assay baseline unfreeze %s)", b->name,
                       b->name);
    return newest_run(ctx, s, &ask, &b->run_id, err);
}

static json_t *info_json(const BaselineInfo *b)
{
    char iso[CLOCK_ISO_MAX];
    char frozen[CLOCK_ISO_MAX];
    const char *follows = b->follows ? b->follows : b->branch;
    const char *since = b->frozen_wall_ns ? clock_iso(frozen, b->frozen_wall_ns) : NULL;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:b}", "name",
                     json_text(b->name), "run", json_text(b->run_id), "suite", json_text(b->suite),
                     "commit", json_text(b->commit), "branch", json_text(b->branch), "testbed",
                     json_text(b->fingerprint), "set_at", json_text(clock_iso(iso, b->set_wall_ns)),
                     "follows", json_text(follows), "window", (json_int_t)b->pooled, "frozen_at",
                     json_text(since), "promote", b->promote);
}

static void print_table(const BaselineInfo *v, ptrdiff_t n)
{
    if (n == 0)
        puts("no baselines; `assay baseline set NAME` names the latest run");
    for (ptrdiff_t i = 0; i < n; i++) {
        char iso[CLOCK_ISO_MAX];
        printf("%-16s run %s  suite %s  commit %.12s  set %s", v[i].name, v[i].run_id, v[i].suite,
               v[i].commit ? v[i].commit : "-", clock_iso(iso, v[i].set_wall_ns));
        if (v[i].pooled > 1)
            printf("  window %u", v[i].pooled);
        printf("%s%s\n", v[i].promote ? "  promoted" : "", v[i].frozen_wall_ns ? "  frozen" : "");
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
    BaselineInfo *all, one;
    ptrdiff_t n = 1;
    if (open_for(ctx, o, STORE_READ, &store, &err) < 0 ||
        (only ? find_named(ctx, store, only, &one, &err)
              : store_baseline_list(store, &ctx->arena, &all, &n, &err)) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return print_list(ctx, o, only ? &one : all, n);
}

static int remove_baseline(Ctx *ctx, const BaselineOpts *o, const char *name)
{
    Err err = { 0 };
    CLEANUP(store_closep) Store *store = NULL;
    if (open_for(ctx, o, STORE_WRITE, &store, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int r = store_baseline_remove(store, name, &err);
    if (r > 0)
        err_set(&err, -1, "no baseline '%s' (assay baseline list)", name);
    return r == 0 ? ASSAY_OK : cmd_fail(ctx, ASSAY_FAILED, &err);
}

static const char USAGE[] = "set NAME [RUN], list, show NAME, rm NAME, clone NAME NEW, reset NAME, "
                            "freeze NAME or unfreeze NAME";

static int do_verb(Ctx *ctx, const BaselineOpts *o, const StrList *pos)
{
    const char *verb = pos->v[0], *name = pos->v[1], *more = pos->n > 2 ? pos->v[2] : NULL;
    if (strcmp(verb, "set") == 0)
        return set_baseline(ctx, o, name, more);
    if (strcmp(verb, "clone") == 0 && more && *more)
        return change_baseline(ctx, o, name, do_clone, more);
    if (more)
        return cmd_usage(ctx, &cmd_baseline, "%s", USAGE);
    if (strcmp(verb, "show") == 0)
        return list_baselines(ctx, o, name);
    if (strcmp(verb, "rm") == 0)
        return remove_baseline(ctx, o, name);
    if (strcmp(verb, "reset") == 0)
        return change_baseline(ctx, o, name, do_reset, NULL);
    if (strcmp(verb, "freeze") == 0 || strcmp(verb, "unfreeze") == 0)
        return change_baseline(ctx, o, name, do_freeze, verb);
    return cmd_usage(ctx, &cmd_baseline, "%s", USAGE);
}

static int baseline_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const BaselineOpts *o = ctx->own;
    if (pos->n > 1 && pos->v[1][0] == '\0')
        return cmd_usage(ctx, &cmd_baseline, "a baseline needs a name that is not empty");
    if (pos->n == 0 || (pos->n == 1 && strcmp(pos->v[0], "list") == 0))
        return list_baselines(ctx, o, NULL);
    if (pos->n < 2 || pos->n > 3)
        return cmd_usage(ctx, &cmd_baseline, "%s", USAGE);
    return do_verb(ctx, o, pos);
}

const Cmd cmd_baseline = {
    .name = "baseline",
    .args = "set|clone|reset|freeze|unfreeze|show|rm NAME [RUN|NEW], or list",
    .summary = "named runs that others are judged against",
    .about = "`set` points NAME at the latest run (or RUN: an id, or its beginning). An INVALID "
             "run is refused.\n"
             "A baseline follows a branch: green runs there move it with `assay run --promote "
             "NAME`, or by\n"
             "themselves when it was set with --promote, and `reset` moves it to the newest green "
             "run of its\n"
             "suite, branch and testbed; none of them a frozen one.\n\n"
             "Examples:\n"
             "  assay baseline set main\n"
             "  assay baseline set main --branch main --window 5 --promote\n"
             "  assay baseline freeze main\n"
             "  assay run --baseline main\n",
    .sets = baseline_sets,
    .run = baseline_run,
};
