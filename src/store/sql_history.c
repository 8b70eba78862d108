/* One figure of one case over all runs. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/expect.h"
#include "stats/quantile.h"
#include "store/sql.h"

typedef struct Gather {
    SqlStore *s;
    Arena *a;
    const HistoryQuery *q;
    const char *metric, *stat; /* stat NULL: the median of the trials */
    History h;
    /* the run at hand */
    int64_t run, case_key;
    HistoryPoint point;
    const char *unit, *better;
    double *trials;
    ptrdiff_t n_trials, cap_trials;
    Hist *hist; /* owned; of all trials together */
} Gather;

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* "latency", "p95" of "latency.p95"; what no metric of that name has. */
static void split_stat(Gather *g)
{
    const char *dot = strrchr(g->metric, '.');
    for (const char *const *stat = expect_stats; dot && *stat; stat++)
        if (strcmp(*stat, dot + 1) == 0) {
            g->stat = *stat;
            g->metric = arena_str(g->a, (Str){ g->metric, dot - g->metric });
            return;
        }
}

/* The quantile that a statistic is, or NaN. */
static double quantile_of(const char *stat)
{
    static const struct {
        const char *name;
        double q;
    } at[] = { { "min", 0 },   { "median", .5 }, { "p50", .5 },    { "p90", .9 },
               { "p95", .95 }, { "p99", .99 },   { "p999", .999 }, { "max", 1 } };
    for (ptrdiff_t i = 0; stat && i < ARRAY_LEN(at); i++)
        if (strcmp(at[i].name, stat) == 0)
            return at[i].q;
    return stat ? (double)NAN : 0.5;
}

static double moment_of(const double *x, ptrdiff_t n, bool deviation)
{
    double mean = 0, squares = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (ptrdiff_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return !deviation ? mean : n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
}

static double value_of(Gather *g)
{
    double q = quantile_of(g->stat);
    bool deviation = g->stat && strcmp(g->stat, "stddev") == 0;
    if (g->stat && g->hist)
        return !isnan(q)   ? hist_quantile(g->hist, q)
               : deviation ? hist_stddev(g->hist)
                           : hist_mean(g->hist);
    sort_doubles(g->trials, g->n_trials);
    ptrdiff_t n = count_numbers(g->trials, g->n_trials);
    if (n == 0)
        return (double)NAN;
    return isnan(q) ? moment_of(g->trials, n, deviation) : quantile_type7(g->trials, n, q);
}

/* Column of a statistic in SQL_HISTORY_GIVEN and SQL_FIND_GIVEN. */
static int given_column(const char *stat)
{
    static const char *const columns[] = { "p50", "mean", "stddev", "min", "max",
                                           "p90", "p95",  "p99",    "p999" };
    for (int i = 0; stat && i < ARRAY_LEN(columns); i++)
        if (strcmp(columns[i], stat) == 0)
            return 9 + i;
    return 9;
}

/* The statistic of all samples together, as it was kept when the distributions went. */
static int kept_value(Gather *g, double *ret, Err *err)
{
    CLEANUP(sq_done) SqRow row = { 0 };
    TRY(sq_open(g->s, SQL_FIND_GIVEN,
                SQ_VALS(v_int(g->case_key), v_text(g->metric), v_text(g->point.unit)), &row, err));
    int r = sq_next(&row, err);
    if (r > 0)
        *ret = col_num(&row, given_column(g->stat));
    return r;
}

/* The run at hand is complete: a point. */
static int end_run(Gather *g, Err *err)
{
    if (!g->run)
        return 0;
    int kept = g->stat && !g->hist ? kept_value(g, &g->point.value, err) : 0;
    if (kept < 0)
        return kept;
    if (!kept)
        g->point.value = value_of(g);
    history_push(&g->h, g->a, g->point);
    g->hist = hist_free(g->hist);
    g->n_trials = 0;
    g->run = 0;
    return 0;
}

static void begin_run(Gather *g, const SqRow *row)
{
    g->run = col_int(row, 0);
    g->point = (HistoryPoint){ .run = col_text(g->a, row, 1),
                               .commit = col_text(g->a, row, 2),
                               .branch = col_text(g->a, row, 3),
                               .grade = col_text(g->a, row, 4),
                               .wall_s = (double)col_int(row, 5) / 1e9,
                               .testbed = col_text(g->a, row, 6),
                               .unit = col_text(g->a, row, 7) };
    g->better = col_text(g->a, row, 8);
}

static int add_hist(Gather *g, const SqRow *row, Err *err)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    if (sq_decode_hist(col_blob(row, 10), col_blob(row, 11), &h, err) < 0) {
        err_wrap(err, "'%s' holds a damaged histogram of run %s", g->s->path, g->point.run);
        return -EBADMSG;
    }
    if (g->hist)
        hist_add(g->hist, h);
    else
        g->hist = TAKE(h);
    return 0;
}

static int gather_trials(Gather *g, Err *err)
{
    CLEANUP(sq_done) SqRow row = { 0 };
    int r;
    TRY(sq_open(g->s, SQL_HISTORY,
                SQ_VALS(v_text(g->q->case_name), v_text(g->metric), v_int(g->stat != NULL)), &row,
                err));
    while ((r = sq_next(&row, err)) > 0) {
        if (g->run != col_int(&row, 0)) {
            TRY(end_run(g, err));
            begin_run(g, &row);
            g->case_key = col_int(&row, 12);
        }
        ARENA_PUSH(g->a, g->trials, g->n_trials, g->cap_trials, col_num(&row, 9));
        if (!col_null(&row, 10))
            TRY(add_hist(g, &row, err));
    }
    return r < 0 ? r : end_run(g, err);
}

/* Figures that came without samples. */
static int gather_given(Gather *g, Err *err)
{
    CLEANUP(sq_done) SqRow row = { 0 };
    int r;
    TRY(sq_open(g->s, SQL_HISTORY_GIVEN, SQ_VALS(v_text(g->q->case_name), v_text(g->metric)), &row,
                err));
    while ((r = sq_next(&row, err)) > 0) {
        begin_run(g, &row);
        g->run = 0;
        g->point.value = col_num(&row, given_column(g->stat));
        history_push(&g->h, g->a, g->point);
    }
    return r;
}

/* Leave out what can't be compared with the newest point: other units, other testbeds, other
 * branches than asked for. What an INVALID run measured is missing. */
static void keep_comparable(Gather *g)
{
    History *h = &g->h;
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < h->n; i++)
        if (!g->q->branch || same_text(h->v[i].branch, g->q->branch))
            h->v[n++] = h->v[i];
    h->n = n;
    if (n == 0)
        return;
    HistoryPoint newest = h->v[n - 1];
    n = 0;
    for (ptrdiff_t i = 0; i < h->n; i++) {
        HistoryPoint *p = &h->v[i];
        bool here = g->q->any_testbed || same_text(p->testbed, newest.testbed);
        if (!here || !same_text(p->unit, newest.unit)) {
            h->n_elsewhere++;
            continue;
        }
        if (p->grade && strcmp(p->grade, "INVALID") == 0) {
            p->value = (double)NAN;
            h->n_invalid++;
        }
        h->v[n++] = *p;
    }
    h->n = n;
    h->unit = newest.unit;
}

/* What somebody set aside is read like what was INVALID when it was measured. */
static int set_aside(Gather *g, Err *err)
{
    TriageList l = { 0 };
    TRY(sq_read_triage(g->s, g->a, &l, err));
    for (ptrdiff_t i = 0; i < g->h.n; i++) {
        HistoryPoint *p = &g->h.v[i];
        if (triage_set_aside(&l, p->run, NULL) || triage_set_aside(&l, p->run, g->q->case_name))
            p->grade = grade_name(GRADE_INVALID);
    }
    return 0;
}

static void add_name(StrBuf *b, const char *name)
{
    if (b->len < 400)
        strbuf_addf(b, "%s%s", b->len ? ", " : "", name);
}

/* Why there is nothing: no such case, or no such metric of it. Returns STORE_NOT_FOUND. */
static int nothing_found(Gather *g, const char *asked, Err *err)
{
    CLEANUP(strbuf_done) StrBuf names = { 0 };
    CLEANUP(strbuf_done) StrBuf metrics = { 0 };
    CLEANUP(sq_done) SqRow q = { 0 };
    CLEANUP(sq_done) SqRow of_case = { 0 };
    if (sq_open(g->s, SQL_HISTORY_METRICS, SQ_VALS(v_text(g->q->case_name)), &of_case, err) == 0)
        while (sq_next(&of_case, NULL) > 0)
            add_name(&metrics, col_text(g->a, &of_case, 0));
    if (metrics.len > 0 && g->q->branch)
        err_set(err, -ENOENT, "no run of '%s' on branch '%s' has the metric '%s'; there are %s",
                g->q->case_name, g->q->branch, asked, strbuf_z(&metrics));
    else if (metrics.len > 0)
        err_set(err, -ENOENT, "'%s' has no metric '%s'; there are %s", g->q->case_name, asked,
                strbuf_z(&metrics));
    if (metrics.len > 0)
        return STORE_NOT_FOUND;
    if (sq_open(g->s, SQL_LIST_CASES, SQ_NONE, &q, err) == 0)
        while (sq_next(&q, NULL) > 0)
            add_name(&names, col_text(g->a, &q, 0));
    if (names.len > 0)
        err_set(err, -ENOENT, "no case '%s' in '%s'; there are %s", g->q->case_name, g->s->path,
                strbuf_z(&names));
    else
        err_set(err, -ENOENT, "no results are stored in '%s' yet", g->s->path);
    return STORE_NOT_FOUND;
}

/* What to show when nobody says: what the case's newest run is about. */
static const char *main_metric(Gather *g, Err *err)
{
    static const char *const first[] = { "wall", "time", "latency", "throughput" };
    CLEANUP(sq_done) SqRow q = { 0 };
    const char *found = NULL;
    ptrdiff_t rank = ARRAY_LEN(first) + 1;
    if (sq_open(g->s, SQL_HISTORY_METRICS, SQ_VALS(v_text(g->q->case_name)), &q, err) < 0)
        return NULL;
    while (sq_next(&q, NULL) > 0) {
        const char *name = col_text(g->a, &q, 0);
        ptrdiff_t i = 0;
        while (i < ARRAY_LEN(first) && strcmp(first[i], name) != 0)
            i++;
        if (i < rank) {
            rank = i;
            found = name;
        }
    }
    return found;
}

static int gather(Gather *g, Err *err)
{
    const char *asked = g->q->metric ? g->q->metric : main_metric(g, err);
    if (!asked)
        return nothing_found(g, "", err);
    g->metric = asked;
    TRY(gather_trials(g, err));
    TRY(gather_given(g, err));
    if (g->h.n == 0) {
        split_stat(g);
        if (g->stat) {
            TRY(gather_trials(g, err));
            TRY(gather_given(g, err));
        }
    }
    history_sort(&g->h);
    TRY(set_aside(g, err));
    keep_comparable(g);
    if (g->h.n == 0)
        return nothing_found(g, asked, err);
    g->h.name = g->q->case_name;
    g->h.metric = asked;
    return better_parse(g->better, &g->h.better);
}

int sq_history(Store *base, Arena *a, const HistoryQuery *q, History *ret, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    s->doing = "read a history";
    Gather g = { .s = s, .a = a, .q = q, .h = { .source = arena_strdup(a, s->path) } };
    int r = gather(&g, err);
    hist_free(g.hist);
    if (r == 0)
        *ret = g.h;
    return r;
}
