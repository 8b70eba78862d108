/* assay ack, expect and invalid: saying something of a result, and taking it back. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/stores.h"
#include "cmd/triage.h"
#include "launch/git.h"

typedef struct SayOpts {
    const char *metric, *reason, *until, *change, *from, *store;
    bool is_false, undo, json;
} SayOpts;

#define REASON_ROW                                                                                 \
    OPT(SayOpts, reason, STR, .letter = 'r', .arg = "TEXT", .help = "why; it has to be said")
#define METRIC_ROW                                                                                 \
    OPT(SayOpts, metric, STR, .letter = 'm', .arg = "NAME",                                        \
        .help = "this metric only (latency covers latency.p99)")
#define COMMON_ROWS                                                                                \
    OPT(SayOpts, undo, BOOL, .help = "take it back, by its id (assay triage)"),                    \
        { .type = OPT_HEAD, .name = "Results" },                                                   \
        OPT(SayOpts, json, BOOL, .help = "print what was kept as assay.triage/1"),                 \
        OPT(SayOpts, store, STR, .arg = "PATH", .help = "where runs are kept"),                    \
    {                                                                                              \
        .type = OPT_END                                                                            \
    }

static const Opt ack_opts[] = {
    { .type = OPT_HEAD, .name = "Triage" },
    REASON_ROW,
    METRIC_ROW,
    OPT(SayOpts, until, STR, .arg = "WHEN",
        .help = "when it ends: a date such as 2026-12-31, or a duration such as 14d"),
    { .type = OPT_BOOL,
      .name = "false",
      .offset = offsetof(SayOpts, is_false),
      .help = "it was a false alarm" },
    COMMON_ROWS,
};

static const Opt expect_opts[] = {
    { .type = OPT_HEAD, .name = "Triage" },
    REASON_ROW,
    METRIC_ROW,
    OPT(SayOpts, change, STR, .arg = "CHANGE", .help = "how far it was to go, such as +10%"),
    OPT(SayOpts, from, STR, .arg = "COMMIT",
        .help = "the first commit of the new level; else that of the case's newest run"),
    COMMON_ROWS,
};

static const Opt invalid_opts[] = {
    { .type = OPT_HEAD, .name = "Triage" },
    REASON_ROW,
    COMMON_ROWS,
};

static const OptSet *sets_of(Ctx *ctx, const Opt *rows)
{
    SayOpts *o = ARENA_NEW(&ctx->arena, SayOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ rows, o };
    ctx->own = o;
    return sets;
}

static const OptSet *ack_sets(Ctx *ctx)
{
    return sets_of(ctx, ack_opts);
}

static const OptSet *expect_sets(Ctx *ctx)
{
    return sets_of(ctx, expect_opts);
}

static const OptSet *invalid_sets(Ctx *ctx)
{
    return sets_of(ctx, invalid_opts);
}

/* One call of such a command. */
typedef struct Saying {
    Ctx *ctx;
    const SayOpts *o;
    Store *store;
    TriageList all; /* as stored before */
    Triage draft;   /* what all new entries have in common */
    TriageList new; /* kept when every word was understood */
} Saying;

static void put_entry(Saying *x, Triage t)
{
    triage_new_id(t.id);
    ARENA_PUSH(&x->ctx->arena, x->new.v, x->new.n, x->new.cap, t);
}

static const char *who(Ctx *ctx)
{
    const char *name = git_user(&ctx->arena, ".");
    name = name ? name : getenv("USER");
    return name && *name ? name : "unknown";
}

/* A date, or a duration from now. */
static int parse_until(const char *text, uint64_t now, uint64_t *ret, Err *err)
{
    uint64_t ns;
    double s;
    if (fmt_parse_duration(str(text), &ns, NULL) == 0)
        *ret = now + ns;
    else if (history_parse_time(str(text), &s) == 0 && s > 0 && s < 1e10)
        *ret = (uint64_t)(s * 1e9);
    else
        return err_set(err, -EINVAL,
                       "--until: '%s' is neither a date such as 2026-12-31 nor a duration such as "
                       "14d",
                       text);
    if (*ret <= now)
        return err_set(err, -EINVAL, "--until: '%s' is over already", text);
    return 0;
}

static int make_draft(Saying *x, TriageKind kind, Err *err)
{
    x->draft = (Triage){ .kind = kind,
                         .metric = x->o->metric,
                         .change = (double)NAN,
                         .author = who(x->ctx),
                         .reason = x->o->reason,
                         .set_wall_ns = clock_wall_ns() };
    if (x->o->change)
        TRY(fmt_parse_share(str(x->o->change), true, &x->draft.change, err));
    if (x->o->until)
        TRY(parse_until(x->o->until, x->draft.set_wall_ns, &x->draft.until_wall_ns, err));
    return 0;
}

static Triage about_run(const Saying *x, const Run *r)
{
    Triage t = x->draft;
    Arena *a = &x->ctx->arena;
    t.run_id = arena_strdup(a, r->id);
    t.commit = r->commit && !r->dirty ? arena_strdup(a, r->commit) : NULL;
    t.from_wall_ns = r->started_wall_ns;
    return t;
}

/* How far an acknowledged row went: the end of its interval that is farthest from no change, and a
 * tenth more, since stored runs drift. */
static double size_of(const CompareRow *row)
{
    static const double DRIFT = 1.1;
    double far = row->better == BETTER_LOWER ? row->ratio_high * DRIFT : row->ratio_low / DRIFT;
    return isfinite(far) ? far - 1 : (double)NAN;
}

/* The rows of a run that regressed and broke a rule, of one case or of all. */
static ptrdiff_t put_rows(Saying *x, const Run *r, const char *case_name)
{
    ptrdiff_t found = 0;
    const Comparison *c = r->comparison;
    for (ptrdiff_t i = 0; c && i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        if (row->verdict != VERDICT_REGRESSED || row->severity == SEVERITY_NONE ||
            (case_name && strcmp(case_name, row->case_name) != 0) ||
            (x->draft.metric && strcmp(x->draft.metric, row->metric) != 0))
            continue;
        Triage t = about_run(x, r);
        t.case_name = arena_strdup(&x->ctx->arena, row->case_name);
        t.metric = arena_strdup(&x->ctx->arena, row->metric);
        t.change = size_of(row);
        put_entry(x, t);
        found++;
    }
    return found;
}

/* The newest run that has the case, told by the metric where one is named. */
static int newest_run(Saying *x, const char *case_name, Run **ret, Err *err)
{
    History h = { 0 };
    HistoryQuery q = { .case_name = case_name, .metric = x->o->metric, .any_testbed = true };
    int r = store_history(x->store, &x->ctx->arena, &q, &h, err);
    return r ? r : store_run_load(x->store, h.v[h.n - 1].run, NULL, ret, err);
}

static int ack_case(Saying *x, const char *word, Err *err)
{
    CLEANUP(run_freep) Run *r = NULL;
    int res = newest_run(x, word, &r, err);
    if (res)
        return res;
    if (put_rows(x, r, word) > 0)
        return 0;
    Triage t = about_run(x, r);
    t.case_name = word;
    put_entry(x, t);
    return 0;
}

/* A case, or else a run. */
static int ack_word(Saying *x, const char *word, Err *err)
{
    CLEANUP(run_freep) Run *r = NULL;
    Err no_run = { 0 };
    int res = ack_case(x, word, err);
    if (res != STORE_NOT_FOUND)
        return res;
    res = store_run_load(x->store, word, NULL, &r, &no_run);
    if (res) /* what was said of the case names those that there are */
        return res == STORE_NOT_FOUND ? res : err_set(err, res, "%s", no_run.msg);
    if (put_rows(x, r, NULL) == 0)
        return err_set(err, -ENOENT,
                       "run %s reported no regression%s%s that broke a rule; name the CASE instead",
                       r->id, x->o->metric ? " of " : "", x->o->metric ? x->o->metric : "");
    return 0;
}

/* The first stored run of the commit, or none: then what is said holds from now on. */
static int first_run_of(Saying *x, const char *case_name, const char *commit, Triage *t, Err *err)
{
    History h = { 0 };
    HistoryQuery q = { .case_name = case_name, .metric = x->o->metric, .any_testbed = true };
    int r = store_history(x->store, &x->ctx->arena, &q, &h, err);
    t->from_wall_ns = x->draft.set_wall_ns;
    for (ptrdiff_t i = h.n; r == 0 && i > 0; i--)
        if (h.v[i - 1].commit && str_starts(str(h.v[i - 1].commit), str(commit)))
            t->run_id = h.v[i - 1].run;
    CLEANUP(run_freep) Run *first = NULL;
    if (r || !t->run_id)
        return r;
    r = store_run_load(x->store, t->run_id, NULL, &first, err);
    t->from_wall_ns = r ? t->from_wall_ns : first->started_wall_ns;
    return r;
}

static int expect_word(Saying *x, const char *word, Err *err)
{
    if (x->o->from) {
        const char *known = git_commit_of(&x->ctx->arena, ".", x->o->from);
        Triage t = x->draft;
        t.case_name = word;
        t.commit = known ? known : x->o->from;
        int r = first_run_of(x, word, t.commit, &t, err);
        if (r == 0)
            put_entry(x, t);
        return r;
    }
    CLEANUP(run_freep) Run *r = NULL;
    int res = newest_run(x, word, &r, err);
    if (res)
        return res;
    Triage t = about_run(x, r);
    t.case_name = word;
    put_entry(x, t);
    return 0;
}

/* "RUN" or "CASE@RUN"; *ret_case NULL for the whole. */
static const char *split_target(Ctx *ctx, const char *word, const char **ret_case)
{
    const char *at = strrchr(word, '@');
    *ret_case = at && at > word ? arena_str(&ctx->arena, (Str){ word, at - word }) : NULL;
    return *ret_case ? at + 1 : word;
}

static int invalid_word(Saying *x, const char *word, Err *err)
{
    const char *case_name, *ref = split_target(x->ctx, word, &case_name);
    CLEANUP(run_freep) Run *r = NULL;
    int res = store_run_load(x->store, ref, NULL, &r, err);
    if (res)
        return res;
    if (case_name && !run_find_case(r, case_name, SIDE_HEAD))
        return err_set(err, -ENOENT, "run %s has no case '%s'", r->id, case_name);
    Triage t = about_run(x, r);
    t.case_name = case_name;
    if (!triage_set_aside(&x->all, r->id, case_name))
        put_entry(x, t);
    else
        log_info(&x->ctx->log, "%s is set aside already", word);
    return 0;
}

/* By its id, or of what was set aside by the run. */
static const Triage *find_said(Saying *x, const char *word, TriageKind kind)
{
    const char *case_name, *ref = split_target(x->ctx, word, &case_name);
    CLEANUP(run_freep) Run *r = NULL;
    for (ptrdiff_t i = 0; i < x->all.n; i++)
        if (strcmp(x->all.v[i].id, word) == 0)
            return &x->all.v[i];
    if (kind != TRIAGE_INVALID || store_run_load(x->store, ref, NULL, &r, NULL) != 0)
        return NULL;
    return triage_set_aside(&x->all, r->id, case_name);
}

static int undo_word(Saying *x, const char *word, TriageKind kind, Err *err)
{
    const Triage *t = find_said(x, word, kind);
    if (!t)
        return err_set(err, -ENOENT, "nothing of that kind was said of '%s' (assay triage)", word);
    Triage undone = *t;
    undone.undone_wall_ns = clock_wall_ns();
    ARENA_PUSH(&x->ctx->arena, x->new.v, x->new.n, x->new.cap, undone);
    return 0;
}

static int take_word(Saying *x, TriageKind kind, const char *word, Err *err)
{
    if (x->o->undo)
        return undo_word(x, word, kind, err);
    return kind == TRIAGE_INVALID  ? invalid_word(x, word, err)
           : kind == TRIAGE_EXPECT ? expect_word(x, word, err)
                                   : ack_word(x, word, err);
}

static int keep_all(Saying *x, TriageKind kind, const StrList *words, Err *err)
{
    for (ptrdiff_t i = 0; i < words->n; i++) {
        int r = take_word(x, kind, words->v[i], err);
        if (r)
            return r;
    }
    for (ptrdiff_t i = 0; i < x->new.n; i++)
        TRY(store_triage_set(x->store, &x->new.v[i], err));
    return 0;
}

static int say(Ctx *ctx, const Cmd *cmd, TriageKind kind, const StrList *words)
{
    Saying x = { .ctx = ctx, .o = ctx->own };
    Err err = { 0 };
    if (words->n == 0)
        return cmd_usage(ctx, cmd, "wants %s", cmd->args);
    if (!x.o->undo && (!x.o->reason || !*x.o->reason))
        return cmd_usage(ctx, cmd, "wants --reason TEXT: others will ask why");
    if (kind == TRIAGE_EXPECT && !x.o->undo && !x.o->change)
        return cmd_usage(ctx, cmd, "wants --change, such as --change +10%%");
    if (make_draft(&x, kind, &err) < 0)
        return cmd_usage(ctx, cmd, "%s", err.msg);
    CLEANUP(store_closep) Store *store = NULL;
    if (open_place(ctx, store_place(ctx, x.o->store, "."), STORE_WRITE, &store, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    x.store = store;
    if (store_triage_list(store, &ctx->arena, &x.all, &err) < 0 || keep_all(&x, kind, words, &err))
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    return triage_print(ctx, &x.new, x.o->json);
}

static int ack_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const SayOpts *o = ctx->own;
    return say(ctx, &cmd_ack, o->is_false ? TRIAGE_FALSE : TRIAGE_ACK, pos);
}

static int expect_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    return say(ctx, &cmd_expect, TRIAGE_EXPECT, pos);
}

static int invalid_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    return say(ctx, &cmd_invalid, TRIAGE_INVALID, pos);
}

const Cmd cmd_ack = {
    .name = "ack",
    .args = "CASE|RUN...",
    .summary = "acknowledge a regression: it is known and blocks no more",
    .about =
        "Keeps that a regression is real and known, or with --false that it was a false alarm, "
        "with who,\n"
        "when and why. A CASE stands for its newest run, a RUN for all regressions that it "
        "reported.\n"
        "Gates then still tell it, and don't block on it until it ends, or grows beyond what "
        "was\n"
        "acknowledged. A false alarm is one of that run only.\n\n"
        "Examples:\n"
        "  assay ack parse --metric wall --reason 'fix is on its way' --until 14d\n"
        "  assay ack latest --false --reason 'a backup ran beside it'\n"
        "  assay ack --undo t-0123456789\n",
    .sets = ack_sets,
    .run = ack_run,
};

const Cmd cmd_expect = {
    .name = "expect",
    .args = "CASE...",
    .summary = "declare an intended change: it becomes the new level",
    .about = "Keeps that a figure was meant to change from its newest run on, or from a commit. "
             "Gates don't\n"
             "block on it where the reference is from before, as long as it stays within --change; "
             "histories\n"
             "mark the change as expected.\n\n"
             "Examples:\n"
             "  assay expect parse --metric wall --change +10% --reason 'checks UTF-8 now'\n"
             "  assay expect parse --change +10% --from HEAD --reason 'checks UTF-8 now'\n",
    .sets = expect_sets,
    .run = expect_run,
};

const Cmd cmd_invalid = {
    .name = "invalid",
    .args = "RUN|CASE@RUN...",
    .summary = "set a run, or one case of it, aside: it must not be used",
    .about =
        "A result that is set aside is no baseline, no point of a history and no evidence in a "
        "gate. It\n"
        "stays in the store, and --undo brings it back.\n\n"
        "Examples:\n"
        "  assay invalid latest --reason 'the fan was broken'\n"
        "  assay invalid parse@20261127 --reason 'wrong input file'\n"
        "  assay invalid --undo latest\n",
    .sets = invalid_sets,
    .run = invalid_run,
};
