/* Reading a run whole, in one read transaction: a writer beside it is not seen half-way. The run is
 * summarised by the same code as when it was measured, from the same bits. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/blob.h"
#include "store/sql.h"

/* What a key of the store stands for in memory. */
typedef struct Link {
    int64_t key;
    CaseResult *c;
    Trial *t; /* NULL in a link to a case */
} Link;

typedef struct Links {
    Link *v; /* [n], sorted by key */
    ptrdiff_t n, cap;
} Links;

typedef struct Load {
    SqlStore *s;
    int64_t run;
    Run *r;
    Links cases, trials;
    TriageList triage; /* in the run's arena */
    Arena scratch;
    const char *ref, *suite;
} Load;

static int compare_links(const void *a, const void *b)
{
    int64_t x = ((const Link *)a)->key, y = ((const Link *)b)->key;
    return (x > y) - (x < y);
}

static void sort_links(Links *l)
{
    if (l->n > 1)
        qsort(l->v, (size_t)l->n, sizeof *l->v, compare_links);
}

static const Link *find_link(const Links *l, int64_t key)
{
    Link wanted = { .key = key };
    return l->n ? bsearch(&wanted, l->v, (size_t)l->n, sizeof *l->v, compare_links) : NULL;
}

static int damaged(const Load *l, const char *what, Err *err)
{
    return err_set(err, -EBADMSG, "'%s', run %s: %s", l->s->path, l->r->id, what);
}

static int own(const Load *l, int r, const char *what, Err *err)
{
    return r == 0 ? 0 : damaged(l, what, err);
}

/* Every row of a statement over the run goes through `row`. */
static int each(Load *l, Sql sql, int (*row)(Load *l, const SqRow *q, Err *err), Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(sq_open(l->s, sql, SQ_VALS(v_int(l->run)), &q, err));
    int r;
    while ((r = sq_next(&q, err)) > 0)
        TRY(row(l, &q, err));
    return r;
}

static int load_head(Load *l, const SqRow *q, Err *err)
{
    Run *r = l->r;
    Arena *a = &r->arena;
    const char *id = col_text(a, q, 0);
    if (!id || strlen(id) >= sizeof r->id)
        return damaged(l, "its id", err);
    memcpy(r->id, id, strlen(id) + 1);
    r->suite = col_text(a, q, 1);
    r->suite_path = col_text(a, q, 2);
    r->commit = col_text(a, q, 3);
    r->branch = col_text(a, q, 4);
    r->dirty = col_int(q, 5) != 0;
    r->against = col_text(a, q, 6);
    r->started_wall_ns = (uint64_t)col_int(q, 7);
    r->finished_wall_ns = (uint64_t)col_int(q, 8);
    r->seed = (uint64_t)col_int(q, 9);
    r->tool = col_text(a, q, 10);
    r->stop_rule = col_text(a, q, 11);
    r->min_effect = col_num(q, 12);
    r->confidence = col_num(q, 13);
    r->interrupted = col_int(q, 14) != 0;
    r->exit_code = (int)col_int(q, 15);
    r->rolled_wall_ns = (uint64_t)col_int(q, 27);
    r->testbed = col_testbed(a, q, 16);
    return own(l, correction_parse(col_text(&l->scratch, q, 26), &r->correction), "its correction",
               err);
}

static int load_tag(Load *l, const SqRow *q, Err *err)
{
    (void)err;
    Arena *a = &l->r->arena;
    strmap_set(a, &l->r->tags, col_text(a, q, 0), col_text(a, q, 1));
    return 0;
}

static int load_rule(Load *l, const SqRow *q, Err *err)
{
    RuleSet *set = &l->r->rules;
    Arena *a = &l->r->arena;
    Rule rule = { .metric = col_text(a, q, 2),
                  .change = col_num(q, 3),
                  .cases = col_text(a, q, 4),
                  .min_change = col_num(q, 5),
                  .min_samples = (uint32_t)col_int(q, 6),
                  .reason = col_text(a, q, 7),
                  .until_wall_ns = (uint64_t)col_int(q, 8) };
    TRY(own(l, severity_parse(col_text(&l->scratch, q, 0), &rule.severity), "a rule", err));
    TRY(own(l, action_parse(col_text(&l->scratch, q, 1), &rule.action), "a rule", err));
    ARENA_PUSH(a, set->v, set->n, set->cap, rule);
    return 0;
}

static int load_case(Load *l, const SqRow *q, Err *err)
{
    Arena *a = &l->r->arena;
    const char *side = col_text(&l->scratch, q, 1);
    Kind kind;
    TRY(own(l, kind_parse(col_text(&l->scratch, q, 5), &kind), "the kind of a case", err));
    CaseResult *c = run_add_case(l->r, col_text(&l->scratch, q, 2), col_text(&l->scratch, q, 3),
                                 kind, side && strcmp(side, "base") == 0 ? SIDE_BASE : SIDE_HEAD);
    c->component = col_text(a, q, 4);
    c->reference = col_text(a, q, 6);
    c->note = col_text(a, q, 7);
    Link link = { .key = col_int(q, 0), .c = c };
    ARENA_PUSH(&l->scratch, l->cases.v, l->cases.n, l->cases.cap, link);
    return 0;
}

static int load_param(Load *l, const SqRow *q, Err *err)
{
    const Link *at = find_link(&l->cases, col_int(q, 0));
    Arena *a = &l->r->arena;
    if (!at)
        return damaged(l, "a parameter without its case", err);
    strmap_set(a, &at->c->params, col_text(a, q, 1), col_text(a, q, 2));
    return 0;
}

static int load_expect(Load *l, const SqRow *q, Err *err)
{
    const Link *at = find_link(&l->cases, col_int(q, 0));
    Arena *a = &l->r->arena;
    Expect e;
    if (!at || expect_parse(a, str(col_text(&l->scratch, q, 1)), &e, err) < 0)
        return damaged(l, "an expectation", err);
    ARENA_PUSH(a, at->c->expects, at->c->n_expects, at->c->cap_expects, e);
    return 0;
}

static void load_outcomes(Trial *t, const SqRow *q)
{
    Outcomes *o = &t->outcomes;
    uint64_t *const counts[] = { &o->scheduled,
                                 &o->ok,
                                 &o->failed[FAIL_CONNECT],
                                 &o->failed[FAIL_RESET],
                                 &o->failed[FAIL_TLS],
                                 &o->failed[FAIL_PROTOCOL],
                                 &o->failed[FAIL_STATUS],
                                 &o->failed[FAIL_CHECK],
                                 &o->timed_out,
                                 &o->shed,
                                 &o->dropped,
                                 &o->in_flight,
                                 &o->failed[FAIL_UNAUTHORIZED],
                                 &o->failed[FAIL_FORBIDDEN],
                                 &o->failed[FAIL_TOOL] };
    t->has_outcomes = !col_null(q, 8);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(counts); i++)
        *counts[i] = (uint64_t)col_int(q, 8 + (int)i);
}

static int load_trial(Load *l, const SqRow *q, Err *err)
{
    const Link *at = find_link(&l->cases, col_int(q, 1));
    if (!at)
        return damaged(l, "a trial without its case", err);
    Trial *t = case_add_trial(l->r, at->c);
    t->round = (uint32_t)col_int(q, 2);
    t->seq = (uint32_t)col_int(q, 3);
    t->started_wall_ns = (uint64_t)col_int(q, 4);
    t->duration_ns = (uint64_t)col_int(q, 5);
    t->exit_code = (int)col_int(q, 6);
    t->signal = (int)col_int(q, 7);
    load_outcomes(t, q);
    Link link = { .key = col_int(q, 0), .c = at->c, .t = t };
    ARENA_PUSH(&l->scratch, l->trials.v, l->trials.n, l->trials.cap, link);
    return 0;
}

static int load_hist(Load *l, const SqRow *q, Hist **ret, Err *err)
{
    Err why = { 0 };
    int r = sq_decode_hist(col_blob(q, 6), col_blob(q, 7), ret, &why);
    return own(l, r, arena_printf(&l->scratch, "a histogram: %s", why.msg), err);
}

static int load_figure(Load *l, const SqRow *q, Err *err)
{
    const Link *at = find_link(&l->trials, col_int(q, 0));
    Arena *a = &l->r->arena;
    const char *name = col_text(a, q, 1);
    CLEANUP(hist_freep) Hist *h = NULL;
    Better better;
    if (!at || !name || trial_find_metric(at->t, name))
        return damaged(l, "a figure", err);
    TRY(own(l, better_parse(col_text(&l->scratch, q, 3), &better), "a metric", err));
    if (!col_null(q, 6))
        TRY(load_hist(l, q, &h, err));
    Metric *m = trial_add_metric(l->r, at->t, name, col_text(a, q, 2), better, col_text(a, q, 4),
                                 col_num(q, 5), TAKE(h));
    m->better = better; /* as it was judged then */
    return 0;
}

static int load_series(Load *l, const SqRow *q, Err *err)
{
    const Link *at = find_link(&l->trials, col_int(q, 0));
    Arena *a = &l->r->arena;
    Err why = { 0 };
    if (!at)
        return damaged(l, "a series without its trial", err);
    Series *s = series_new(&at->t->series, a, col_text(a, q, 1), col_text(a, q, 2),
                           col_text(a, q, 3), col_text(a, q, 4));
    int r =
        blob_read_series(a, col_blob(q, 7), (int)col_int(q, 6), (ptrdiff_t)col_int(q, 5), s, &why);
    return own(l, r, arena_printf(&l->scratch, "series %s: %s", s->name, why.msg), err);
}

static Validity *owner_of_reason(Load *l, const SqRow *q)
{
    if (col_null(q, 0))
        return &l->r->validity;
    const Link *at =
        find_link(col_null(q, 1) ? &l->cases : &l->trials, col_int(q, col_null(q, 1) ? 0 : 1));
    return !at ? NULL : at->t ? &at->t->validity : &at->c->validity;
}

static int load_reason(Load *l, const SqRow *q, Err *err)
{
    Validity *v = owner_of_reason(l, q);
    Grade grade;
    if (!v)
        return damaged(l, "a reason without its owner", err);
    TRY(own(l, grade_parse(col_text(&l->scratch, q, 2), &grade), "a reason", err));
    validity_add(v, &l->r->arena, grade, col_text(&l->scratch, q, 3), "%s",
                 col_text(&l->scratch, q, 4));
    return 0;
}

static int load_tail(Load *l, const SqRow *q, int i, double **ret, ptrdiff_t *ret_n, Err *err)
{
    return col_null(q, i) ? 0 : blob_read_doubles(&l->r->arena, col_blob(q, i), ret, ret_n, err);
}

static int load_given(Load *l, const SqRow *q, Err *err)
{
    const Link *at = find_link(&l->cases, col_int(q, 0));
    Arena *a = &l->r->arena;
    if (!at)
        return damaged(l, "a figure without its case", err);
    MetricSummary m = { .name = col_text(a, q, 1),
                        .unit = col_text(a, q, 2),
                        .method = col_text(a, q, 4),
                        .count = (ptrdiff_t)col_int(q, 5),
                        .censored = (uint64_t)col_int(q, 6),
                        .given = true };
    double *const figures[] = { &m.mean, &m.stddev, &m.min, &m.max, &m.p50,
                                &m.p90,  &m.p95,    &m.p99, &m.p999 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(figures); i++)
        *figures[i] = col_num(q, 7 + (int)i);
    m.bound_from = col_null(q, 18) ? 0 : col_num(q, 18);
    TRY(own(l, better_parse(col_text(&l->scratch, q, 3), &m.better), "a metric", err));
    ptrdiff_t n95 = 0, n99 = 0;
    TRY(load_tail(l, q, 16, &m.trials_p95, &n95, err));
    TRY(load_tail(l, q, 17, &m.trials_p99, &n99, err));
    m.n_trials = MIN(n95, n99);
    if (!m.n_trials)
        m.trials_p95 = m.trials_p99 = NULL;
    ARENA_PUSH(a, at->c->metrics, at->c->n_metrics, at->c->cap_metrics, m);
    return 0;
}

static int load_comparison(Load *l, const SqRow *q, Err *err)
{
    Arena *a = &l->r->arena;
    Comparison *c = ARENA_NEW(a, Comparison);
    c->a = col_text(a, q, 0);
    c->b = col_text(a, q, 1);
    TRY(own(l, verdict_parse(col_text(&l->scratch, q, 2), &c->verdict), "a verdict", err));
    c->exit_code = (int)col_int(q, 3);
    c->confidence = col_num(q, 4);
    c->min_effect = col_num(q, 5);
    c->about = col_text(a, q, 6);
    l->r->comparison = c;
    return 0;
}

static int load_row(Load *l, const SqRow *q, Err *err)
{
    Comparison *c = l->r->comparison;
    Arena *a = &l->r->arena, *scratch = &l->scratch;
    CompareRow row = { .case_name = col_text(a, q, 2),
                       .reference = col_text(a, q, 3),
                       .metric = col_text(a, q, 4),
                       .unit = col_text(a, q, 5),
                       .value_a = col_num(q, 8),
                       .value_b = col_num(q, 9),
                       .ratio = col_num(q, 10),
                       .ratio_low = col_num(q, 11),
                       .ratio_high = col_num(q, 12),
                       .difference = col_num(q, 13),
                       .p = col_num(q, 14),
                       .p_adjusted = col_num(q, 15),
                       .n = (ptrdiff_t)col_int(q, 16),
                       .mde = col_num(q, 17),
                       .rounds_more = col_num(q, 18),
                       .method = col_text(a, q, 19),
                       .note = col_text(a, q, 22),
                       .triage = col_text(a, q, 23) };
    if (!c || better_parse(col_text(scratch, q, 6), &row.better) < 0 ||
        verdict_parse(col_text(scratch, q, 7), &row.verdict) < 0 ||
        severity_parse(col_text(scratch, q, 20), &row.severity) < 0 ||
        action_parse(col_text(scratch, q, 21), &row.action) < 0)
        return damaged(l, "a row of its comparison", err);
    ARENA_PUSH(a, c->rows, c->n, c->cap, row);
    return 0;
}

static int load_parts(Load *l, Err *err)
{
    TRY(each(l, SQL_LOAD_RUN, load_head, err));
    TRY(each(l, SQL_LOAD_TAGS, load_tag, err));
    TRY(each(l, SQL_LOAD_RULES, load_rule, err));
    TRY(each(l, SQL_LOAD_CASES, load_case, err));
    sort_links(&l->cases);
    TRY(each(l, SQL_LOAD_PARAMS, load_param, err));
    TRY(each(l, SQL_LOAD_EXPECTS, load_expect, err));
    TRY(each(l, SQL_LOAD_TRIALS, load_trial, err));
    sort_links(&l->trials);
    TRY(each(l, SQL_LOAD_FIGURES, load_figure, err));
    TRY(each(l, SQL_LOAD_SERIES, load_series, err));
    TRY(each(l, SQL_LOAD_REASONS, load_reason, err));
    TRY(each(l, SQL_LOAD_GIVEN, load_given, err));
    TRY(each(l, SQL_LOAD_COMPARISON, load_comparison, err));
    TRY(each(l, SQL_LOAD_ROWS, load_row, err));
    return sq_read_triage(l->s, &l->r->arena, &l->triage, err);
}

static int load_body(SqlStore *s, void *arg, Err *err)
{
    Load *l = arg;
    int found = sq_resolve(s, l->ref, l->suite, &l->run, err);
    return found ? found : load_parts(l, err);
}

int sq_load_key(SqlStore *s, int64_t key, Run **ret, Err *err)
{
    CLEANUP(run_freep) Run *r = NULL;
    TRY(run_new(&r, "", 0, 0, err));
    Load l = { .s = s, .r = r, .run = key };
    int res = load_parts(&l, err);
    arena_done(&l.scratch);
    TRY(res);
    TRY(run_summarise(r, err));
    triage_mark(&l.triage, r);
    *ret = TAKE(r);
    return 0;
}

int sq_run_load(Store *base, const char *ref, const char *suite, Run **ret, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    CLEANUP(run_freep) Run *r = NULL;
    TRY(run_new(&r, "", 0, 0, err));
    Load l = { .s = s, .r = r, .ref = ref, .suite = suite };
    int found = sq_transact(s, "read a run", false, load_body, &l, err);
    arena_done(&l.scratch);
    if (found)
        return found;
    TRY(run_summarise(r, err));
    triage_mark(&l.triage, r);
    *ret = TAKE(r);
    return 0;
}
