#include "judge/judge.h"

#include <errno.h>
#include <string.h>

#include "judge/rows.h"
#include "model/exit_code.h"

static int finish(Rows *rows, Comparison **ret, Err *err)
{
    TRY(rows_decide(rows, err));
    *ret = rows->c;
    return 0;
}

int judge_competitors(Run *r, const JudgeOpts *o, Comparison **ret, Err *err)
{
    *ret = NULL;
    Rows rows = { 0 };
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *b = r->cases[i];
        const CaseResult *a =
            b->reference && b->side == SIDE_HEAD ? run_find_case(r, b->reference, SIDE_HEAD) : NULL;
        if (!a)
            continue;
        if (!rows.c) {
            rows = rows_new(r, o, a->name, b->name);
            rows.ruleless = true;
        }
        TRY(rows_add_case(&rows, a, b, true, err));
    }
    return rows.c ? finish(&rows, ret, err) : 0;
}

int judge_sides(Run *r, const JudgeOpts *o, Comparison **ret, Err *err)
{
    *ret = NULL;
    if (!r->against)
        return 0;
    Rows rows = rows_new(r, o, r->against, r->commit ? r->commit : "this tree");
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *b = r->cases[i];
        const CaseResult *a = b->side == SIDE_HEAD ? run_find_case(r, b->name, SIDE_BASE) : NULL;
        if (a)
            TRY(rows_add_case(&rows, a, b, true, err));
    }
    return finish(&rows, ret, err);
}

/* Judged, but nobody may be stopped by it. */
static void soften(Comparison *c, const char *note)
{
    for (ptrdiff_t i = 0; i < c->n; i++) {
        if (c->rows[i].action == ACTION_BLOCK)
            c->rows[i].action = ACTION_REVIEW;
        if (!c->rows[i].note)
            c->rows[i].note = note;
    }
    if (c->exit_code == ASSAY_REGRESSED)
        c->exit_code = ASSAY_OK;
}

static bool same_testbed(const Run *a, const Run *b)
{
    const char *fa = a->testbed.fingerprint, *fb = b->testbed.fingerprint;
    return !fa || !fb || strcmp(fa, fb) == 0;
}

/* A case of one side must not be used: why, or NULL. Of a whole run it makes INVALID. */
static const char *set_aside(Arena *a, const CaseResult *ca, const CaseResult *cb)
{
    const char *theirs = ca ? triage_marked(&ca->validity) : NULL;
    const char *ours = triage_marked(&cb->validity);
    if (!theirs && !ours)
        return NULL;
    return arena_printf(a, "the %s %s", theirs ? "reference was" : "result was",
                        theirs ? theirs : ours);
}

int judge_runs(const Run *a, Run *b, const JudgeOpts *o, Comparison **ret, Err *err)
{
    Rows rows = rows_new(b, o, arena_strdup(&b->arena, a->id), b->id);
    rows.reference_wall_ns = a->started_wall_ns;
    for (ptrdiff_t i = 0; i < b->n_cases; i++) {
        const CaseResult *cb = b->cases[i];
        if (cb->side != SIDE_HEAD)
            continue;
        const CaseResult *ca = run_find_case(a, cb->name, SIDE_HEAD);
        const char *aside = set_aside(&b->arena, ca, cb);
        if (aside)
            rows_add_missing(&rows, cb->name, aside);
        else if (ca)
            TRY(rows_add_case(&rows, ca, cb, false, err));
        else
            rows_add_missing(&rows, cb->name, "new: the reference has no such case");
    }
    for (ptrdiff_t i = 0; i < a->n_cases; i++)
        if (a->cases[i]->side == SIDE_HEAD && !run_find_case(b, a->cases[i]->name, SIDE_HEAD))
            rows_add_missing(&rows, arena_strdup(&b->arena, a->cases[i]->name),
                             "missing: only the reference has this case");
    TRY(finish(&rows, ret, err));
    if (!same_testbed(a, b))
        soften(*ret, "measured on different testbeds: not blocking");
    return 0;
}

void judge_keep_contest(Comparison *c)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; c && i < c->n; i++)
        if (c->rows[i].reference && strcmp(c->rows[i].reference, c->rows[i].case_name) != 0)
            c->rows[n++] = c->rows[i];
    if (c)
        c->n = n;
}

Comparison *judge_join(Arena *a, Comparison *gate, Comparison *contest)
{
    if (!gate || !contest)
        return gate ? gate : contest;
    for (ptrdiff_t i = 0; i < contest->n; i++)
        ARENA_PUSH(a, gate->rows, gate->n, gate->cap, contest->rows[i]);
    return gate;
}

static bool expectation_broke(const Run *r)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        for (ptrdiff_t k = 0; k < c->n_expects && c->side == SIDE_HEAD; k++)
            if (!c->expectations[k].held)
                return true;
    }
    return false;
}

int judge_exit_code(const Run *r, const JudgeOpts *o)
{
    const Comparison *c = r->comparison;
    if (r->validity.grade == GRADE_INVALID || (c && c->exit_code == ASSAY_INVALID))
        return ASSAY_INVALID;
    if (c && c->exit_code == ASSAY_REGRESSED)
        return ASSAY_REGRESSED;
    if (expectation_broke(r))
        return ASSAY_EXPECTATION;
    if (o->strict && c &&
        (c->verdict == VERDICT_INCONCLUSIVE || c->exit_code == ASSAY_INCONCLUSIVE))
        return ASSAY_INCONCLUSIVE;
    return ASSAY_OK;
}
