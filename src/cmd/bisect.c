/* assay bisect: the commit that brought a regression, found with the gate as oracle. Each commit
 * that is looked at is measured against the good one, both sides in turn (`assay run --against`),
 * in work trees of their own, with today's suite. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/port.h"
#include "cmd/cmd.h"
#include "cmd/vocab.h"
#include "judge/halving.h"
#include "launch/git_range.h"
#include "model/suite.h"

typedef struct BisectOpts {
    const char *suite, *json;
    StrMap set;
    bool quick;
} BisectOpts;

static const Opt bisect_opts[] = {
    { .type = OPT_HEAD, .name = "Bisection" },
    OPT(BisectOpts, suite, STR, .arg = "FILE", .dflt = "assay.yaml",
        .help = "the suite, as it is now: every commit is measured by it"),
    OPT(BisectOpts, set, MAP, .letter = 's', .arg = "KEY=VALUE",
        .help = "a parameter or default instead of the suite's"),
    OPT(BisectOpts, quick, BOOL, .help = "few and short trials: finds large changes only"),
    OPT(BisectOpts, json, STR, .arg = "FILE",
        .help = "write what was found as JSON (assay.bisect/1); - is stdout"),
    { .type = OPT_END },
};

static const OptSet *bisect_sets(Ctx *ctx)
{
    BisectOpts *o = ARENA_NEW(&ctx->arena, BisectOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ bisect_opts, o };
    ctx->own = o;
    return sets;
}

/* One commit that was measured. */
typedef struct Step {
    ptrdiff_t at; /* index into the range */
    Look look;
    int exit_code;
    const char *why; /* LOOK_FAILED: what went wrong */
    const char *case_name,
        *metric; /* the row that blocks, or the one that blocked first; NULL: none */
    double ratio, low, high;
} Step;

typedef struct Bisect {
    Ctx *ctx;
    const BisectOpts *o;
    const StrList *pos; /* the range, then CASE-GLOBs */
    Suite *suite;
    GitState git;
    GitRange range;
    Look *looks; /* [range.n] */
    Step *steps;
    ptrdiff_t n, cap;
    char *temp;       /* folder that holds the work trees and results */
    const char *good; /* the suite's folder in the good one's tree */
    HalvingState state;
    ptrdiff_t at, first; /* of the state */
} Bisect;

/* ---- one commit ---- */

/* Today's suite, put where that commit has its folder. */
static int place_suite(Bisect *b, const char *tree, const char **ret, Err *err)
{
    const char *slash = strrchr(b->suite->path, '/');
    const char *dir =
        arena_printf(&b->ctx->arena, "%s%s", tree, git_inside(b->git.top, b->suite->dir));
    if (!fs_is_dir(dir))
        return err_set(err, -ENOENT, "that commit has no folder '%s'",
                       git_inside(b->git.top, b->suite->dir));
    *ret = arena_printf(&b->ctx->arena, "%s/%s", dir, slash ? slash + 1 : b->suite->path);
    return fs_write(*ret, b->suite->text, err);
}

static const char **command_line(Bisect *b, const char *suite, const char *json)
{
    Arena *a = &b->ctx->arena;
    StrList words = { 0 };
    const char *fixed[] = { fs_self(a), "run", suite,        "--against",  b->good,
                            "--json",   json,  "--no-store", "--no-color", "--quiet" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(fixed); i++)
        strlist_add(a, &words, fixed[i]);
    for (ptrdiff_t i = 0; i < b->o->set.n; i++)
        strlist_add(a, &words,
                    arena_printf(a, "--set=%s=%s", b->o->set.v[i].key, b->o->set.v[i].value));
    if (b->o->quick)
        strlist_add(a, &words, "--quick");
    for (ptrdiff_t i = 1; i < b->pos->n; i++)
        strlist_add(a, &words, b->pos->v[i]);
    strlist_add(a, &words, NULL);
    return words.v;
}

static bool is_row(const Bisect *b, const json_t *row)
{
    const Step *first = b->n ? &b->steps[0] : NULL;
    const char *name = json_get_text(row, "case"), *metric = json_get_text(row, "metric");
    return first && first->case_name && name && metric && strcmp(name, first->case_name) == 0 &&
           strcmp(metric, first->metric) == 0;
}

/* How far the row is from no change; NaN counts as not at all. */
static double distance(const json_t *row)
{
    double d = fabs(log(json_get_num(row, "ratio")));
    return isfinite(d) ? d : 0;
}

/* The row to show: the gravest that blocks; where none does, what blocked at the first look. */
static const json_t *choose_row(const Bisect *b, const json_t *rows)
{
    const json_t *row, *best = NULL;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const char *action = json_get_text(row, "action");
        if (action && strcmp(action, "block") == 0 && (!best || distance(row) > distance(best)))
            best = row;
    }
    for (i = 0; !best && i < json_array_size(rows); i++)
        if (is_row(b, json_array_get(rows, i)))
            best = json_array_get(rows, i);
    return best;
}

static void read_row(Bisect *b, const char *path, Step *s)
{
    Arena *a = &b->ctx->arena;
    CLEANUP(json_free) json_t *doc = NULL;
    Str text;
    Err err = { 0 };
    if (fs_read(a, path, INT32_MAX, &text, &err) < 0 || json_parse(text, path, &doc, &err) < 0)
        return; /* the exit code has the verdict */
    const json_t *row = choose_row(b, json_object_get(doc, "comparison"));
    if (!row)
        return;
    s->case_name = arena_strdup(a, json_get_text(row, "case"));
    s->metric = arena_strdup(a, json_get_text(row, "metric"));
    s->ratio = json_get_num(row, "ratio");
    s->low = json_get_num(row, "ratio_low");
    s->high = json_get_num(row, "ratio_high");
}

static Look look_of(int code)
{
    return code == ASSAY_REGRESSED                         ? LOOK_BAD
           : code == ASSAY_OK || code == ASSAY_EXPECTATION ? LOOK_GOOD
                                                           : LOOK_FAILED;
}

/* Negative: the commit can't be measured. */
static int run_commit(Bisect *b, const char *tree, Step *s, Err *err)
{
    Arena *a = &b->ctx->arena;
    const char *suite = NULL, *json = arena_printf(a, "%s/result.json", b->temp);
    int status = 0;
    Str out;
    unlink(json);
    TRY(place_suite(b, tree, &suite, err));
    TRY(capture_status(a, command_line(b, suite, json), &out, &status, err));
    s->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    s->look = look_of(s->exit_code);
    read_row(b, json, s);
    if (s->look == LOOK_FAILED)
        return err_set(err, -ECHILD, "exit code %d: " STR_FMT, s->exit_code,
                       STR_ARG(str_last_line(out)));
    return 0;
}

static void measure(Bisect *b, ptrdiff_t at)
{
    Arena *a = &b->ctx->arena;
    const GitCommit *c = &b->range.v[at];
    const char *tree = arena_printf(a, "%s/tree", b->temp), *commit;
    Step s = { .at = at, .look = LOOK_FAILED, .exit_code = -1 };
    Err err = { 0 };
    log_note(&b->ctx->log, "look %td: %.10s %s", b->n + 1, c->hash, c->subject);
    int r = git_checkout(a, b->git.top, c->hash, tree, &commit, &err);
    if (r == 0)
        r = run_commit(b, tree, &s, &err);
    if (r < 0)
        s.why = arena_strdup(a, err.msg);
    git_checkout_remove(b->git.top, tree);
    if (*b->ctx->stop)
        return;
    b->looks[at] = s.look;
    ARENA_PUSH(a, b->steps, b->n, b->cap, s);
}

/* ---- what was found ---- */

static const char *const look_words[] = { [LOOK_UNKNOWN] = "unknown",
                                          [LOOK_GOOD] = "good",
                                          [LOOK_BAD] = "regressed",
                                          [LOOK_FAILED] = "not measured" };

static void print_step(const Bisect *b, const Step *s)
{
    const GitCommit *c = &b->range.v[s->at];
    printf("  %.10s  %-12s", c->hash, look_words[s->look]);
    if (s->case_name)
        printf("  %s %s %+.1f %% [%+.1f, %+.1f]", s->case_name, s->metric, 100 * (s->ratio - 1),
               100 * (s->low - 1), 100 * (s->high - 1));
    if (s->why)
        printf("  %s", s->why);
    printf("  %s\n", c->subject);
}

static void print_commit(const GitCommit *c)
{
    printf("  %s\n  %s, %s\n  %s\n", c->hash, c->author, c->date, c->subject);
}

static void print_found(const Bisect *b)
{
    printf("%td commits, %td looks, each against %.10s\n", b->range.n, b->n, b->range.good);
    for (ptrdiff_t i = 0; i < b->n; i++)
        print_step(b, &b->steps[i]);
    if (b->state == HALVING_FOUND) {
        printf("\nThe first that regressed:\n");
        print_commit(&b->range.v[b->at]);
    } else if (b->state == HALVING_BETWEEN) {
        printf("\nThe first that regressed is one of these; those before the last can't be "
               "measured:\n");
        for (ptrdiff_t i = b->first; i <= b->at; i++)
            print_commit(&b->range.v[i]);
    }
}

static json_t *commit_json(const GitCommit *c)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "commit", json_text(c->hash), "subject",
                     json_text(c->subject), "author", json_text(c->author), "date",
                     json_text(c->date));
}

static json_t *step_json(const Bisect *b, const Step *s)
{
    return json_pack("{s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "commit",
                     json_text(b->range.v[s->at].hash), "look", look_words[s->look], "exit_code",
                     s->exit_code, "case", json_text(s->case_name), "metric", json_text(s->metric),
                     "ratio", json_num(s->case_name ? s->ratio : (double)NAN), "ratio_low",
                     json_num(s->case_name ? s->low : (double)NAN), "ratio_high",
                     json_num(s->case_name ? s->high : (double)NAN), "why", json_text(s->why));
}

static json_t *found_json(const Bisect *b, int code)
{
    json_t *steps = json_array(), *candidates = json_array();
    for (ptrdiff_t i = 0; i < b->n; i++)
        json_array_append_new(steps, step_json(b, &b->steps[i]));
    bool found = b->state == HALVING_FOUND || b->state == HALVING_BETWEEN;
    for (ptrdiff_t i = b->first; found && i <= b->at; i++)
        json_array_append_new(candidates, commit_json(&b->range.v[i]));
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:i}", "schema", "assay.bisect/1", "good",
                     b->range.good, "bad", b->range.v[b->range.n - 1].hash, "commits",
                     (json_int_t)b->range.n, "first_bad",
                     b->state == HALVING_FOUND ? commit_json(&b->range.v[b->at]) : json_null(),
                     "candidates", candidates, "looks", steps, "exit_code", code);
}

static int tell(Bisect *b)
{
    Err err = { 0 };
    bool found = b->state == HALVING_FOUND || b->state == HALVING_BETWEEN;
    int code = *b->ctx->stop ? 128 + stop_signal() : found ? ASSAY_OK : ASSAY_FAILED;
    if (!b->o->json || strcmp(b->o->json, "-") != 0)
        print_found(b);
    if (b->o->json) {
        CLEANUP(json_free) json_t *j = found_json(b, code);
        CLEANUP(strbuf_done) StrBuf text = { 0 };
        if (json_print(j, &text, &err) < 0 || fs_write(b->o->json, strbuf_str(&text), &err) < 0)
            return cmd_fail(b->ctx, ASSAY_FAILED, &err);
    }
    if (b->state == HALVING_NOT_BAD)
        err_set(&err, -ENOENT,
                "%.10s does not regress against %.10s by the suite's rules: there is "
                "nothing to find",
                b->range.v[b->range.n - 1].hash, b->range.good);
    if (b->state == HALVING_NOT_KNOWN)
        err_set(&err, -ECHILD, "the end of the range can't be measured: %s", b->steps[0].why);
    return code == ASSAY_FAILED ? cmd_fail(b->ctx, ASSAY_FAILED, &err) : code;
}

/* ---- the whole ---- */

static int load_suite(Bisect *b, Err *err)
{
    SuiteVocab vocab = drivers_vocab(&b->ctx->arena);
    SuiteFlags flags = { .sets = b->o->set, .quick = b->o->quick, .free_port = port_free };
    TRY(suite_load(&b->suite, b->o->suite, &vocab, &flags, err));
    git_read(&b->ctx->arena, b->suite->dir, &b->git);
    if (!b->git.top)
        return err_set(err, -ENOENT, "'%s' is in no git repository", b->suite->dir);
    return git_range(&b->ctx->arena, b->suite->dir, b->pos->v[0], &b->range, err);
}

static int make_good(Bisect *b, Err *err)
{
    Arena *a = &b->ctx->arena;
    const char *commit, *tree;
    TRY(fs_make_temp(a, "assay-bisect", &b->temp, err));
    tree = arena_printf(a, "%s/good", b->temp);
    b->good = arena_printf(a, "%s%s", tree, git_inside(b->git.top, b->suite->dir));
    return git_checkout(a, b->git.top, b->range.good, tree, &commit, err);
}

static void bisect_done(Bisect *b)
{
    if (b->temp) {
        CLEANUP(arena_done) Arena a = { 0 };
        git_checkout_remove(b->git.top, arena_printf(&a, "%s/good", b->temp));
        unlink(arena_printf(&a, "%s/result.json", b->temp));
        rmdir(b->temp);
    }
    suite_free(b->suite);
}

static int bisect_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    CLEANUP(bisect_done) Bisect b = { .ctx = ctx, .o = ctx->own, .pos = pos };
    Err err = { 0 };
    if (pos->n == 0)
        return cmd_usage(ctx, &cmd_bisect, "give a range of commits, such as v1.2..HEAD");
    int r = load_suite(&b, &err);
    if (r < 0)
        return cmd_fail(ctx, r == -EINVAL ? ASSAY_USAGE : ASSAY_FAILED, &err);
    if (make_good(&b, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    b.looks = ARENA_ARRAY(&ctx->arena, Look, b.range.n);
    while (!*ctx->stop &&
           (b.state = halving_next(b.looks, b.range.n, &b.at, &b.first)) == HALVING_ON)
        measure(&b, b.at);
    return tell(&b);
}

const Cmd cmd_bisect = {
    .name = "bisect",
    .args = "GOOD[..BAD] [CASE-GLOB ...]",
    .summary = "find the commit that brought a regression",
    .about =
        "Measures commits between GOOD and BAD (HEAD), each against GOOD, both sides in turn, in "
        "work trees of\n"
        "their own, and halves the range until the first commit is left that a rule of the "
        "suite blocks. For k\n"
        "commits that takes log2 k looks and one more, for the end. Commits that can't be built "
        "or measured are\n"
        "passed by. The suite is today's, also for commits that had another or none; its "
        "'build' runs in each tree.\n\n"
        "Examples:\n"
        "  assay bisect v1.2..HEAD\n"
        "  assay bisect HEAD~50 'parse/*' --quick\n"
        "  assay bisect main..feature --suite bench/assay.yaml --json found.json\n",
    .sets = bisect_sets,
    .run = bisect_run,
};
