/* assay triage: what was said of results, and how often the reports were right. */
#include "cmd/triage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/db.h"
#include "cmd/stores.h"
#include "model/json_parts.h"

typedef struct TriageOpts {
    const char *store;
    bool json, all;
} TriageOpts;

static const Opt triage_opts[] = {
    { .type = OPT_HEAD, .name = "Triage" },
    OPT(TriageOpts, all, BOOL, .letter = 'a', .help = "also what was taken back or has ended"),
    OPT(TriageOpts, json, BOOL, .help = "print assay.triage/1"),
    OPT(TriageOpts, store, STR, .arg = "PATH", .help = "where runs are kept"),
    { .type = OPT_END },
};

static const OptSet *triage_sets(Ctx *ctx)
{
    TriageOpts *o = ARENA_NEW(&ctx->arena, TriageOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ triage_opts, o };
    ctx->own = o;
    return sets;
}

/* What became of the regressions that were reported. */
typedef struct Right {
    ptrdiff_t reported, by_kind[TRIAGE_INVALID + 1], open;
    double precision; /* NaN: none was judged */
} Right;

static Right count_right(const TriageList *l, const TriageAsk *asked, ptrdiff_t n)
{
    Right r = { .reported = n };
    for (ptrdiff_t i = 0; i < n; i++) {
        const Triage *t = triage_find(l, &asked[i]);
        if (t)
            r.by_kind[t->kind]++;
        else
            r.open++;
    }
    double real = (double)(r.by_kind[TRIAGE_ACK] + r.by_kind[TRIAGE_EXPECT]);
    double judged = real + (double)r.by_kind[TRIAGE_FALSE];
    r.precision = judged > 0 ? real / judged : (double)NAN;
    return r;
}

static bool is_over(const Triage *t)
{
    return t->undone_wall_ns || (t->until_wall_ns && clock_wall_ns() >= t->until_wall_ns);
}

static json_t *entry_json(const Triage *t)
{
    json_t *o = json_object();
    put_text(o, "id", t->id);
    put_text(o, "kind", triage_name(t->kind));
    put_text(o, "case", t->case_name);
    put_text(o, "metric", t->metric);
    put_text(o, "run", t->run_id);
    put_text(o, "commit", t->commit);
    put_num(o, "change", t->change);
    put_text(o, "by", t->author);
    put_text(o, "reason", t->reason);
    put_time(o, "set_at", t->set_wall_ns);
    put_time(o, "from", t->from_wall_ns);
    put_time(o, "until", t->until_wall_ns);
    put_time(o, "undone_at", t->undone_wall_ns);
    put(o, "active", json_boolean(!is_over(t)));
    return o;
}

static json_t *right_json(const Right *r)
{
    json_t *o = json_object();
    put(o, "reported", json_integer(r->reported));
    put(o, "acknowledged", json_integer(r->by_kind[TRIAGE_ACK]));
    put(o, "expected", json_integer(r->by_kind[TRIAGE_EXPECT]));
    put(o, "false", json_integer(r->by_kind[TRIAGE_FALSE]));
    put(o, "open", json_integer(r->open));
    put_num(o, "precision", r->precision);
    return o;
}

static int print_json(Ctx *ctx, const TriageList *l, const Right *r)
{
    CLEANUP(json_free) json_t *j = json_object();
    json_t *entries = json_array();
    put_text(j, "schema", "assay.triage/1");
    for (ptrdiff_t i = 0; i < l->n; i++)
        append(entries, entry_json(&l->v[i]));
    put(j, "entries", entries);
    if (r)
        put(j, "regressions", right_json(r));
    return db_print(ctx, j);
}

static void print_entry(Ctx *ctx, const Triage *t)
{
    char iso[CLOCK_ISO_MAX];
    printf("%-13s %s%s%s%s%s\n", t->id, t->case_name ? t->case_name : "",
           t->case_name && t->kind == TRIAGE_INVALID ? "@" : "",
           t->kind == TRIAGE_INVALID ? t->run_id : "", t->metric ? "  " : "",
           t->metric ? t->metric : "");
    printf("    %s (%.10s)", triage_words(t, &ctx->arena), clock_iso(iso, t->set_wall_ns));
    if (t->undone_wall_ns)
        printf(", taken back %.10s", clock_iso(iso, t->undone_wall_ns));
    putchar('\n');
}

static void print_right(const Right *r)
{
    char share[FMT_MAX];
    printf("%td regression%s reported by stored runs: %td acknowledged, %td expected, %td false, "
           "%td open",
           r->reported, r->reported == 1 ? "" : "s", r->by_kind[TRIAGE_ACK],
           r->by_kind[TRIAGE_EXPECT], r->by_kind[TRIAGE_FALSE], r->open);
    if (!isnan(r->precision))
        printf("; %s of those judged were right", fmt_share(share, r->precision));
    putchar('\n');
}

int triage_print(Ctx *ctx, const TriageList *l, bool json)
{
    if (json)
        return print_json(ctx, l, NULL);
    for (ptrdiff_t i = 0; i < l->n; i++)
        print_entry(ctx, &l->v[i]);
    return ASSAY_OK;
}

static TriageList standing(Ctx *ctx, const TriageList *all)
{
    TriageList l = { 0 };
    for (ptrdiff_t i = 0; i < all->n; i++)
        if (!is_over(&all->v[i]))
            ARENA_PUSH(&ctx->arena, l.v, l.n, l.cap, all->v[i]);
    return l;
}

static int triage_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const TriageOpts *o = ctx->own;
    CLEANUP(store_closep) Store *s = NULL;
    TriageList all = { 0 };
    TriageAsk *asked;
    ptrdiff_t n;
    Err err = { 0 };
    if (pos->n)
        return cmd_usage(ctx, &cmd_triage, "takes no words: it lists what was said");
    if (open_place(ctx, store_place(ctx, o->store, "."), STORE_READ, &s, &err) < 0 ||
        store_triage_list(s, &ctx->arena, &all, &err) < 0 ||
        store_regressed_list(s, &ctx->arena, &asked, &n, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    Right right = count_right(&all, asked, n);
    TriageList shown = o->all ? all : standing(ctx, &all);
    if (o->json)
        return print_json(ctx, &shown, &right);
    int code = triage_print(ctx, &shown, false);
    print_right(&right);
    return code;
}

const Cmd cmd_triage = {
    .name = "triage",
    .args = "",
    .summary = "what was said of regressions and runs, and how often reports were right",
    .about = "Lists what stands of `assay ack`, `assay expect` and `assay invalid`: who said what, "
             "when,\n"
             "why, and until when. Below it, how many of the regressions that stored runs reported "
             "were\n"
             "real (acknowledged or expected) and how many were false alarms.\n\n"
             "Examples:\n"
             "  assay triage\n"
             "  assay triage --all --json\n",
    .sets = triage_sets,
    .run = triage_run,
};
