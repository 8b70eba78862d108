#include "load/scenario.h"

#include <errno.h>

typedef struct Compiler {
    Arena *a;
    const ScenarioList *list;
    const Driver *driver;
    const void *target;
    Scenarios *all;
    Scenario *s;
    TemplateEnv env;
} Compiler;

static int emit(Compiler *c, Play play)
{
    ARENA_PUSH(c->a, c->s->code, c->s->n, c->s->cap, play);
    return (int)c->s->n - 1;
}

static int add_span(Compiler *c, const char *name)
{
    ARENA_PUSH(c->a, c->all->spans, c->all->n_spans, c->all->cap_spans, name);
    return (int)c->all->n_spans - 1;
}

static const char *full_name(Compiler *c, const StepSpec *s)
{
    return arena_printf(c->a, "%s.%s", c->s->name, s->name);
}

static int prepare(Compiler *c, const void *opts, void *request, Err *err)
{
    const Driver *d = c->driver;
    if (d->prepare_step)
        return d->prepare_step(c->target, opts, c->env, request, err);
    return d->prepare_request ? d->prepare_request(c->target, opts, request, err) : 0;
}

/* Becomes step number all->n_steps. */
static int add_request(Compiler *c, const StepSpec *s, Err *err)
{
    Scenarios *all = c->all;
    void *request = arena_alloc(c->a, MAX(c->driver->request_bytes, (ptrdiff_t)1));
    const char *name = full_name(c, s);
    if (prepare(c, s->request_opts, request, err) < 0)
        return err_wrap(err, "scenarios.%s", name);
    ptrdiff_t n = all->n_steps;
    ARENA_PUSH(c->a, all->requests, n, all->cap_requests, request);
    ARENA_PUSH(c->a, all->steps, all->n_steps, all->cap_steps, name);
    return 0;
}

static int compile_request(Compiler *c, const StepSpec *s, Err *err)
{
    emit(c, (Play){ .code = PLAY_REQUEST, .index = (int)c->all->n_steps });
    return add_request(c, s, err);
}

static int compile_parallel(Compiler *c, const StepList *l, Err *err)
{
    emit(c,
         (Play){ .code = PLAY_PARALLEL, .index = (int)c->all->n_steps, .times = (uint32_t)l->n });
    for (ptrdiff_t i = 0; i < l->n; i++)
        TRY(add_request(c, &l->v[i], err));
    return 0;
}

static int compile_steps(Compiler *c, const StepList *l, int depth, Err *err);

static int compile_loop(Compiler *c, const StepSpec *s, int depth, Err *err)
{
    int begin = emit(c, (Play){ .code = PLAY_LOOP, .depth = depth, .times = s->times });
    TRY(compile_steps(c, &s->steps, depth + 1, err));
    emit(c, (Play){ .code = PLAY_AGAIN, .depth = depth, .to = begin + 1 });
    return 0;
}

static int compile_if(Compiler *c, const StepSpec *s, int depth, Err *err)
{
    Play test = { .code = PLAY_IF };
    TRY(step_condition_parse(s->condition, &test.condition, err));
    test.var = template_var(c->all->vars, test.condition.variable);
    int at = emit(c, test);
    TRY(compile_steps(c, &s->steps, depth + 1, err));
    int over = s->otherwise.n ? emit(c, (Play){ .code = PLAY_JUMP }) : -1;
    c->s->code[at].to = (int)c->s->n;
    TRY(compile_steps(c, &s->otherwise, depth + 1, err));
    if (over >= 0)
        c->s->code[over].to = (int)c->s->n;
    return 0;
}

static int compile_once(Compiler *c, const StepList *l, int depth, Err *err)
{
    int index = c->all->n_onces++;
    int at = emit(c, (Play){ .code = PLAY_ONCE, .index = index });
    TRY(compile_steps(c, l, depth + 1, err));
    emit(c, (Play){ .code = PLAY_ONCE_END, .index = index });
    c->s->code[at].to = (int)c->s->n;
    return 0;
}

static int compile_group(Compiler *c, const StepSpec *s, int depth, Err *err)
{
    int span = add_span(c, full_name(c, s));
    emit(c, (Play){ .code = PLAY_GROUP, .depth = depth });
    TRY(compile_steps(c, &s->steps, depth + 1, err));
    emit(c, (Play){ .code = PLAY_GROUP_END, .depth = depth, .index = span });
    return 0;
}

static int compile_think(Compiler *c, const StepSpec *s, Err *err)
{
    Play pause = { .code = PLAY_THINK };
    TRY(think_parse(s->think, &pause.think, err));
    emit(c, pause);
    return 0;
}

static int compile_script(Compiler *c, const StepSpec *s, Err *err)
{
    int fn = script_find(c->s->script, str(s->script), err);
    if (fn < 0)
        return err_wrap(err, "scenarios.%s", c->s->name);
    emit(c, (Play){ .code = PLAY_SCRIPT, .index = fn });
    return 0;
}

static int compile_step(Compiler *c, const StepSpec *s, int depth, Err *err)
{
    switch (s->kind) {
    case STEP_REQUEST:
        return compile_request(c, s, err);
    case STEP_THINK:
        return compile_think(c, s, err);
    case STEP_LOOP:
        return compile_loop(c, s, depth, err);
    case STEP_IF:
        return compile_if(c, s, depth, err);
    case STEP_ONCE:
        return compile_once(c, &s->steps, depth, err);
    case STEP_GROUP:
        return compile_group(c, s, depth, err);
    case STEP_PARALLEL:
        return compile_parallel(c, &s->steps, err);
    case STEP_SCRIPT:
        return compile_script(c, s, err);
    }
    return 0;
}

static int compile_steps(Compiler *c, const StepList *l, int depth, Err *err)
{
    for (ptrdiff_t i = 0; i < l->n; i++)
        TRY(compile_step(c, &l->v[i], depth, err));
    return 0;
}

static int compile_login(Compiler *c, const ScenarioSpec *spec, Err *err)
{
    if (!spec->login.n)
        return 0;
    c->s->login_once = c->all->n_onces;
    TRY(compile_once(c, &spec->login, 0, err));
    c->s->login_end = (int)c->s->n;
    return 0;
}

static int compile_scenario(Compiler *c, const ScenarioSpec *spec, Err *err)
{
    c->s->name = spec->name;
    c->s->goes_on = spec->on_failure == FAILURE_CONTINUES;
    c->s->every_pass = spec->session == SESSION_PASS;
    c->s->span = add_span(c, spec->name);
    if (spec->feed &&
        feed_read(c->a, spec->feed, (FeedOrder)spec->feed_order, &c->s->feed, err) < 0)
        return err_wrap(err, "scenarios.%s", spec->name);
    if (spec->script && script_prepare(c->a, spec->script, c->all->vars, &c->s->script, err) < 0)
        return err_wrap(err, "scenarios.%s", spec->name);
    c->env = (TemplateEnv){ .feed = c->s->feed, .vars = c->all->vars, .script = c->s->script };
    TRY(compile_login(c, spec, err));
    TRY(compile_steps(c, &spec->steps, 0, err));
    emit(c, (Play){ .code = PLAY_END });
    return 0;
}

static int compile_all(Compiler *c, Err *err)
{
    double sum = 0, upto = 0;
    for (ptrdiff_t i = 0; i < c->list->n; i++)
        sum += c->list->v[i].weight;
    for (ptrdiff_t i = 0; i < c->list->n; i++) {
        c->s = &c->all->v[i];
        TRY(compile_scenario(c, &c->list->v[i], err));
        upto += c->list->v[i].weight;
        c->s->upto = upto / sum;
    }
    return 0;
}

int scenarios_prepare(Arena *a, const ScenarioList *list, const Driver *d, const void *target,
                      Scenarios *ret, Err *err)
{
    *ret = (Scenarios){ .n = list->n, .vars = &list->vars };
    ret->v = ARENA_ARRAY(a, Scenario, list->n);
    Compiler c = { .a = a, .list = list, .driver = d, .target = target, .all = ret };
    int r = compile_all(&c, err);
    if (r < 0)
        scenarios_release(ret, d);
    return r;
}

void scenarios_release(Scenarios *s, const Driver *d)
{
    for (ptrdiff_t i = 0; d->release_request && i < s->n_steps; i++)
        d->release_request(s->requests[i]);
    for (ptrdiff_t i = 0; i < s->n; i++)
        script_release(s->v[i].script);
    *s = (Scenarios){ 0 };
}
