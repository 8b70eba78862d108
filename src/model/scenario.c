#include "model/scenario.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/think.h"

const char *const feed_orders[] = { "circular", "random", "unique", NULL };
static const char *const failure_names[] = { "stop", "continue", NULL };
static const char *const session_names[] = { "user", "pass", NULL };

const Opt scenario_opts[] = {
    { .type = OPT_HEAD, .name = "Scenario" },
    OPT(ScenarioSpec, weight, F64, .dflt = "1", .min = 1e-6, .max = 1e6,
        .help = "how often it is drawn, beside the others' weights"),
    OPT(ScenarioSpec, feed, STR, .arg = "FILE",
        .help = "rows (CSV with a line of names, or .jsonl) for ${feed.COLUMN}, one for each pass"),
    OPT(ScenarioSpec, feed_order, ENUM, .dflt = "circular", .choices = feed_orders,
        .help = "which row a pass takes: the next one, any, or one of its user's own"),
    OPT(ScenarioSpec, script, STR, .arg = "FILE",
        .help = "Lua functions for 'script' steps and checks"),
    OPT(ScenarioSpec, on_failure, ENUM, .dflt = "stop", .choices = failure_names,
        .help = "after a request that failed: the pass ends, or goes on"),
    OPT(ScenarioSpec, session, ENUM, .dflt = "user", .choices = session_names,
        .help = "who keeps cookies, extracted values and the login: a user over all its passes, or "
                "each pass for itself"),
    { .type = OPT_END },
};

bool scenario_name_ok(Str name)
{
    for (ptrdiff_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return name.len > 0 && name.len <= SCENARIO_NAME_MAX;
}

/* ---- conditions ---- */

int step_condition_parse(const char *text, StepCondition *ret, Err *err)
{
    Str all = str_trim(str(text));
    ptrdiff_t equal = str_find(all, STR("==")), other = str_find(all, STR("!="));
    ptrdiff_t at = equal >= 0 && (other < 0 || equal < other) ? equal : other;
    StepCondition c = { .variable = str_trim(str_slice(all, 0, at < 0 ? all.len : at)),
                        .compares = at >= 0,
                        .negated = at >= 0 && at == other };
    if (at >= 0)
        c.text = str_trim(str_slice(all, at + 2, all.len));
    if (!scenario_name_ok(c.variable))
        return err_set(err, -EINVAL,
                       "'%.60s' is not of the form 'name', 'name == text' or 'name "
                       "!= text'",
                       text);
    *ret = c;
    return 0;
}

/* ---- checks ---- */

static bool always(const StepSpec *s)
{
    switch (s->kind) {
    case STEP_REQUEST:
        return true;
    case STEP_LOOP:
    case STEP_GROUP:
    case STEP_PARALLEL:
        return steps_always_ask(&s->steps);
    case STEP_IF:
        return steps_always_ask(&s->steps) && steps_always_ask(&s->otherwise);
    case STEP_THINK:
    case STEP_ONCE:
    case STEP_SCRIPT:
        break;
    }
    return false;
}

bool steps_always_ask(const StepList *l)
{
    for (ptrdiff_t i = 0; i < l->n; i++)
        if (always(&l->v[i]))
            return true;
    return false;
}

static ptrdiff_t width(const StepList *l)
{
    ptrdiff_t most = 1;
    for (ptrdiff_t i = 0; i < l->n; i++) {
        const StepSpec *s = &l->v[i];
        most = MAX(most, s->kind == STEP_PARALLEL ? s->steps.n : width(&s->steps));
        most = MAX(most, width(&s->otherwise));
    }
    return most;
}

ptrdiff_t scenarios_width(const ScenarioList *l)
{
    ptrdiff_t most = 1;
    for (ptrdiff_t i = 0; i < l->n; i++)
        most = MAX(most, MAX(width(&l->v[i].login), width(&l->v[i].steps)));
    return most;
}

typedef struct Check {
    const ScenarioList *all;
    ptrdiff_t n_steps, n_onces;
} Check;

static bool knows(const StrList *vars, Str name)
{
    for (ptrdiff_t i = 0; i < vars->n; i++)
        if (str_eqz(name, vars->v[i]))
            return true;
    return false;
}

static int check_condition(const Check *c, const StepSpec *s, Err *err)
{
    StepCondition cond;
    TRY(step_condition_parse(s->condition, &cond, err));
    if (knows(&c->all->vars, cond.variable))
        return 0;
    return err_set(err, -EINVAL, "if: no step extracts a value called '" STR_FMT "'",
                   STR_ARG(cond.variable));
}

static int check_parallel(const StepSpec *s, Err *err)
{
    if (s->steps.n < 2 || s->steps.n > SCENARIO_PARALLEL_MAX)
        return err_set(err, -EINVAL, "parallel: wants 2 to %d requests, not %td",
                       (int)SCENARIO_PARALLEL_MAX, s->steps.n);
    for (ptrdiff_t i = 0; i < s->steps.n; i++)
        if (s->steps.v[i].kind != STEP_REQUEST)
            return err_set(err, -EINVAL, "parallel: holds requests and nothing else");
    return 0;
}

static int check_steps(Check *c, const StepList *l, int depth, Err *err);

static int check_step(Check *c, const StepSpec *s, int depth, Err *err)
{
    Think think;
    Err why = { 0 };
    if (++c->n_steps > SCENARIO_STEPS_MAX)
        return err_set(err, -EINVAL, "a load has at most %d steps", (int)SCENARIO_STEPS_MAX);
    c->n_onces += s->kind == STEP_ONCE;
    if (s->kind == STEP_THINK && think_parse(s->think, &think, &why) < 0)
        return err_set(err, -EINVAL, "think: %s", why.msg);
    if (s->kind == STEP_IF)
        TRY(check_condition(c, s, err));
    if (s->kind == STEP_PARALLEL)
        TRY(check_parallel(s, err));
    TRY(check_steps(c, &s->steps, depth + 1, err));
    return check_steps(c, &s->otherwise, depth + 1, err);
}

static int check_steps(Check *c, const StepList *l, int depth, Err *err)
{
    if (l->n && depth > SCENARIO_DEPTH_MAX)
        return err_set(err, -EINVAL, "steps stand within steps more than %d deep",
                       (int)SCENARIO_DEPTH_MAX);
    for (ptrdiff_t i = 0; i < l->n; i++)
        TRY(check_step(c, &l->v[i], depth, err));
    return 0;
}

static int check_scenario(Check *c, const ScenarioSpec *s, Err *err)
{
    c->n_onces += s->login.n > 0;
    TRY(check_steps(c, &s->login, 0, err));
    TRY(check_steps(c, &s->steps, 0, err));
    if (!steps_always_ask(&s->steps))
        return err_set(err, -EINVAL,
                       "no request stands in it that every pass makes (outside 'once' and 'if')");
    return 0;
}

int scenarios_check(const ScenarioList *l, Err *err)
{
    Check c = { .all = l };
    if (l->n > SCENARIOS_MAX)
        return err_set(err, -EINVAL, "scenarios: more than %d", (int)SCENARIOS_MAX);
    for (ptrdiff_t i = 0; i < l->n; i++)
        if (check_scenario(&c, &l->v[i], err) < 0)
            return err_wrap(err, "%s", l->v[i].name);
    if (c.n_onces > SCENARIO_ONCES_MAX)
        return err_set(err, -EINVAL, "more than %d of 'once' and 'login'", (int)SCENARIO_ONCES_MAX);
    return 0;
}
