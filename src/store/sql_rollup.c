/* Roll-ups: histograms merged by the hour and by the day. Bins are added to bins of the same shape,
 * so a percentile of a roll-up is that of all the samples together. */
#include <errno.h>
#include <string.h>

#include "stats/hdr.h"
#include "store/blob.h"
#include "store/sql.h"

enum { HOURS_AT_ONCE = 64 };
static const uint64_t HOUR_NS = UINT64_C(3600) * NS_PER_S, DAY_NS = UINT64_C(86400) * NS_PER_S;

int sq_decode_hist(Str hdr, Str exact, Hist **ret, Err *err)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    HistExact x;
    if (hdr_decode(hdr, &h, err) < 0 || blob_read_exact(exact, &x, err) < 0 ||
        hist_set_exact(h, &x, err) < 0)
        return -EBADMSG;
    *ret = TAKE(h);
    return 0;
}

/* The latest start of a span that has been over for `keep`; 0: none. */
static uint64_t over_before(const PruneOpts *o, uint64_t keep, uint64_t span)
{
    return keep < o->now_wall_ns - span ? o->now_wall_ns - span - keep : 0;
}

const char *sq_rollup_span(const PruneOpts *o, uint64_t wall_ns, uint64_t *ret_start)
{
    uint64_t hour = wall_ns - wall_ns % HOUR_NS, day = wall_ns - wall_ns % DAY_NS;
    if (hour > over_before(o, o->keep.hourly, HOUR_NS)) {
        *ret_start = hour;
        return "hour";
    }
    *ret_start = day;
    return day > over_before(o, o->keep.daily, DAY_NS) ? "day" : NULL;
}

static const char *shape_of(Arena *a, const Hist *h)
{
    return arena_printf(a, "%llu-%llu/%d", (unsigned long long)h->lowest,
                        (unsigned long long)h->highest, h->digits);
}

/* What the row holds already; *ret_key 0 when there is none. */
static int find_row(SqlStore *s, const RollupKey *k, const char *shape, int64_t *ret_key,
                    int64_t *ret_trials, Hist **ret, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(sq_open(s, SQL_FIND_ROLLUP,
                SQ_VALS(v_int(k->name), v_int(k->metric), v_int(k->testbed), v_text(k->branch),
                        v_text(shape), v_text(k->span), v_u64(k->start_ns)),
                &q, err));
    int r = sq_next(&q, err);
    if (r <= 0)
        return r;
    *ret_key = col_int(&q, 0);
    *ret_trials = col_int(&q, 1);
    if (sq_decode_hist(col_blob(&q, 2), col_blob(&q, 3), ret, err) < 0)
        return err_wrap(err, "roll-up %lld of '%s' is damaged", (long long)*ret_key, s->path);
    return 0;
}

int sq_rollup_merge(SqlStore *s, const RollupKey *k, const Hist *h, int64_t trials, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    CLEANUP(hist_freep) Hist *sum = NULL;
    CLEANUP(strbuf_done) StrBuf hdr = { 0 }, exact = { 0 };
    const char *shape = shape_of(&scratch, h);
    int64_t key = 0, had = 0;
    TRY(find_row(s, k, shape, &key, &had, &sum, err));
    if (sum)
        hist_add(sum, h);
    const Hist *now = sum ? sum : h;
    HistExact x = hist_exact(now);
    TRY(hdr_encode_compressed(now, &hdr, err));
    blob_exact(&exact, &x);
    return sq_run(s, SQL_ADD_ROLLUP,
                  SQ_VALS(v_int(k->name), v_int(k->metric), v_int(k->testbed), v_text(k->branch),
                          v_text(shape), v_text(k->span), v_u64(k->start_ns), v_int(had + trials),
                          v_blob(strbuf_str(&hdr)), v_blob(strbuf_str(&exact))),
                  err);
}

typedef struct Hour {
    int64_t key, trials;
    RollupKey day;
    Hist *h; /* owned */
} Hour;

static int read_hour(SqlStore *s, Arena *a, const SqRow *q, Hour *ret, Err *err)
{
    uint64_t start = (uint64_t)col_int(q, 5);
    *ret = (Hour){ .key = col_int(q, 0),
                   .trials = col_int(q, 6),
                   .day = { .name = col_int(q, 1),
                            .metric = col_int(q, 2),
                            .testbed = col_int(q, 3),
                            .branch = col_text(a, q, 4),
                            .span = "day",
                            .start_ns = start - start % DAY_NS } };
    if (sq_decode_hist(col_blob(q, 7), col_blob(q, 8), &ret->h, err) < 0)
        return err_wrap(err, "roll-up %lld of '%s' is damaged", (long long)ret->key, s->path);
    return 0;
}

static int read_hours(SqlStore *s, Arena *a, uint64_t until, Hour v[HOURS_AT_ONCE], int *ret_n,
                      Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    TRY(sq_open(s, SQL_OLD_HOURS, SQ_VALS(v_u64(until), v_int(HOURS_AT_ONCE)), &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        TRY(read_hour(s, a, &q, &v[*ret_n], err));
        ++*ret_n;
    }
    return r;
}

static int merge_hours(SqlStore *s, const PruneOpts *o, Hour *v, int n, Err *err)
{
    uint64_t gone = over_before(o, o->keep.daily, DAY_NS);
    for (int i = 0; i < n; i++) {
        if (v[i].day.start_ns > gone)
            TRY(sq_rollup_merge(s, &v[i].day, v[i].h, v[i].trials, err));
        TRY(sq_run(s, SQL_DROP_ROLLUP, SQ_VALS(v_int(v[i].key)), err));
    }
    return 0;
}

static int age_body(SqlStore *s, void *arg, Err *err)
{
    const PruneOpts *o = arg;
    CLEANUP(arena_done) Arena a = { 0 };
    Hour v[HOURS_AT_ONCE] = { 0 };
    int n = 0;
    TRY(sq_lock(s, err));
    int r = read_hours(s, &a, over_before(o, o->keep.hourly, HOUR_NS), v, &n, err);
    if (r == 0)
        r = merge_hours(s, o, v, n, err);
    for (int i = 0; i < n; i++)
        hist_free(v[i].h);
    if (r < 0)
        return r;
    int64_t dropped;
    TRY(sq_find(s, SQL_DROP_DAYS, SQ_VALS(v_u64(over_before(o, o->keep.daily, DAY_NS))), &dropped,
                err));
    return n > 0 || dropped;
}

int sq_prune_rollups(Store *base, const PruneOpts *o, Err *err)
{
    PruneOpts *arg = (PruneOpts *)(uintptr_t)o; /* the body only reads it */
    return sq_transact((SqlStore *)base, "merge roll-ups", true, age_body, arg, err);
}

static int read_rollup(SqlStore *s, Arena *a, const SqRow *q, Rollup *ret, Err *err)
{
    const char *span = col_text(a, q, 6);
    *ret = (Rollup){ .case_name = col_text(a, q, 0),
                     .branch = col_text(a, q, 5),
                     .metric = { .name = col_text(a, q, 1),
                                 .unit = col_text(a, q, 2),
                                 .method = col_text(a, q, 4) },
                     .day = span && strcmp(span, "day") == 0,
                     .start_wall_ns = (uint64_t)col_int(q, 7),
                     .trials = col_int(q, 8),
                     .testbed = col_testbed(a, q, 11) };
    if (better_parse(col_text(a, q, 3), &ret->metric.better) < 0 ||
        sq_decode_hist(col_blob(q, 9), col_blob(q, 10), &ret->metric.hist, err) < 0)
        return err_set(err, -EBADMSG, "a roll-up of '%s' in '%s' is damaged", ret->case_name,
                       s->path);
    ret->metric.value = hist_quantile(ret->metric.hist, 0.5);
    return 0;
}

int sq_rollup_list(Store *base, Arena *a, const char *case_name, RollupList *ret, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    s->doing = "list the roll-ups";
    TRY(sq_open(s, SQL_LIST_ROLLUPS, SQ_VALS(v_text(case_name)), &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        Rollup x;
        TRY(read_rollup(s, a, &q, &x, err));
        ARENA_PUSH(a, ret->v, ret->n, ret->cap, x);
    }
    return r;
}
