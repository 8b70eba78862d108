/* Finding runs, listing them, and naming them as baselines. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "store/sql.h"

enum { NAMED = 5 }; /* runs named in a message */

/* "20260131-235959-1a2b3c, …" of the newest runs; "" when there are none. */
static const char *newest_runs(SqlStore *s, Arena *a)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (sq_open(s, SQL_LIST_RUNS, SQ_VALS(v_int(NAMED)), &q, NULL) < 0)
        return "";
    while (sq_next(&q, NULL) > 0)
        strbuf_addf(&b, "%s%s", b.len ? ", " : "", col_text(a, &q, 0));
    return arena_str(a, strbuf_str(&b));
}

static int no_run(SqlStore *s, const char *ref, const char *suite, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    const char *there = newest_runs(s, &scratch);
    if (!*there)
        err_set(err, -ENOENT, "no results are stored in '%s' yet", s->path);
    else if (suite && strcmp(ref, "latest") == 0)
        err_set(err, -ENOENT, "no run of suite '%s' is stored in '%s'; the newest runs are %s",
                suite, s->path, there);
    else
        err_set(err, -ENOENT, "no run '%s' in '%s'; the newest are %s", ref, s->path, there);
    return STORE_NOT_FOUND;
}

static int no_baseline(SqlStore *s, const char *name, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    CLEANUP(sq_done) SqRow q = { 0 };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    TRY(sq_open(s, SQL_LIST_BASELINES, SQ_NONE, &q, err));
    while (sq_next(&q, NULL) > 0)
        strbuf_addf(&b, "%s%s", b.len ? ", " : "; there are ", col_text(&scratch, &q, 0));
    err_set(err, -ENOENT, "no baseline '%s' in '%s'%s", name, s->path,
            b.len ? strbuf_z(&b) : "; 'assay baseline set NAME' makes one");
    return STORE_NOT_FOUND;
}

/* An exact id wins over those that it is a prefix of. */
static int by_prefix(SqlStore *s, const char *ref, int64_t *ret, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    CLEANUP(sq_done) SqRow q = { 0 };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    int n = 0, r;
    TRY(sq_open(s, SQL_RUNS_BY_PREFIX, SQ_VALS(v_text(ref)), &q, err));
    for (; (r = sq_next(&q, err)) > 0; n++) {
        const char *id = col_text(&scratch, &q, 1);
        if (n == 0)
            *ret = col_int(&q, 0);
        if (n == 0 && strcmp(id, ref) == 0)
            return 0;
        strbuf_addf(&b, "%s%s", n ? ", " : "", n < NAMED ? id : "…");
    }
    if (r < 0 || n == 1)
        return r;
    if (n == 0)
        return no_run(s, ref, NULL, err);
    return err_set(err, -EINVAL, "'%s' begins the ids of several runs: %s", ref, strbuf_z(&b));
}

int sq_resolve(SqlStore *s, const char *ref, const char *suite, int64_t *ret, Err *err)
{
    if (ref[0] == '@') {
        TRY(sq_find(s, SQL_BASELINE_RUN, SQ_VALS(v_text(ref + 1)), ret, err));
        return *ret ? 0 : no_baseline(s, ref + 1, err);
    }
    if (strcmp(ref, "latest") != 0)
        return *ref ? by_prefix(s, ref, ret, err) : no_run(s, ref, NULL, err);
    if (suite)
        TRY(sq_find(s, SQL_LATEST_OF_SUITE, SQ_VALS(v_text(suite)), ret, err));
    else
        TRY(sq_find(s, SQL_LATEST_RUN, SQ_NONE, ret, err));
    return *ret ? 0 : no_run(s, ref, suite, err);
}

int sq_run_list(Store *base, Arena *a, ptrdiff_t limit, RunInfo **ret, ptrdiff_t *ret_n, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    CLEANUP(sq_done) SqRow q = { 0 };
    RunInfo *v = NULL;
    ptrdiff_t n = 0, cap = 0;
    int r;
    s->doing = "list the runs";
    TRY(sq_open(s, SQL_LIST_RUNS, SQ_VALS(v_int(limit)), &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        RunInfo info = { .id = col_text(a, &q, 0),
                         .suite = col_text(a, &q, 1),
                         .commit = col_text(a, &q, 2),
                         .branch = col_text(a, &q, 3),
                         .grade = col_text(a, &q, 4),
                         .started_wall_ns = (uint64_t)col_int(&q, 5),
                         .n_cases = (ptrdiff_t)col_int(&q, 6),
                         .n_trials = (ptrdiff_t)col_int(&q, 7),
                         .exit_code = (int)col_int(&q, 8),
                         .finished = !col_null(&q, 9),
                         .fingerprint = col_text(a, &q, 10) };
        ARENA_PUSH(a, v, n, cap, info);
    }
    if (r < 0)
        return r;
    *ret = v;
    *ret_n = n;
    return 0;
}

typedef struct BaselineArg {
    const char *name, *run_id;
} BaselineArg;

static int set_body(SqlStore *s, void *arg, Err *err)
{
    const BaselineArg *b = arg;
    int64_t run;
    int found = sq_run_key(s, b->run_id, &run, err);
    if (found)
        return found;
    return sq_run(s, SQL_SET_BASELINE, SQ_VALS(v_text(b->name), v_int(run), v_u64(clock_wall_ns())),
                  err);
}

int sq_baseline_set(Store *base, const char *name, const char *run_id, Err *err)
{
    BaselineArg arg = { name, run_id };
    if (*name == '\0' || *name == '@')
        return err_set(err, -EINVAL, "'%s' is no name for a baseline; call it main, say", name);
    return sq_transact((SqlStore *)base, "set the baseline", true, set_body, &arg, err);
}

static int keep_body(SqlStore *s, void *arg, Err *err)
{
    const BaselineInfo *b = arg;
    BaselineArg set = { b->name, b->run_id };
    int res = set_body(s, &set, err);
    if (res)
        return res;
    return sq_run(s, SQL_KEEP_BASELINE,
                  SQ_VALS(v_text(b->name), v_text(b->follows), v_int(MAX(b->pooled, 1u)),
                          b->frozen_wall_ns ? v_u64(b->frozen_wall_ns) : v_null(),
                          v_int(b->promote)),
                  err);
}

int sq_baseline_keep(Store *base, const BaselineInfo *b, Err *err)
{
    BaselineInfo arg = *b;
    if (*b->name == '\0' || *b->name == '@')
        return err_set(err, -EINVAL, "'%s' is no name for a baseline; call it main, say", b->name);
    return sq_transact((SqlStore *)base, "keep the baseline", true, keep_body, &arg, err);
}

static int remove_body(SqlStore *s, void *arg, Err *err)
{
    const BaselineArg *b = arg;
    int64_t run;
    TRY(sq_find(s, SQL_DROP_BASELINE, SQ_VALS(v_text(b->name)), &run, err));
    return run ? 0 : no_baseline(s, b->name, err);
}

int sq_baseline_remove(Store *base, const char *name, Err *err)
{
    BaselineArg arg = { .name = name };
    return sq_transact((SqlStore *)base, "remove the baseline", true, remove_body, &arg, err);
}

int sq_baseline_list(Store *base, Arena *a, BaselineInfo **ret, ptrdiff_t *ret_n, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    CLEANUP(sq_done) SqRow q = { 0 };
    BaselineInfo *v = NULL;
    ptrdiff_t n = 0, cap = 0;
    int r;
    s->doing = "list the baselines";
    TRY(sq_open(s, SQL_LIST_BASELINES, SQ_NONE, &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        BaselineInfo info = { .name = col_text(a, &q, 0),
                              .run_id = col_text(a, &q, 1),
                              .suite = col_text(a, &q, 2),
                              .commit = col_text(a, &q, 3),
                              .branch = col_text(a, &q, 4),
                              .fingerprint = col_text(a, &q, 5),
                              .set_wall_ns = (uint64_t)col_int(&q, 6),
                              .follows = col_text(a, &q, 7),
                              .pooled = (uint32_t)col_int(&q, 8),
                              .frozen_wall_ns = (uint64_t)col_int(&q, 9),
                              .promote = col_int(&q, 10) != 0,
                              .started_wall_ns = (uint64_t)col_int(&q, 11) };
        ARENA_PUSH(a, v, n, cap, info);
    }
    if (r < 0)
        return r;
    *ret = v;
    *ret_n = n;
    return 0;
}
