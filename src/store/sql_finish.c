/* Storing what is known when a run ends. May be repeated: the last word stands. */
#include <errno.h>
#include <string.h>

#include "store/blob.h"
#include "store/sql.h"

int sq_add_given(SqlStore *s, int64_t case_key, ptrdiff_t pos, const MetricSummary *m, Err *err)
{
    CLEANUP(strbuf_done) StrBuf p95 = { 0 }, p99 = { 0 };
    bool tails = m->trials_p95 && m->trials_p99;
    int64_t metric;
    TRY(sq_metric_key(s, m->name, m->unit, m->better, m->method, &metric, err));
    if (tails) {
        blob_doubles(&p95, m->trials_p95, m->n_trials);
        blob_doubles(&p99, m->trials_p99, m->n_trials);
    }
    return sq_run(s, SQL_ADD_GIVEN,
                  SQ_VALS(v_int(case_key), v_int(pos), v_int(metric), v_int(m->count),
                          v_u64(m->censored), v_num(m->mean), v_num(m->stddev), v_num(m->min),
                          v_num(m->max), v_num(m->p50), v_num(m->p90), v_num(m->p95), v_num(m->p99),
                          v_num(m->p999), tails ? v_blob(strbuf_str(&p95)) : v_null(),
                          tails ? v_blob(strbuf_str(&p99)) : v_null(),
                          m->bound_from > 0 ? v_num(m->bound_from) : v_null()),
                  err);
}

static int finish_case(SqlStore *s, const Run *r, const CaseResult *c, Err *err)
{
    int64_t key;
    TRY(sq_case_key(s, r, c, &key, err)); /* also cases that had no trial: their reasons count */
    TRY(sq_run(s, SQL_SET_NOTE, SQ_VALS(v_int(key), v_text(c->note)), err));
    TRY(sq_run(s, SQL_DROP_GIVEN, SQ_VALS(v_int(key)), err));
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        if (c->metrics[i].given)
            TRY(sq_add_given(s, key, i, &c->metrics[i], err));
    return sq_add_reasons(s, &c->validity, key, 0, err);
}

static int add_row(SqlStore *s, int64_t run, ptrdiff_t pos, const CompareRow *x, Err *err)
{
    return sq_run(s, SQL_ADD_ROW,
                  SQ_VALS(v_int(run), v_int(pos), v_text(x->case_name), v_text(x->reference),
                          v_text(x->metric), v_text(x->unit), v_text(better_name(x->better)),
                          v_text(verdict_name(x->verdict)), v_num(x->value_a), v_num(x->value_b),
                          v_num(x->ratio), v_num(x->ratio_low), v_num(x->ratio_high),
                          v_num(x->difference), v_num(x->p), v_num(x->p_adjusted), v_int(x->n),
                          v_num(x->mde), v_num(x->rounds_more), v_text(x->method),
                          v_text(severity_name(x->severity)), v_text(action_name(x->action)),
                          v_text(x->note), v_text(x->triage)),
                  err);
}

static int set_comparison(SqlStore *s, int64_t run, const Comparison *c, Err *err)
{
    TRY(sq_run(s, SQL_DROP_COMPARISON, SQ_VALS(v_int(run)), err));
    if (!c)
        return 0;
    TRY(sq_run(s, SQL_ADD_COMPARISON,
               SQ_VALS(v_int(run), v_text(c->a), v_text(c->b), v_text(verdict_name(c->verdict)),
                       v_int(c->exit_code), v_num(c->confidence), v_num(c->min_effect),
                       v_text(c->about)),
               err));
    for (ptrdiff_t i = 0; i < c->n; i++)
        TRY(add_row(s, run, i, &c->rows[i], err));
    return 0;
}

int sq_finish_body(SqlStore *s, void *arg, Err *err)
{
    const Run *r = arg;
    int64_t run;
    int found = sq_run_key(s, r->id, &run, err);
    if (found)
        return found == STORE_NOT_FOUND ? -ENOENT : found;
    TRY(sq_run(s, SQL_FINISH_RUN,
               SQ_VALS(v_int(run), r->finished_wall_ns ? v_u64(r->finished_wall_ns) : v_null(),
                       v_text(grade_name(r->validity.grade)), v_int(r->interrupted),
                       v_int(r->exit_code)),
               err));
    TRY(sq_run(s, SQL_DROP_REASONS, SQ_VALS(v_int(run)), err));
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        TRY(finish_case(s, r, r->cases[i], err));
    TRY(sq_add_reasons(s, &r->validity, 0, 0, err));
    return set_comparison(s, run, r->comparison, err);
}

int sq_run_finish(Store *base, const Run *r, Err *err)
{
    Run *arg = (Run *)(uintptr_t)r; /* the body only reads it */
    return sq_transact((SqlStore *)base, "store the end of the run", true, sq_finish_body, arg,
                       err);
}
