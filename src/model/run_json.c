/* Writing assay.run/1: docs/schema/assay.run.1.schema.json says what each field means. */
#include "model/run_json.h"

#include "model/json_parts.h"

static json_t *rules_to_json(const RuleSet *set)
{
    json_t *a = json_array();
    for (ptrdiff_t i = 0; i < set->n; i++) {
        json_t *o = json_object();
        put_text(o, "severity", severity_name(set->v[i].severity));
        put_text(o, "action", action_name(set->v[i].action));
        put_text(o, "metric", set->v[i].metric);
        put_num(o, "change", set->v[i].change);
        put_text(o, "cases", set->v[i].cases);
        put_num(o, "min_change", set->v[i].min_change);
        put(o, "min_samples", json_integer(set->v[i].min_samples));
        put_text(o, "reason", set->v[i].reason);
        put_time(o, "until", set->v[i].until_wall_ns);
        append(a, o);
    }
    return a;
}

static json_t *head_to_json(const Run *r)
{
    json_t *o = json_object();
    put_text(o, "id", r->id);
    put_text(o, "suite", r->suite);
    put_text(o, "suite_path", r->suite_path);
    put_text(o, "commit", r->commit);
    put_text(o, "branch", r->branch);
    put(o, "dirty", json_boolean(r->dirty));
    put_time(o, "started_at", r->started_wall_ns);
    put_time(o, "finished_at", r->finished_wall_ns);
    put(o, "interrupted", json_boolean(r->interrupted));
    put_u64(o, "seed", r->seed);
    put_text(o, "tool", r->tool);
    put_text(o, "stop_rule", r->stop_rule);
    put_num(o, "min_effect", r->min_effect);
    put_num(o, "confidence", r->confidence);
    put_text(o, "correction", correction_names[r->correction]);
    put_map(o, "tags", &r->tags);
    put(o, "rules", rules_to_json(&r->rules));
    return o;
}

static json_t *testbed_to_json(const Testbed *t)
{
    json_t *o = json_object();
    put_text(o, "fingerprint", t->fingerprint);
    put_text(o, "host", t->host);
    put_text(o, "os", t->os);
    put_text(o, "kernel", t->kernel);
    put_text(o, "cpu", t->cpu);
    put(o, "cpus", t->cpus ? json_integer(t->cpus) : json_null());
    put(o, "memory_bytes", json_null());
    if (t->memory_bytes)
        put_u64(o, "memory_bytes", t->memory_bytes);
    put_text(o, "clock_source", t->clock_source);
    put_text(o, "virtualisation", t->virtualisation);
    put_text(o, "governor", t->governor);
    return o;
}

static json_t *trial_to_json(const Trial *t)
{
    json_t *o = json_object();
    put(o, "round", json_integer(t->round));
    put(o, "seq", json_integer(t->seq));
    put_time(o, "started_at", t->started_wall_ns);
    put_u64(o, "duration_ns", t->duration_ns);
    put(o, "exit_code", json_integer(t->exit_code));
    put(o, "signal", json_integer(t->signal));
    put(o, "outcomes", outcomes_to_json(t->has_outcomes, &t->outcomes));
    put(o, "validity", validity_to_json(&t->validity));
    return o;
}

static json_t *expectations_to_json(const CaseResult *c)
{
    json_t *a = json_array();
    for (ptrdiff_t i = 0; c->expectations && i < c->n_expects; i++) {
        json_t *o = json_object();
        put_text(o, "expr", c->expectations[i].expr);
        put(o, "held", json_boolean(c->expectations[i].held));
        put_num(o, "value", c->expectations[i].value);
        put_text(o, "unit", c->expectations[i].unit);
        append(a, o);
    }
    return a;
}

static void put_trials(json_t *o, const CaseResult *c, const Trial **trials)
{
    json_t *order = json_array(), *details = json_array();
    for (ptrdiff_t i = 0; i < c->n_trials; i++) {
        append(order, json_integer(trials[i]->seq));
        append(details, trial_to_json(trials[i]));
    }
    put(o, "order", order);
    put(o, "trials_detail", details);
}

static json_t *case_to_json(const CaseResult *c)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    const Trial **trials = case_by_round(&scratch, c);
    json_t *o = json_object();
    put_text(o, "case", c->name);
    put_text(o, "benchmark", c->benchmark);
    put_text(o, "component", c->component);
    put_text(o, "kind", kind_name(c->kind));
    put_map(o, "params", &c->params);
    put_text(o, "reference", c->reference);
    put_text(o, "note", c->note);
    put(o, "validity", validity_to_json(&c->validity));
    put(o, "metrics", metrics_to_json(c, trials));
    put(o, "outcomes", outcomes_to_json(c->has_outcomes, &c->outcomes));
    put(o, "expectations", expectations_to_json(c));
    put(o, "resources", resources_to_json(c, trials));
    put_trials(o, c, trials);
    return o;
}

static json_t *cases_to_json(const Run *r, Side side)
{
    json_t *a = json_array();
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        if (r->cases[i]->side == side)
            append(a, case_to_json(r->cases[i]));
    return a;
}

static json_t *against_to_json(const Run *r)
{
    json_t *o = json_object();
    put_text(o, "ref", r->against);
    put(o, "cases", cases_to_json(r, SIDE_BASE));
    return o;
}

static bool has_base(const Run *r)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        if (r->cases[i]->side == SIDE_BASE)
            return true;
    return r->against != NULL;
}

json_t *run_to_json(const Run *r)
{
    json_t *o = json_object();
    put_text(o, "schema", "assay.run/1");
    put(o, "run", head_to_json(r));
    put(o, "testbed", testbed_to_json(&r->testbed));
    put(o, "validity", validity_to_json(&r->validity));
    put(o, "exit_code", json_integer(r->exit_code));
    put(o, "cases", cases_to_json(r, SIDE_HEAD));
    put(o, "against", has_base(r) ? against_to_json(r) : json_null());
    put(o, "comparison", r->comparison ? compare_rows_to_json(r->comparison) : json_null());
    put(o, "comparison_of", r->comparison ? compare_frame_to_json(r->comparison) : json_null());
    return o;
}
