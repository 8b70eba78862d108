#include "cmd/functions.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "stats/growth.h"

enum { GROWTH_POINTS = 256 };

/* The case of the plan that measures the same function of another program or side. */
static LabCase *find_rival(FunctionPlan *plan, const LabProgram *own, const void *scope,
                           const char *name)
{
    for (ptrdiff_t i = 0; i < plan->n; i++) {
        LabFunction *f = plan->cases[i].function;
        if (f->program != own && f->scope == scope && !f->like && strcmp(f->name, name) == 0)
            return &plan->cases[i];
    }
    return NULL;
}

static const char *case_name(Run *r, const FunctionSource *src, const FunctionCase *f, bool rival)
{
    const char *name = src->prefix ? arena_printf(&r->arena, "%s/%s", src->prefix, f->name)
                                   : arena_strdup(&r->arena, f->name);
    if (rival && src->suffix)
        name = arena_printf(&r->arena, "%s@%s", name, src->suffix);
    const char *distinct = name;
    for (int k = 2; run_find_case(r, distinct, src->side); k++)
        distinct = arena_printf(&r->arena, "%s (%d)", name, k);
    return distinct;
}

static void copy_params(Run *r, StrMap *to, const StrMap *from)
{
    for (ptrdiff_t i = 0; from && i < from->n; i++)
        strmap_set(&r->arena, to, arena_strdup(&r->arena, from->v[i].key),
                   arena_strdup(&r->arena, from->v[i].value));
}

static CaseResult *add_result(Run *r, const FunctionSource *src, const FunctionCase *f,
                              const LabCase *rival)
{
    const char *bench = src->benchmark ? src->benchmark : f->benchmark;
    CaseResult *c =
        run_add_case(r, case_name(r, src, f, rival != NULL), bench, KIND_FUNCTION, src->side);
    c->component = src->component;
    copy_params(r, &c->params, src->params);
    if (src->benchmark)
        strmap_set(&r->arena, &c->params, "function", arena_strdup(&r->arena, f->benchmark));
    copy_params(r, &c->params, &f->params);
    for (ptrdiff_t i = 0; src->side == SIDE_HEAD && i < src->n_expects; i++)
        ARENA_PUSH(&r->arena, c->expects, c->n_expects, c->cap_expects, src->expects[i]);
    if (rival && rival->result->side == src->side)
        c->reference = rival->result->name;
    return c;
}

static LabFunction *new_function(Ctx *ctx, const FunctionSource *src, LabProgram *program,
                                 const FunctionCase *f, LabCase *rival)
{
    LabFunction *out = ARENA_NEW(&ctx->arena, LabFunction);
    *out = (LabFunction){ .program = program,
                          .scope = src->scope,
                          .name = f->name,
                          .index = f->index,
                          .threads = f->threads,
                          .like = rival ? rival->function : NULL,
                          .law = f->law,
                          .law_text = f->law_text,
                          .n = f->n,
                          .law_of_n = f->law_of_n,
                          .epoch_ns = src->spec->epoch,
                          .each = src->spec->each,
                          .allocations = src->spec->allocations,
                          .meter = src->spec->meter };
    return out;
}

static void add_case(Ctx *ctx, Run *r, const FunctionSource *src, LabProgram *program,
                     const FunctionCase *f, FunctionPlan *plan)
{
    LabCase *rival = find_rival(plan, program, src->scope, f->name);
    LabCase c = { .result = add_result(r, src, f, rival),
                  .pace = src->pace,
                  .group = rival ? rival->group : plan->next_group++,
                  .function = new_function(ctx, src, program, f, rival) };
    ARENA_PUSH(&ctx->arena, plan->cases, plan->n, plan->cap, c);
}

static LabProgram *add_program(Ctx *ctx, const FunctionSource *src, FunctionPlan *plan)
{
    LabProgram *p = ARENA_NEW(&ctx->arena, LabProgram);
    p->job = (FunctionJob){ .argv = &src->spec->argv,
                            .cwd = src->spec->cwd ? src->spec->cwd : src->cwd,
                            .env = &src->spec->env,
                            .stop = ctx->stop };
    ARENA_PUSH(&ctx->arena, plan->programs, plan->n_programs, plan->cap_programs, p);
    return p;
}

static int ask(Ctx *ctx, const FunctionJob *job, FunctionCase **ret, ptrdiff_t *ret_n, Err *err)
{
    CLEANUP(function_closep) FunctionProgram *p = NULL;
    TRY(function_open(&p, job, err));
    return function_list(p, &ctx->arena, ret, ret_n, err);
}

int functions_plan(Ctx *ctx, Run *r, const FunctionSource *src, FunctionPlan *plan, Err *err)
{
    FunctionCase *found = NULL;
    ptrdiff_t n = 0, before = plan->n;
    LabProgram *program = add_program(ctx, src, plan);
    TRY(ask(ctx, &program->job, &found, &n, err));
    for (ptrdiff_t i = 0; i < n; i++)
        if (!src->spec->filter || str_glob(str(src->spec->filter), str(found[i].name)) ||
            str_glob(str(src->spec->filter), str(found[i].benchmark)))
            add_case(ctx, r, src, program, &found[i], plan);
    if (plan->n > before)
        return 0;
    const char *name = src->spec->argv.v[0];
    if (n == 0)
        return err_set(err, -EINVAL, "'%s' registers no benchmark (ASSAY_BENCH)", name);
    return err_set(err, -EINVAL, "no function of '%s' matches '%s'; it has '%s'%s", name,
                   src->spec->filter, found[0].name, n > 1 ? " and others" : "");
}

LabProgram *functions_programs(Ctx *ctx, FunctionPlan *plan)
{
    LabProgram *all = ARENA_ARRAY(&ctx->arena, LabProgram, plan->n_programs);
    for (ptrdiff_t i = 0; i < plan->n_programs; i++) {
        all[i] = *plan->programs[i];
        for (ptrdiff_t k = 0; k < plan->n; k++)
            if (plan->cases[k].function->program == plan->programs[i])
                plan->cases[k].function->program = &all[i];
    }
    return all;
}

/* ---- growth ---- */

/* Cases that differ in the size alone: same program, benchmark, and all parameters but the one that
 * is n. The parameter's name is not known here; its value is. */
static bool same_series(const LabCase *a, const LabCase *b)
{
    const CaseResult *x = a->result, *y = b->result;
    if (a->function->program != b->function->program || strcmp(x->benchmark, y->benchmark) != 0 ||
        x->params.n != y->params.n)
        return false;
    int differ = 0;
    for (ptrdiff_t i = 0; i < x->params.n; i++)
        differ += strcmp(x->params.v[i].value, y->params.v[i].value) != 0;
    return differ == 0 || (differ == 1 && a->function->n != b->function->n);
}

typedef struct Points {
    double n[GROWTH_POINTS], t[GROWTH_POINTS], f[GROWTH_POINTS];
    ptrdiff_t count;
} Points;

static void gather(const FunctionPlan *plan, const LabCase *like, Points *p)
{
    for (ptrdiff_t i = 0; i < plan->n && p->count < GROWTH_POINTS; i++) {
        const LabCase *c = &plan->cases[i];
        const MetricSummary *m = case_find_metric(c->result, "time");
        if (!same_series(like, c) || !m || !(m->p50 > 0))
            continue;
        p->n[p->count] = c->function->n;
        p->f[p->count] = c->function->law_of_n;
        p->t[p->count++] = m->p50;
    }
}

static bool is_last(const FunctionPlan *plan, ptrdiff_t i)
{
    for (ptrdiff_t k = i + 1; k < plan->n; k++)
        if (same_series(&plan->cases[i], &plan->cases[k]))
            return false;
    return true;
}

void functions_note_growth(Run *r, const FunctionPlan *plan)
{
    for (ptrdiff_t i = 0; i < plan->n; i++) {
        const LabCase *c = &plan->cases[i];
        if (c->function->law == FUNCTION_LAW_NONE || !is_last(plan, i))
            continue;
        Points p = { .count = 0 };
        char factor[FMT_MAX], residual[FMT_MAX];
        gather(plan, c, &p);
        bool own = c->function->law == FUNCTION_LAW_OWN;
        Growth g = own ? growth_fit_values(p.f, p.t, p.count) : growth_fit(p.n, p.t, p.count);
        if (isnan(g.factor))
            continue;
        const char *law = own ? c->function->law_text : growth_name(g.law);
        c->result->note = arena_printf(
            &r->arena, "grows as O(%s): %s \xc2\xb7 %s over %td sizes, residual %s%s", law,
            fmt_duration(factor, g.factor), law, p.count, fmt_share(residual, g.residual),
            g.residual > 0.25 ? "; no law fits well" : "");
    }
}
