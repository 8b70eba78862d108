/* assay db: what the store holds, whether it is intact, copies of it, and what may go with age. */
#include "store/upkeep.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/db.h"
#include "cmd/stores.h"

static const Opt db_opts[] = {
    { .type = OPT_HEAD, .name = "Store" },
    OPT(DbOpts, store, STR, .arg = "PATH", .help = "where runs are kept, a path or a URL"),
    OPT(DbOpts, json, BOOL, .help = "info, verify and prune as JSON"),
    OPT(DbOpts, dry_run, BOOL, .letter = 'n', .help = "prune, migrate: say what would be done"),
    OPT(DbOpts, force, BOOL, .letter = 'f', .help = "backup: replace FILE"),
    { .type = OPT_HEAD, .name = "How long prune keeps what (a duration such as 7d, or forever)" },
    OPT(DbOpts, raw, STR, .arg = "DUR", .dflt = "7d",
        .help = "distributions and series of each trial"),
    OPT(DbOpts, hourly, STR, .arg = "DUR", .dflt = "30d",
        .help = "distributions merged by the hour"),
    OPT(DbOpts, daily, STR, .arg = "DUR", .dflt = "365d",
        .help = "distributions merged by the day"),
    OPT(DbOpts, points, STR, .arg = "DUR", .dflt = "forever",
        .help = "runs with their figures, statistics and verdicts"),
    OPT(DbOpts, regressions, STR, .arg = "DUR", .dflt = "forever",
        .help = "whole: runs with the verdict regressed"),
    OPT(DbOpts, changes, STR, .arg = "DUR", .dflt = "forever",
        .help = "whole: runs on both sides of a change point"),
    OPT(DbOpts, named, STR, .arg = "DUR", .dflt = "forever",
        .help = "whole: runs tagged keep=TEXT or name=TEXT; baselines always stay"),
    { .type = OPT_END },
};

static const OptSet *db_sets(Ctx *ctx)
{
    DbOpts *o = ARENA_NEW(&ctx->arena, DbOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ db_opts, o };
    ctx->own = o;
    return sets;
}

int db_print(Ctx *ctx, const json_t *j)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    Err err = { 0 };
    if (json_print(j, &out, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    fputs(strbuf_z(&out), stdout);
    return ASSAY_OK;
}

int db_open(Ctx *ctx, const DbOpts *o, StoreMode mode, Store **ret)
{
    Err err = { 0 };
    if (open_place(ctx, store_place(ctx, o->store, "."), mode, ret, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return ASSAY_OK;
}

static int verify(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    CLEANUP(store_closep) Store *s = NULL;
    StoreFaults f = { 0 };
    Err err = { 0 };
    (void)pos;
    int code = db_open(ctx, o, STORE_LOOK, &s);
    if (code != ASSAY_OK)
        return code;
    if (store_verify(s, &ctx->arena, &f, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->json) {
        CLEANUP(json_free) json_t *list = json_array();
        for (ptrdiff_t i = 0; i < f.n; i++)
            json_array_append_new(list, json_text(f.v[i]));
        CLEANUP(json_free)
        json_t *j = json_pack("{s:s, s:b, s:I, s:O}", "schema", "assay.db.verify/1", "intact",
                              f.n == 0, "checked", (json_int_t)f.checked, "faults", list);
        code = db_print(ctx, j);
    } else if (f.n == 0) {
        printf("intact: %llu rows and blobs checked\n", (unsigned long long)f.checked);
    }
    for (ptrdiff_t i = 0; !o->json && i < f.n; i++)
        printf("broken: %s\n", f.v[i]);
    return f.n ? ASSAY_FAILED : code;
}

static int backup(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    CLEANUP(store_closep) Store *s = NULL;
    Err err = { 0 };
    int code = db_open(ctx, o, STORE_LOOK, &s);
    if (code != ASSAY_OK)
        return code;
    if (store_backup(s, pos->v[1], o->force, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    printf("backed up to %s, and verified\n", pos->v[1]);
    return ASSAY_OK;
}

/* The source as it is when its schema is this build's; an older one is left alone, and a copy of it
 * brought up to date. *ret_copy is that copy's path, or NULL. */
static int open_source(Ctx *ctx, const char *from, const char *to, Store **ret,
                       const char **ret_copy, Err *err)
{
    CLEANUP(store_closep) Store *s = NULL;
    Migration m = { 0 };
    TRY(open_place(ctx, from, STORE_LOOK, &s, err));
    TRY(store_migration(s, &ctx->arena, &m, err));
    if (m.n == 0) {
        *ret = TAKE(s);
        return 0;
    }
    if (store_is_remote(from) || store_is_remote(to))
        return err_set(err, -EPROTO, "'%s' has schema %d: 'assay db migrate' brings it up to date",
                       store_shown(&ctx->arena, from), m.schema);
    *ret_copy = arena_printf(&ctx->arena, "%s.from", to);
    TRY(store_backup(s, *ret_copy, true, err));
    return store_open(ret, *ret_copy, STORE_WRITE, err);
}

static void say_copied(const CopyResult *r, const char *to)
{
    printf("%td runs copied to %s", r->runs, to);
    if (r->runs_there)
        printf(", %td were there", r->runs_there);
    if (r->runs_going)
        printf(", %td still go on and were left for the next copy", r->runs_going);
    printf("\n%td baselines copied", r->baselines);
    if (r->baselines_there)
        printf(", %td names were taken", r->baselines_there);
    if (r->triage)
        printf("\n%td entries of triage copied", r->triage);
    if (r->rollups || r->rollups_there)
        printf("\n%td roll-ups copied, %td left where something was in their span", r->rollups,
               r->rollups_there);
    putchar('\n');
}

static void remove_copy(Ctx *ctx, const char *path)
{
    static const char *const endings[] = { "", "-wal", "-shm" };
    for (ptrdiff_t i = 0; path && i < ARRAY_LEN(endings); i++)
        unlink(arena_printf(&ctx->arena, "%s%s", path, endings[i]));
}

static int copy(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    CLEANUP(store_closep) Store *from = NULL, *to = NULL;
    const char *temporary = NULL;
    CopyResult done = { 0 };
    Err err = { 0 };
    (void)o;
    int r = open_place(ctx, pos->v[2], STORE_WRITE, &to, &err);
    if (r == 0)
        r = open_source(ctx, pos->v[1], pos->v[2], &from, &temporary, &err);
    if (r == 0)
        r = store_copy(from, to, ctx->stop, &done, &err);
    from = store_close(from);
    remove_copy(ctx, temporary);
    if (r < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    say_copied(&done, store_shown(&ctx->arena, pos->v[2]));
    return stop_signal() ? 128 + stop_signal() : ASSAY_OK;
}

static int migrate(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    CLEANUP(store_closep) Store *s = NULL, *up = NULL;
    Migration m = { 0 };
    Err err = { 0 };
    (void)pos;
    int code = db_open(ctx, o, STORE_LOOK, &s);
    if (code != ASSAY_OK)
        return code;
    if (store_migration(s, &ctx->arena, &m, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    s = store_close(s);
    if (m.n == 0)
        printf("schema %d is this build's: nothing to do\n", m.schema);
    if (m.n && !o->dry_run)
        code = db_open(ctx, o, STORE_WRITE, &up);
    for (ptrdiff_t i = 0; code == ASSAY_OK && i < m.n; i++)
        printf("schema %d -> %d: %s%s\n", m.schema + (int)i, m.schema + (int)i + 1, m.steps[i],
               o->dry_run ? " (not done: --dry-run)" : "");
    return code;
}

/* Without the limits that a drain has on the way to something else. */
static int drain(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    CLEANUP(store_closep) Store *to = NULL;
    const char *place = store_place(ctx, o->store, "."), *folder = spool_place(ctx, ".");
    DrainOpts opts = { .stop = ctx->stop };
    DrainResult d = { 0 };
    Err err = { 0 };
    (void)pos;
    if (!store_is_remote(place))
        return cmd_usage(ctx, &cmd_db, "drain is for a server's store; '%s' is a file", place);
    if (store_open(&to, place, STORE_WRITE, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    int r = spool_drain(to, place, folder, &opts, &ctx->arena, &d, &err);
    say_drained(ctx, &d, place);
    printf("%td runs brought, %td were there, %td set aside, %td wait%s\n", d.brought, d.there,
           d.n_bad, spool_count(place, folder), d.busy ? " (another program is draining)" : "");
    return r < 0 ? cmd_fail(ctx, ASSAY_FAILED, &err) : d.n_bad ? ASSAY_FAILED : ASSAY_OK;
}

static int prune(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    (void)pos;
    return db_prune(ctx, o);
}

static int info(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    (void)pos;
    return db_info(ctx, o);
}

static int rollups(Ctx *ctx, const DbOpts *o, const StrList *pos)
{
    return db_rollups(ctx, o, pos->v[1]);
}

static const struct {
    const char *name;
    ptrdiff_t words;
    int (*run)(Ctx *ctx, const DbOpts *o, const StrList *pos);
} verbs[] = { { "info", 1, info },       { "verify", 1, verify }, { "prune", 1, prune },
              { "rollups", 2, rollups }, { "backup", 2, backup }, { "copy", 3, copy },
              { "migrate", 1, migrate }, { "drain", 1, drain } };

static int db_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const char *verb = pos->n ? pos->v[0] : "info";
    for (ptrdiff_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eqz(str(verb), verbs[i].name) && MAX(pos->n, (ptrdiff_t)1) == verbs[i].words)
            return verbs[i].run(ctx, ctx->own, pos);
    return cmd_usage(
        ctx, &cmd_db,
        "info, verify, prune, rollups CASE, backup FILE, copy FROM TO, migrate or drain");
}

const Cmd cmd_db = {
    .name = "db",
    .args = "info | verify | prune | rollups CASE | backup FILE | copy FROM TO | migrate | drain",
    .summary = "upkeep of the store: what it holds, is it intact, copies, what may go with age",
    .about =
        "`prune` lets distributions and series of old runs go: each run keeps its figures, its "
        "statistics and\n"
        "its verdicts, so that history, reports and judging stay as they were, and the "
        "distributions are merged\n"
        "by the hour, later by the day (`rollups CASE` shows them). `verify` exits with 1 when "
        "something is\n"
        "broken. `backup` copies one moment while others write. `copy` merges the runs of a store "
        "into another;\n"
        "what is there stays. `migrate` brings an older schema up to date. `drain` brings to a "
        "PostgreSQL store\n"
        "what waits for it in .assay/spool, because the server was down when it was measured.\n\n"
        "Examples:\n"
        "  assay db info\n"
        "  assay db prune --dry-run\n"
        "  assay db prune --raw 14d --daily forever\n"
        "  assay db backup /backup/assay-monday.db\n"
        "  assay db copy laptop.db .assay/assay.db\n"
        "  assay db copy .assay/assay.db postgresql://me@db.example/assay\n",
    .sets = db_sets,
    .run = db_run,
};
