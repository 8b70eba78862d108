/* Storing while a run goes on: its head, then each trial in a transaction of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stats/hdr.h"
#include "store/blob.h"
#include "store/sql.h"

int sq_find_testbed(SqlStore *s, const Testbed *t, int64_t *ret, Err *err)
{
    Val cpus = t->cpus ? v_int(t->cpus) : v_null();
    Val memory = t->memory_bytes ? v_u64(t->memory_bytes) : v_null();
    return sq_intern(s, SQL_FIND_TESTBED, SQL_ADD_TESTBED,
                     SQ_VALS(v_text(t->fingerprint), v_text(t->host), v_text(t->os),
                             v_text(t->kernel), v_text(t->cpu), cpus, memory,
                             v_text(t->clock_source), v_text(t->virtualisation),
                             v_text(t->governor)),
                     ret, err);
}

static int add_head(SqlStore *s, const Run *r, int64_t *ret_key, Err *err)
{
    int64_t testbed;
    TRY(sq_find_testbed(s, &r->testbed, &testbed, err));
    return sq_find(s, SQL_ADD_RUN,
                   SQ_VALS(v_text(r->id), v_text(r->suite), v_text(r->suite_path),
                           v_text(r->commit), v_text(r->branch), v_int(r->dirty),
                           v_text(r->against), v_u64(r->started_wall_ns), v_u64(r->seed),
                           v_text(r->tool), v_text(r->stop_rule), v_num(r->min_effect),
                           v_num(r->confidence), v_int(testbed), v_int(r->interrupted),
                           v_int(r->exit_code), v_text(correction_names[r->correction]),
                           r->rolled_wall_ns ? v_u64(r->rolled_wall_ns) : v_null()),
                   ret_key, err);
}

int sq_begin_body(SqlStore *s, void *arg, Err *err)
{
    const Run *r = arg;
    int64_t key;
    TRY(sq_find(s, SQL_FIND_RUN, SQ_VALS(v_text(r->id)), &key, err));
    if (key)
        return err_set(err, -EEXIST, "run %s is stored in '%s' already", r->id, s->path);
    TRY(add_head(s, r, &key, err));
    for (ptrdiff_t i = 0; i < r->tags.n; i++)
        TRY(sq_run(
            s, SQL_ADD_TAG,
            SQ_VALS(v_int(key), v_int(i), v_text(r->tags.v[i].key), v_text(r->tags.v[i].value)),
            err));
    for (ptrdiff_t i = 0; i < r->rules.n; i++) {
        const Rule *rule = &r->rules.v[i];
        TRY(sq_run(s, SQL_ADD_RULE,
                   SQ_VALS(v_int(key), v_int(i), v_text(severity_name(rule->severity)),
                           v_text(action_name(rule->action)), v_text(rule->metric),
                           v_num(rule->change), v_text(rule->cases), v_num(rule->min_change),
                           v_int(rule->min_samples), v_text(rule->reason),
                           v_u64(rule->until_wall_ns)),
                   err));
    }
    return 0;
}

int sq_run_begin(Store *base, const Run *r, Err *err)
{
    Run *arg = (Run *)(uintptr_t)r; /* the body only reads it */
    return sq_transact((SqlStore *)base, "store the run", true, sq_begin_body, arg, err);
}

int sq_run_key(SqlStore *s, const char *id, int64_t *ret, Err *err)
{
    if (strcmp(s->run_id, id) != 0) {
        int64_t key;
        TRY(sq_find(s, SQL_FIND_RUN, SQ_VALS(v_text(id)), &key, err));
        if (!key) {
            err_set(err, -ENOENT, "run %s is not stored in '%s'", id, s->path);
            return STORE_NOT_FOUND;
        }
        s->run_key = key;
        memcpy(s->run_id, id, strlen(id) + 1);
    }
    *ret = s->run_key;
    return 0;
}

static int need_run(SqlStore *s, const Run *r, int64_t *ret, Err *err)
{
    int found = sq_run_key(s, r->id, ret, err);
    return found == STORE_NOT_FOUND ? -ENOENT : found;
}

int sq_find_name(SqlStore *s, const char *name, int64_t *ret, Err *err)
{
    return sq_intern(s, SQL_FIND_NAME, SQL_ADD_NAME, SQ_VALS(v_text(name)), ret, err);
}

static int add_case(SqlStore *s, int64_t run, ptrdiff_t pos, const CaseResult *c, int64_t *ret,
                    Err *err)
{
    int64_t name, benchmark, key;
    TRY(sq_find_name(s, c->name, &name, err));
    TRY(sq_find_name(s, c->benchmark, &benchmark, err));
    TRY(sq_find(s, SQL_ADD_CASE,
                SQ_VALS(v_int(run), v_int(pos), v_text(c->side == SIDE_BASE ? "base" : "head"),
                        v_int(name), v_int(benchmark), v_text(c->component),
                        v_text(kind_name(c->kind)), v_text(c->reference), v_text(c->note)),
                &key, err));
    for (ptrdiff_t i = 0; i < c->params.n; i++)
        TRY(sq_run(
            s, SQL_ADD_PARAM,
            SQ_VALS(v_int(key), v_int(i), v_text(c->params.v[i].key), v_text(c->params.v[i].value)),
            err));
    for (ptrdiff_t i = 0; i < c->n_expects; i++)
        TRY(sq_run(s, SQL_ADD_EXPECT, SQ_VALS(v_int(key), v_int(i), v_text(c->expects[i].expr)),
                   err));
    *ret = key;
    return 0;
}

static ptrdiff_t place_of(const Run *r, const CaseResult *c)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        if (r->cases[i] == c)
            return i;
    assert(false); /* the case belongs to the run */
    return -1;
}

int sq_case_key(SqlStore *s, const Run *r, const CaseResult *c, int64_t *ret, Err *err)
{
    int64_t run;
    ptrdiff_t pos = place_of(r, c);
    TRY(need_run(s, r, &run, err));
    KnownCase *known = &s->cases[pos % KNOWN_CASES];
    if (!known->key || known->run != run || known->pos != pos) {
        int64_t key;
        TRY(sq_find(s, SQL_FIND_CASE, SQ_VALS(v_int(run), v_int(pos)), &key, err));
        if (!key)
            TRY(add_case(s, run, pos, c, &key, err));
        *known = (KnownCase){ run, key, pos };
    }
    *ret = known->key;
    return 0;
}

/* Where a metric is remembered; NULL when its text is too long for that. */
static KnownMetric *known_metric(SqlStore *s, const char *const parts[4], char text[KNOWN_TEXT_MAX])
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    ptrdiff_t n = 0;
    for (int i = 0; i < 4; i++) {
        for (const char *p = parts[i]; *p; p++) {
            if (n >= KNOWN_TEXT_MAX - 6)
                return NULL;
            text[n++] = *p;
            hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
        }
        text[n++] = '\n';
    }
    memset(text + n, 0, (size_t)(KNOWN_TEXT_MAX - n));
    return &s->known[hash % KNOWN_METRICS];
}

/* The same few metrics come with every trial: looking each up takes as long as storing it. */
int sq_metric_key(SqlStore *s, const char *name, const char *unit, Better better,
                  const char *method, int64_t *ret, Err *err)
{
    const char *const parts[4] = { name, unit, better_name(better), method };
    char text[KNOWN_TEXT_MAX];
    KnownMetric *k = known_metric(s, parts, text);
    if (k && k->key && strcmp(k->text, text) == 0) {
        *ret = k->key;
        return 0;
    }
    TRY(sq_intern(s, SQL_FIND_METRIC, SQL_ADD_METRIC,
                  SQ_VALS(v_text(name), v_text(unit), v_text(parts[2]), v_text(method)), ret, err));
    if (k) {
        memcpy(k->text, text, sizeof text);
        k->key = *ret;
    }
    return 0;
}

int sq_add_reasons(SqlStore *s, const Validity *v, int64_t case_key, int64_t trial, Err *err)
{
    for (ptrdiff_t i = 0; i < v->n; i++) {
        const Reason *r = &v->reasons[i];
        if (r->derived)
            continue;
        TRY(sq_run(s, SQL_ADD_REASON,
                   SQ_VALS(v_int(s->run_key), case_key ? v_int(case_key) : v_null(),
                           trial ? v_int(trial) : v_null(), v_text(grade_name(r->grade)),
                           v_text(r->code), v_text(r->text)),
                   err));
    }
    return 0;
}

static int add_trial(SqlStore *s, int64_t case_key, const Trial *t, int64_t *ret, Err *err)
{
    const Outcomes *o = &t->outcomes;
    Val v[23] = { v_int(case_key),           v_int(t->round),       v_int(t->seq),
                  v_u64(t->started_wall_ns), v_u64(t->duration_ns), v_int(t->exit_code),
                  v_int(t->signal) };
    if (t->has_outcomes) {
        const uint64_t counts[] = { o->scheduled,
                                    o->ok,
                                    o->failed[FAIL_CONNECT],
                                    o->failed[FAIL_RESET],
                                    o->failed[FAIL_TLS],
                                    o->failed[FAIL_PROTOCOL],
                                    o->failed[FAIL_STATUS],
                                    o->failed[FAIL_CHECK],
                                    o->timed_out,
                                    o->shed,
                                    o->dropped,
                                    o->in_flight,
                                    o->failed[FAIL_UNAUTHORIZED],
                                    o->failed[FAIL_FORBIDDEN],
                                    o->failed[FAIL_TOOL] };
        static_assert(8 + sizeof counts / sizeof *counts == ARRAY_LEN(v), "one column each");
        for (ptrdiff_t i = 0; i < ARRAY_LEN(counts); i++)
            v[7 + i] = v_u64(counts[i]);
    }
    if (s->engine->trial_key) {
        TRY(s->engine->trial_key(s, ret, err));
        v[ARRAY_LEN(v) - 1] = v_int(*ret);
        return sq_run(s, SQL_ADD_TRIAL, v, (int)ARRAY_LEN(v), err);
    }
    TRY(sq_run(s, SQL_ADD_TRIAL, v, (int)ARRAY_LEN(v), err));
    *ret = s->engine->added_key(s);
    return 0;
}

static int add_histogram(SqlStore *s, int64_t trial, ptrdiff_t pos, const Hist *h, Err *err)
{
    CLEANUP(strbuf_done) StrBuf hdr = { 0 }, exact = { 0 };
    HistExact x = hist_exact(h);
    TRY(hdr_encode_compressed(h, &hdr, err));
    blob_exact(&exact, &x);
    return sq_run(
        s, SQL_ADD_HISTOGRAM,
        SQ_VALS(v_int(trial), v_int(pos), v_blob(strbuf_str(&hdr)), v_blob(strbuf_str(&exact))),
        err);
}

enum { FIGURES_AT_ONCE = 8 }; /* rows of SQL_ADD_FIGURES */

/* Several rows by one statement: stepping it costs as much as a row. */
static int add_figures(SqlStore *s, int64_t trial, ptrdiff_t pos, const Metric *m, ptrdiff_t n,
                       Err *err)
{
    Val v[1 + 3 * FIGURES_AT_ONCE] = { v_int(trial) };
    for (ptrdiff_t i = 0; i < n; i++) {
        int64_t metric;
        TRY(sq_metric_key(s, m[i].name, m[i].unit, m[i].better, m[i].method, &metric, err));
        v[1 + 3 * i] = v_int(pos + i);
        v[2 + 3 * i] = v_int(metric);
        v[3 + 3 * i] = v_num(m[i].value);
    }
    return sq_run(s, n == 1 ? SQL_ADD_FIGURE : SQL_ADD_FIGURES, v, 1 + 3 * (int)n, err);
}

static int add_metrics(SqlStore *s, int64_t trial, const Trial *t, Err *err)
{
    ptrdiff_t step;
    for (ptrdiff_t i = 0; i < t->n_metrics; i += step) {
        step = t->n_metrics - i >= FIGURES_AT_ONCE ? FIGURES_AT_ONCE : 1;
        TRY(add_figures(s, trial, i, &t->metrics[i], step, err));
    }
    for (ptrdiff_t i = 0; i < t->n_metrics; i++)
        if (t->metrics[i].hist)
            TRY(add_histogram(s, trial, i, t->metrics[i].hist, err));
    return 0;
}

static int add_series(SqlStore *s, int64_t trial, ptrdiff_t pos, const Series *x, Err *err)
{
    CLEANUP(strbuf_done) StrBuf data = { 0 };
    int64_t channel;
    int codec;
    TRY(sq_intern(s, SQL_FIND_CHANNEL, SQL_ADD_CHANNEL,
                  SQ_VALS(v_text(x->scope), v_text(x->name), v_text(x->unit), v_text(x->method)),
                  &channel, err));
    TRY(blob_series(x, &data, &codec, err));
    return sq_run(s, SQL_ADD_SERIES,
                  SQ_VALS(v_int(trial), v_int(pos), v_int(channel), v_int(x->n), v_int(codec),
                          v_blob(strbuf_str(&data))),
                  err);
}

typedef struct TrialArg {
    const Run *r;
    const CaseResult *c;
    const Trial *t;
} TrialArg;

int sq_put_trial(SqlStore *s, const Run *r, const CaseResult *c, const Trial *t, Err *err)
{
    int64_t case_key, trial;
    TRY(sq_case_key(s, r, c, &case_key, err));
    TRY(add_trial(s, case_key, t, &trial, err));
    TRY(add_metrics(s, trial, t, err));
    for (ptrdiff_t i = 0; i < t->series.n; i++)
        TRY(add_series(s, trial, i, &t->series.v[i], err));
    return sq_add_reasons(s, &t->validity, case_key, trial, err);
}

static int trial_body(SqlStore *s, void *arg, Err *err)
{
    const TrialArg *a = arg;
    return sq_put_trial(s, a->r, a->c, a->t, err);
}

int sq_trial_add(Store *base, const Run *r, const CaseResult *c, const Trial *t, Err *err)
{
    TrialArg arg = { r, c, t };
    return sq_transact((SqlStore *)base, "store a trial", true, trial_body, &arg, err);
}
