/* assay db prune and rollups: what goes with age, and what it was merged into. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/db.h"
#include "judge/history.h"
#include "store/upkeep.h"

static int read_age(const char *name, const char *text, uint64_t *ret, Err *err)
{
    *ret = RETENTION_FOREVER;
    if (str_eqz(str(text), "forever"))
        return 0;
    if (fmt_parse_duration(str(text), ret, err) < 0)
        return err_wrap(err, "--%s wants a duration or forever", name);
    return 0;
}

static int read_ages(const DbOpts *o, Retention *r, Err *err)
{
    TRY(read_age("raw", o->raw, &r->raw, err));
    TRY(read_age("hourly", o->hourly, &r->hourly, err));
    TRY(read_age("daily", o->daily, &r->daily, err));
    TRY(read_age("points", o->points, &r->points, err));
    TRY(read_age("regressions", o->regressions, &r->regressions, err));
    TRY(read_age("changes", o->changes, &r->changes, err));
    return read_age("named", o->named, &r->named, err);
}

/* The newest run before a confirmed change, and the first after it. */
static void take_change(Arena *a, StrList *l, const HistoryReport *r, ptrdiff_t index)
{
    for (ptrdiff_t i = MAX(index - 1, (ptrdiff_t)0); i <= index && i < r->h->n; i++)
        if (r->h->v[i].run)
            strlist_add(a, l, r->h->v[i].run);
}

static int changes_of(Ctx *ctx, Store *s, const char *name, StrList *l, Err *err)
{
    HistoryQuery q = { .case_name = name };
    HistoryOpts opts = { .limit = (double)NAN };
    HistoryReport r = { 0 };
    History h = { 0 };
    int found = store_history(s, &ctx->arena, &q, &h, err);
    if (found != 0)
        return MIN(found, 0);
    TRY(history_analyse(&h, &opts, &r, err));
    for (ptrdiff_t i = 0; i < r.changes.n; i++)
        if (r.changes.v[i].confirmed)
            take_change(&ctx->arena, l, &r, r.changes.v[i].index);
    history_report_done(&r);
    return 0;
}

/* Twice: the first look finds the cases whose histories say which runs stand at change points. */
static int plan(Ctx *ctx, Store *s, PruneOpts *o, PrunePlan *ret, Err *err)
{
    StrList changed = { 0 };
    TRY(store_prune_plan(s, &ctx->arena, o, ret, err));
    for (ptrdiff_t i = 0; o->keep.changes > o->keep.raw && i < ret->n_cases; i++)
        TRY(changes_of(ctx, s, ret->cases[i], &changed, err));
    if (changed.n == 0)
        return 0;
    o->changed = changed.v;
    o->n_changed = changed.n;
    return store_prune_plan(s, &ctx->arena, o, ret, err);
}

static int print_json(Ctx *ctx, const PrunePlan *p, bool done)
{
    CLEANUP(json_free)
    json_t *j =
        json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I}}",
                  "schema", "assay.db.prune/1", "done", done, "runs_to_roll_up",
                  (json_int_t)p->n_roll, "runs_to_remove", (json_int_t)p->n_drop, "histograms",
                  (json_int_t)p->histograms, "histogram_bytes", (json_int_t)p->histogram_bytes,
                  "series", (json_int_t)p->series, "series_bytes", (json_int_t)p->series_bytes,
                  "hours_to_merge", (json_int_t)p->hours, "days_to_remove", (json_int_t)p->days,
                  "kept", "baselines", (json_int_t)p->n_baselines, "named", (json_int_t)p->n_named,
                  "regressed", (json_int_t)p->n_regressed, "changed", (json_int_t)p->n_changed);
    return db_print(ctx, j);
}

static void print_text(const PrunePlan *p, bool done)
{
    char hists[FMT_MAX], series[FMT_MAX];
    const char *would = done ? "" : "would be ";
    printf("%td runs %srolled up: %llu distributions (%s) and %llu series (%s)\n", p->n_roll, would,
           (unsigned long long)p->histograms, fmt_size(hists, (double)p->histogram_bytes),
           (unsigned long long)p->series, fmt_size(series, (double)p->series_bytes));
    printf("%td runs %sremoved\n", p->n_drop, would);
    printf("%llu hours %smerged into days, %llu days %sremoved\n", (unsigned long long)p->hours,
           would, (unsigned long long)p->days, would);
    printf("kept whole although old: %td baselines, %td named, %td regressed, %td at a change\n",
           p->n_baselines, p->n_named, p->n_regressed, p->n_changed);
}

int db_prune(Ctx *ctx, const DbOpts *o)
{
    CLEANUP(store_closep) Store *s = NULL;
    PruneOpts opts = { .now_wall_ns = clock_wall_ns(), .stop = ctx->stop };
    PrunePlan p = { 0 };
    Err err = { 0 };
    if (read_ages(o, &opts.keep, &err) < 0)
        return cmd_usage(ctx, &cmd_db, "%s", err.msg);
    int code = db_open(ctx, o, o->dry_run ? STORE_READ : STORE_WRITE, &s);
    if (code != ASSAY_OK)
        return code;
    if (plan(ctx, s, &opts, &p, &err) < 0 || (!o->dry_run && store_prune(s, &opts, &p, &err) < 0))
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (stop_signal())
        return 128 + stop_signal();
    if (o->json)
        return print_json(ctx, &p, !o->dry_run);
    print_text(&p, !o->dry_run);
    return ASSAY_OK;
}

static json_t *rollup_json(const Rollup *x)
{
    char iso[CLOCK_ISO_MAX];
    const Hist *h = x->metric.hist;
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "span",
        x->day ? "day" : "hour", "start", json_text(clock_iso(iso, x->start_wall_ns)), "metric",
        json_text(x->metric.name), "unit", json_text(x->metric.unit), "branch",
        json_text(x->branch), "testbed", json_text(x->testbed.fingerprint), "trials",
        (json_int_t)x->trials, "count", (json_int_t)h->n, "p50", json_num(hist_quantile(h, 0.5)),
        "p90", json_num(hist_quantile(h, 0.9)), "p95", json_num(hist_quantile(h, 0.95)), "p99",
        json_num(hist_quantile(h, 0.99)), "p999", json_num(hist_quantile(h, 0.999)), "max",
        json_num(hist_quantile(h, 1)));
}

static void print_rollup(const Rollup *x)
{
    char iso[CLOCK_ISO_MAX], p50[FMT_MAX], p99[FMT_MAX];
    const Hist *h = x->metric.hist;
    printf("%-4s %.13s  %-14s %4lld trials %10llu samples  p50 %s  p99 %s  %s\n",
           x->day ? "day" : "hour", clock_iso(iso, x->start_wall_ns), x->metric.name,
           (long long)x->trials, (unsigned long long)h->n,
           fmt_value(p50, hist_quantile(h, 0.5), x->metric.unit),
           fmt_value(p99, hist_quantile(h, 0.99), x->metric.unit), x->branch);
}

int db_rollups(Ctx *ctx, const DbOpts *o, const char *case_name)
{
    CLEANUP(store_closep) Store *s = NULL;
    CLEANUP(rollup_list_done) RollupList l = { 0 };
    CLEANUP(json_free) json_t *list = json_array();
    Err err = { 0 };
    int code = db_open(ctx, o, STORE_READ, &s);
    if (code != ASSAY_OK)
        return code;
    if (store_rollup_list(s, &ctx->arena, case_name, &l, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    for (ptrdiff_t i = 0; i < l.n; i++) {
        if (o->json)
            json_array_append_new(list, rollup_json(&l.v[i]));
        else
            print_rollup(&l.v[i]);
    }
    return o->json ? db_print(ctx, list) : ASSAY_OK;
}
