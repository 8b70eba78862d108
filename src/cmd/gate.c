#include "cmd/gate.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/runs.h"
#include "cmd/stores.h"
#include "judge/baseline.h"
#include "launch/git.h"

enum { ANCESTORS = 1000, RUNS = 10000, POOL_MAX = 100 };

const Opt baseline_limit_opts[] = {
    OPT(BaselineLimits, stale, NS, .dflt = "30d",
        .help = "warn when the baseline is older than this; 0: never"),
    OPT(BaselineLimits, stale_commits, U32, .arg = "N", .dflt = "100",
        .help = "warn when it is more commits old than this; 0: never"),
    { .type = OPT_END },
};

/* What looking for a baseline goes by. */
typedef struct Look {
    Ctx *ctx;
    const GateAsk *ask;
    Store *store;
    RunInfo *runs; /* [n], newest first */
    ptrdiff_t n;
    TriageList said;
    const char *about;
} Look;

static int open_look(Look *x, Err *err)
{
    Arena *a = &x->ctx->arena;
    TRY(open_place(x->ctx, x->ask->store, STORE_READ, &x->store, err));
    TRY(store_run_list(x->store, a, RUNS, &x->runs, &x->n, err));
    return store_triage_list(x->store, a, &x->said, err);
}

static int load(Look *x, const char *id, Run **ret, Err *err)
{
    int r = store_run_load(x->store, id, NULL, ret, err);
    return r > 0 ? -ENOENT : r;
}

static int find_baseline(Look *x, const char *name, BaselineInfo *ret, bool *ret_found, Err *err)
{
    BaselineInfo *all;
    ptrdiff_t n;
    TRY(store_baseline_list(x->store, &x->ctx->arena, &all, &n, err));
    *ret_found = false;
    for (ptrdiff_t i = 0; i < n; i++)
        if (strcmp(all[i].name, name) == 0) {
            *ret = all[i];
            *ret_found = true;
        }
    return 0;
}

/* The window behind a baseline's run: green runs like it, it and before. */
static int load_window(Look *x, const BaselineInfo *b, Run **ret, Err *err)
{
    BaselineAsk ask = { .suite = b->suite,
                        .branch = b->follows ? b->follows : b->branch,
                        .fingerprint = b->fingerprint,
                        .until_wall_ns = b->started_wall_ns,
                        .not_run = x->ask->not_run,
                        .green = true,
                        .triage = &x->said };
    ptrdiff_t at[POOL_MAX], n = 0;
    Run *runs[POOL_MAX];
    ptrdiff_t found = baseline_pick(x->runs, x->n, &ask, MIN(b->pooled, (uint32_t)POOL_MAX), at);
    int r = found ? 0
                  : err_set(err, -ENOENT,
                            "baseline %s: none of its window's runs is green and may "
                            "be used",
                            b->name);
    while (r == 0 && n < found && (r = load(x, x->runs[at[n]].id, &runs[n], err)) == 0)
        n++;
    if (r == 0)
        r = baseline_pool(runs, n, ret, err);
    for (ptrdiff_t i = 0; i < n; i++)
        run_free(runs[i]);
    x->about = arena_printf(&x->ctx->arena, "baseline %s: the medians of %td runs", b->name, n);
    return r;
}

static int load_named(Look *x, const BaselineInfo *b, Run **ret, Err *err)
{
    if (b->pooled > 1)
        return load_window(x, b, ret, err);
    return load(x, b->run_id, ret, err);
}

/* "origin/main", "main" or "master": the branch that features come from. */
static const char *main_branch(Look *x)
{
    static const char *const known[] = { "origin/HEAD", "main", "master" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(known); i++)
        if (git_commit_of(&x->ctx->arena, x->ask->dir, known[i]))
            return known[i];
    return "main";
}

static const char *commit_words(Look *x, const char *commit, ptrdiff_t before, const char *branch)
{
    Arena *a = &x->ctx->arena;
    const char *where = before == 0   ? "at"
                        : before == 1 ? "1 commit before"
                                      : arena_printf(a, "%td commits before", before);
    return arena_printf(a, "the newest run of %.10s, %s the last that it shares with %s", commit,
                        where, branch);
}

static int load_of_commits(Look *x, const char *branch, const char *const *commits, ptrdiff_t n,
                           Run **ret, Err *err)
{
    BaselineAsk ask = { .suite = x->ask->suite,
                        .fingerprint = x->ask->fingerprint,
                        .not_run = x->ask->not_run,
                        .triage = &x->said };
    ptrdiff_t at;
    for (ptrdiff_t i = 0; i < n; i++) {
        ask.commit = commits[i];
        if (baseline_pick(x->runs, x->n, &ask, 1, &at) == 0)
            continue;
        x->about = commit_words(x, commits[i], i, branch);
        return load(x, x->runs[at].id, ret, err);
    }
    return err_set(err, -ENOENT,
                   "none of the %td commits up to where this left %s has a run of suite %s on this "
                   "testbed: measure one of them (assay run)",
                   n, branch, x->ask->suite);
}

/* On the branch itself they begin with the commit before: a run is not judged against its own. */
static int load_merge_base(Look *x, const char *branch, Run **ret, Err *err)
{
    Arena *a = &x->ctx->arena;
    const char *dir = x->ask->dir, *base = git_merge_base(a, dir, branch), **commits;
    const char *head = git_commit_of(a, dir, "HEAD");
    ptrdiff_t n;
    if (!base)
        return err_set(err, -ENOENT, "git knows no commit that HEAD and '%s' have in common",
                       branch);
    git_ancestors(a, dir, base, ANCESTORS, &commits, &n);
    bool own = head && strcmp(head, base) == 0 && n > 0;
    return load_of_commits(x, branch, commits + own, n - own, ret, err);
}

static int find(Look *x, Run **ret, Err *err)
{
    static const char WORD[] = "@merge-base";
    const char *name = x->ask->name;
    BaselineInfo b;
    bool found;
    TRY(open_look(x, err));
    if (str_starts(str(name), str(WORD))) {
        const char *ref = name + sizeof WORD - 1;
        return load_merge_base(x, *ref == ':' && ref[1] ? ref + 1 : main_branch(x), ret, err);
    }
    TRY(find_baseline(x, name, &b, &found, err));
    if (found)
        return load_named(x, &b, ret, err);
    if (git_commit_of(&x->ctx->arena, x->ask->dir, name))
        return load_merge_base(x, name, ret, err);
    return load(x, arena_printf(&x->ctx->arena, "@%s", name), ret, err);
}

static void warn_stale(Look *x, const Run *base)
{
    const BaselineLimits *limits = x->ask->limits;
    Arena *a = &x->ctx->arena;
    uint64_t now = clock_wall_ns(), day = UINT64_C(86400) * NS_PER_S;
    uint64_t age = now > base->started_wall_ns ? now - base->started_wall_ns : 0;
    ptrdiff_t commits = base->commit ? git_distance(a, x->ask->dir, base->commit, "HEAD") : -1;
    bool old = limits->stale && age > limits->stale;
    bool far = limits->stale_commits && commits > (ptrdiff_t)limits->stale_commits;
    if (!old && !far)
        return;
    const char *says =
        arena_printf(a, "the baseline is %llu days", (unsigned long long)(age / day));
    if (commits >= 0)
        says = arena_printf(a, "%s and %td commits", says, commits);
    says = arena_printf(a, "%s old", says);
    log_warn(&x->ctx->log, "%s (run %s); a newer one says more (assay baseline reset)", says,
             base->id);
    x->about = x->about ? arena_printf(a, "%s; %s", x->about, says) : says;
}

int gate_baseline(Ctx *ctx, const GateAsk *ask, Run **ret, const char **ret_about)
{
    Err err = { 0 };
    CLEANUP(run_freep) Run *r = NULL;
    Look x = { .ctx = ctx, .ask = ask };
    int found = find(&x, &r, &err);
    x.store = store_close(x.store);
    if (found < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    assert(r);
    const char *aside = triage_marked(&r->validity);
    if (aside) {
        err_set(&err, -1,
                "baseline %s is run %s, which was %s; set another (assay baseline set %s RUN)",
                ask->name, r->id, aside, ask->name);
        return cmd_fail(ctx, ASSAY_INVALID, &err);
    }
    if (x.about)
        log_note(&ctx->log, "judged against %s", x.about);
    warn_stale(&x, r);
    *ret = TAKE(r);
    *ret_about = x.about;
    return ASSAY_OK;
}

void gate_warn_missing(Ctx *ctx, const Comparison *c)
{
    for (ptrdiff_t i = 0; i < c->n; i++)
        if (!*c->rows[i].metric)
            log_warn(&ctx->log, "%s: %s", c->rows[i].case_name, c->rows[i].note);
}

static int promote(Ctx *ctx, Store *s, const BaselineInfo *b, const Run *r, bool named, Err *err)
{
    const char *why = baseline_refuses(b, r, &ctx->arena);
    if (why && named)
        log_note(&ctx->log, "baseline %s stays run %s: %s", b->name, b->run_id, why);
    if (why)
        return 0;
    BaselineInfo moved = *b;
    moved.run_id = r->id;
    TRY(store_baseline_keep(s, &moved, err));
    log_note(&ctx->log, "baseline %s is run %s now", b->name, r->id);
    return 0;
}

/* The first green run makes the baseline that was named. */
static int make_baseline(Ctx *ctx, Store *s, const char *name, const Run *r, Err *err)
{
    BaselineInfo b = { .name = name,
                       .run_id = "none",
                       .suite = r->suite,
                       .follows = r->branch,
                       .fingerprint = r->testbed.fingerprint,
                       .pooled = 1 };
    return promote(ctx, s, &b, r, true, err);
}

static int promote_all(Ctx *ctx, Store *s, const char *name, const Run *r, Err *err)
{
    BaselineInfo *all;
    ptrdiff_t n;
    bool found = false;
    TRY(store_baseline_list(s, &ctx->arena, &all, &n, err));
    for (ptrdiff_t i = 0; i < n; i++) {
        bool named = name && strcmp(all[i].name, name) == 0;
        found |= named;
        if (named || all[i].promote)
            TRY(promote(ctx, s, &all[i], r, named, err));
    }
    return found || !name ? 0 : make_baseline(ctx, s, name, r, err);
}

int gate_promote(Ctx *ctx, const char *place, const char *name, const Run *r)
{
    CLEANUP(store_closep) Store *s = NULL;
    Err err = { 0 };
    if (!name && r->exit_code)
        return ASSAY_OK;
    int res = open_place(ctx, place, STORE_WRITE, &s, &err);
    if (res == 0)
        res = promote_all(ctx, s, name, r, &err);
    if (res == 0)
        return ASSAY_OK;
    if (name)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    log_info(&ctx->log, "no baseline was moved: %s", err.msg);
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
