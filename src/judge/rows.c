#include "judge/rows.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "judge/interval.h"
#include "judge/severity.h"
#include "judge/triaged.h"
#include "model/exit_code.h"
#include "stats/multi.h"
#include "stats/quantile.h"

Rows rows_new(Run *r, const JudgeOpts *o, const char *label_a, const char *label_b)
{
    Arena *a = &r->arena;
    Comparison *c = ARENA_NEW(a, Comparison);
    c->a = label_a;
    c->b = label_b;
    c->confidence = o->confidence;
    c->min_effect = o->min_effect;
    return (
        Rows){ .arena = a, .opts = o, .c = c, .at_wall_ns = r->started_wall_ns, .run_id = r->id };
}

static CompareRow *add_row(Rows *rows, Evidence e, CompareRow row)
{
    row.ratio = row.ratio_low = row.ratio_high = row.p = row.p_adjusted = (double)NAN;
    row.mde = row.rounds_more = (double)NAN;
    ARENA_PUSH(rows->arena, rows->c->rows, rows->c->n, rows->c->cap, row);
    ARENA_PUSH(rows->arena, rows->evidence, rows->n_evidence, rows->cap_evidence, e);
    return &rows->c->rows[rows->c->n - 1];
}

void rows_add_missing(Rows *rows, const char *case_name, const char *note)
{
    Evidence e = { .p_beyond = (double)NAN };
    CompareRow row = { .case_name = case_name,
                       .metric = "",
                       .unit = "",
                       .verdict = VERDICT_INCONCLUSIVE,
                       .value_a = (double)NAN,
                       .value_b = (double)NAN,
                       .difference = (double)NAN,
                       .method = "none",
                       .note = note };
    add_row(rows, e, row);
}

/* The value that a case's figure had in a round, NaN when it has none. */
static double value_in_round(const CaseResult *c, const double *v, ptrdiff_t n, uint32_t round)
{
    for (ptrdiff_t i = 0; i < n && i < c->n_trials; i++)
        if (c->trials[i]->round == round)
            return v[i];
    return (double)NAN;
}

/* Pairs of the same round. Trials come in order of rounds, so the search starts where the last one
 * ended. */
static void pair_up(Rows *rows, Evidence *e, const CaseResult *a, const double *va, ptrdiff_t na,
                    const CaseResult *b, const double *vb, ptrdiff_t nb, double offset)
{
    e->log_ratio = ARENA_ARRAY(rows->arena, double, nb);
    for (ptrdiff_t i = 0; i < nb && i < b->n_trials; i++) {
        uint32_t round = b->trials[i]->round;
        bool aligned = i < na && i < a->n_trials && a->trials[i]->round == round;
        double x = aligned ? va[i] : value_in_round(a, va, na, round);
        double pair[2];
        log_values((double[]){ x, vb[i] }, 2, offset, pair);
        if (!isnan(x) && !isnan(vb[i]))
            e->log_ratio[e->n++] = pair[1] - pair[0];
    }
}

static double *sorted_logs(Rows *rows, const double *v, ptrdiff_t n, double offset,
                           ptrdiff_t *ret_n)
{
    double *out = ARENA_ARRAY(rows->arena, double, n);
    log_values(v, n, offset, out);
    sort_doubles(out, n);
    *ret_n = count_numbers(out, n);
    return out;
}

static Evidence collect(Rows *rows, const Figure *f, const CaseResult *a, const CaseResult *b,
                        bool paired)
{
    ptrdiff_t na = 0, nb = 0;
    const double *va = figure_values(a, f, &na), *vb = figure_values(b, f, &nb);
    Evidence e = { .paired = paired,
                   .looks = paired ? b->looks : NULL,
                   .floor = f->floor,
                   .exact = f->exact,
                   .distribution = f->distribution,
                   .grade_a = a->validity.grade,
                   .grade_b = b->validity.grade };
    double offset = log_offset(va, na, vb, nb, f->unit);
    if (paired) {
        pair_up(rows, &e, a, va, na, b, vb, nb, offset);
        return e;
    }
    e.log_a = sorted_logs(rows, va, na, offset, &e.n_a);
    e.log_b = sorted_logs(rows, vb, nb, offset, &e.n_b);
    if (e.n_a && e.n_b)
        e.separated = e.log_a[e.n_a - 1] < e.log_b[0] || e.log_b[e.n_b - 1] < e.log_a[0];
    return e;
}

int rows_add_case(Rows *rows, const CaseResult *a, const CaseResult *b, bool paired, Err *err)
{
    Figure figures[FIGURES_MAX];
    ptrdiff_t n = figures_of(b, rows->opts->rules, figures);
    for (ptrdiff_t i = 0; i < n; i++) {
        const Figure *f = &figures[i];
        ptrdiff_t na = 0, nb = 0;
        const double *va = figure_values(a, f, &na), *vb = figure_values(b, f, &nb);
        if (!va || !vb)
            continue;
        CompareRow row = { .case_name = b->name,
                           .reference = arena_strdup(rows->arena, a->name),
                           .metric = f->name,
                           .unit = f->unit,
                           .better = f->better,
                           .value_a = figure_median(rows->arena, va, na),
                           .value_b = figure_median(rows->arena, vb, nb) };
        row.difference = row.value_b - row.value_a;
        Evidence e = collect(rows, f, a, b, paired);
        CompareRow *r = add_row(rows, e, row);
        TRY(interval_first(rows->opts, &rows->evidence[rows->n_evidence - 1], r, err));
        if (e.looks && strcmp(r->method, "paired sign test") == 0)
            r->method = arena_printf(rows->arena, "paired sign test, look %d", e.looks->n_looks);
    }
    return 0;
}

static Verdict by_direction(const CompareRow *row, bool grew)
{
    return grew == (row->better == BETTER_LOWER) ? VERDICT_REGRESSED : VERDICT_IMPROVED;
}

static Verdict decide_verdict(const Rows *rows, const Evidence *e, CompareRow *row)
{
    double above = 1 + rows->c->min_effect, below = 1 / above;
    if (e->grade_a == GRADE_INVALID || e->grade_b == GRADE_INVALID)
        return VERDICT_INVALID;
    if (isnan(row->ratio_low) || isnan(row->ratio_high))
        return VERDICT_INCONCLUSIVE;
    bool grew = row->ratio_low > above, shrank = row->ratio_high < below;
    if ((grew || shrank) && fabs(row->difference) < e->floor) {
        row->note = "shown, but smaller than the smallest difference that matters for this metric";
        return VERDICT_UNCHANGED;
    }
    if (grew || shrank)
        return by_direction(row, grew);
    bool within = row->ratio_low >= below && row->ratio_high <= above;
    return within ? VERDICT_UNCHANGED : VERDICT_INCONCLUSIVE;
}

/* invalid > regressed > inconclusive > improved > unchanged */
static int gravity(Verdict v)
{
    static const int order[] = { [VERDICT_UNCHANGED] = 0,
                                 [VERDICT_IMPROVED] = 1,
                                 [VERDICT_INCONCLUSIVE] = 2,
                                 [VERDICT_REGRESSED] = 3,
                                 [VERDICT_INVALID] = 4 };
    return order[v];
}

static bool is_wall_time(const CompareRow *row)
{
    return strcmp(row->unit, "ns") == 0 && strcmp(row->metric, "cpu") != 0;
}

/* A wall-clock figure held against a stored one blocks only where no trial of one side reaches into
 * the other's range and neither side is suspect: shared machines drift by more than most rules
 * allow. */
static void restrain(const Rows *rows, const Evidence *e, CompareRow *row)
{
    if (rows->opts->fresh_pairs || row->action != ACTION_BLOCK || !is_wall_time(row))
        return;
    bool clean = e->grade_a == GRADE_VALID && e->grade_b == GRADE_VALID;
    if (e->separated && clean) {
        row->note = "no trial of one side reaches into the other's range, so the stored baseline "
                    "may block";
        return;
    }
    row->action = ACTION_REVIEW;
    row->note = "stored wall-clock times overlap or are suspect: not blocking; measure both sides "
                "side by side with --against";
}

/* Below a least number of rounds no evidence reaches the level, however large the effect. */
static void demand_rounds(Rows *rows, const Evidence *e, CompareRow *row, double level)
{
    if (interval_can_tell(e, level))
        return;
    double least = (double)interval_least_n(e, level);
    row->note = arena_printf(rows->arena, "too few %s to judge: at least %.0f are needed",
                             e->paired ? "rounds" : "trials on a side", least);
    row->rounds_more = fmax(row->rounds_more, least - (double)row->n);
}

/* The median of ratios need not lie on the side that the ratio of medians does. */
static void explain_drift(const Evidence *e, CompareRow *row)
{
    double apart = (row->value_b - row->value_a) * (row->ratio - 1);
    if (e->paired && apart < 0 && !row->note)
        row->note = "the change is the median over pairs of the same round; the machine drifted "
                    "between rounds";
}

static void decide_row(Rows *rows, ptrdiff_t i)
{
    CompareRow *row = &rows->c->rows[i];
    const Evidence *e = &rows->evidence[i];
    if (!*row->metric)
        return;
    row->verdict = decide_verdict(rows, e, row);
    const SeverityAsk ask = { rows->opts->rules, rows->c, rows->arena, rows->at_wall_ns };
    if (!rows->ruleless)
        severity_decide(&ask, row, e->distribution);
    restrain(rows, e, row);
    triage_decide(rows, row);
    explain_drift(e, row);
    if (row->verdict != VERDICT_INCONCLUSIVE)
        row->rounds_more = (double)NAN;
}

static void decide_whole(Rows *rows)
{
    Comparison *c = rows->c;
    bool blocks = false, missing = false;
    for (ptrdiff_t i = 0; i < c->n; i++) {
        if (gravity(c->rows[i].verdict) > gravity(c->verdict))
            c->verdict = c->rows[i].verdict;
        blocks |= c->rows[i].action == ACTION_BLOCK;
        missing |= !*c->rows[i].metric;
    }
    bool undecided = missing || c->verdict == VERDICT_INCONCLUSIVE;
    c->exit_code = c->verdict == VERDICT_INVALID     ? ASSAY_INVALID
                   : blocks                          ? ASSAY_REGRESSED
                   : rows->opts->strict && undecided ? ASSAY_INCONCLUSIVE
                                                     : ASSAY_OK;
}

/* What the row shows at the level that the correction leaves it. */
static int draw_at(Rows *rows, ptrdiff_t i, double level, Err *err)
{
    Evidence *e = &rows->evidence[i];
    CompareRow *row = &rows->c->rows[i];
    TRY(interval_at(rows->opts, e, row, level, err));
    interval_power(rows->opts, e, row, level);
    demand_rounds(rows, e, row, level);
    return 0;
}

/* p: in as tested, out adjusted; level[n]: at which each row's interval is drawn. */
static int correct(const Rows *rows, double *p, ptrdiff_t n, double *level, Err *err)
{
    double alpha = 1 - rows->opts->confidence;
    if (rows->opts->correction == CORRECTION_BH) {
        TRY(bh_levels(p, n, alpha, level, err));
        return bh_adjust(p, n, p, err);
    }
    TRY(holm_levels(p, n, alpha, level, err));
    return holm_adjust(p, n, p, err);
}

int rows_decide(Rows *rows, Err *err)
{
    ptrdiff_t n = rows->c->n;
    double *p = ARENA_ARRAY(rows->arena, double, n), *level = ARENA_ARRAY(rows->arena, double, n);
    for (ptrdiff_t i = 0; i < n; i++)
        p[i] = rows->evidence[i].p_beyond;
    TRY(correct(rows, p, n, level, err));
    for (ptrdiff_t i = 0; i < n; i++) {
        rows->c->rows[i].p_adjusted = p[i];
        if (!isnan(level[i]))
            TRY(draw_at(rows, i, level[i], err));
        decide_row(rows, i);
    }
    decide_whole(rows);
    return 0;
}
