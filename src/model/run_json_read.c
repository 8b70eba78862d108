/* Reading assay.run/1: our own documents, and those that others write by the schema. Figures that
 * the document's own trials give again are computed; the rest is taken as given. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/json_parts.h"
#include "model/run_json.h"

static int rules_from_json(const Node *n, RuleSet *set)
{
    for (ptrdiff_t i = 0; i < node_len(n); i++) {
        Node at = node_at(n, i);
        Rule rule = { 0 };
        TRY(need_text(&at, "metric", &rule.metric));
        TRY(get_num(&at, "change", &rule.change));
        TRY(get_text(&at, "cases", &rule.cases));
        TRY(get_num(&at, "min_change", &rule.min_change));
        rule.min_change = isnan(rule.min_change) ? 0 : rule.min_change;
        uint64_t least = 0;
        TRY(get_u64(&at, "min_samples", &least));
        rule.min_samples = (uint32_t)MIN(least, (uint64_t)UINT32_MAX);
        TRY(get_text(&at, "reason", &rule.reason));
        TRY(get_time(&at, "until", &rule.until_wall_ns));
        TRY(GET_WORD(&at, "severity", severity_parse, &rule.severity));
        TRY(GET_WORD(&at, "action", action_parse, &rule.action));
        ARENA_PUSH(n->rd->arena, set->v, set->n, set->cap, rule);
    }
    return 0;
}

static int read_id(const Node *n, Run *r)
{
    const char *id = NULL;
    TRY(need_text(n, "id", &id));
    size_t len = strlen(id);
    Node at = node_get(n, "id");
    if (len == 0 || len >= sizeof r->id)
        return node_fail(&at, "not 1 to %d bytes", RUN_ID_MAX - 1);
    memcpy(r->id, id, len + 1);
    return 0;
}

static int head_from_json(const Node *n, Run *r)
{
    TRY(read_id(n, r));
    TRY(get_text(n, "suite", &r->suite));
    TRY(get_text(n, "suite_path", &r->suite_path));
    TRY(get_text(n, "commit", &r->commit));
    TRY(get_text(n, "branch", &r->branch));
    TRY(get_bool(n, "dirty", &r->dirty));
    TRY(get_time(n, "started_at", &r->started_wall_ns));
    TRY(get_time(n, "finished_at", &r->finished_wall_ns));
    TRY(get_bool(n, "interrupted", &r->interrupted));
    TRY(get_u64(n, "seed", &r->seed));
    r->tool = "not stated";
    TRY(get_text(n, "tool", &r->tool));
    TRY(get_text(n, "stop_rule", &r->stop_rule));
    TRY(get_num(n, "min_effect", &r->min_effect));
    TRY(get_num(n, "confidence", &r->confidence));
    TRY(GET_WORD(n, "correction", correction_parse, &r->correction));
    TRY(get_map(n, "tags", &r->tags));
    Node rules = node_get(n, "rules");
    return rules_from_json(&rules, &r->rules);
}

static int testbed_from_json(const Node *n, Testbed *t)
{
    TRY(get_text(n, "fingerprint", &t->fingerprint));
    TRY(get_text(n, "host", &t->host));
    TRY(get_text(n, "os", &t->os));
    TRY(get_text(n, "kernel", &t->kernel));
    TRY(get_text(n, "cpu", &t->cpu));
    TRY(get_u32(n, "cpus", &t->cpus));
    TRY(get_u64(n, "memory_bytes", &t->memory_bytes));
    TRY(get_text(n, "clock_source", &t->clock_source));
    TRY(get_text(n, "virtualisation", &t->virtualisation));
    return get_text(n, "governor", &t->governor);
}

static int trial_outcomes(const Node *n, Trial *t)
{
    Node o = node_get(n, "outcomes");
    if (node_missing(&o))
        return 0;
    t->has_outcomes = true;
    return outcomes_from_json(&o, &t->outcomes);
}

static int trial_from_json(const Node *n, Trial *t)
{
    TRY(get_u32(n, "round", &t->round));
    TRY(get_u32(n, "seq", &t->seq));
    TRY(get_time(n, "started_at", &t->started_wall_ns));
    TRY(get_u64(n, "duration_ns", &t->duration_ns));
    TRY(get_int(n, "exit_code", &t->exit_code));
    TRY(get_int(n, "signal", &t->signal));
    TRY(trial_outcomes(n, t));
    Node v = node_get(n, "validity");
    return validity_from_json(&v, &t->validity);
}

/* Trials without details: as many as any list of them has values, in the order they stand, with the
 * case's outcomes on the first. */
static int trials_from_lists(const Node *n, Run *r, CaseResult *c)
{
    Node order = node_get(n, "order"), metrics = node_get(n, "metrics");
    ptrdiff_t count = node_len(&order);
    for (ptrdiff_t i = 0; i < node_len(&metrics); i++) {
        Node m = node_at(&metrics, i), values = node_get(&m, "trials");
        count = MAX(count, node_len(&values));
    }
    Node outcomes = node_get(n, "outcomes");
    if (count == 0 && !node_missing(&outcomes))
        count = 1;
    for (ptrdiff_t i = 0; i < count; i++) {
        Trial *t = case_add_trial(r, c);
        t->round = t->seq = (uint32_t)i;
        Node at = node_at(&order, i);
        if (json_is_integer(at.j) && json_integer_value(at.j) >= 0 &&
            json_integer_value(at.j) < UINT32_MAX)
            t->seq = (uint32_t)json_integer_value(at.j);
    }
    return count ? trial_outcomes(n, c->trials[0]) : 0;
}

static int trials_from_json(const Node *n, Run *r, CaseResult *c)
{
    Node details = node_get(n, "trials_detail");
    if (node_missing(&details))
        return trials_from_lists(n, r, c);
    for (ptrdiff_t i = 0; i < node_len(&details); i++) {
        Node at = node_at(&details, i);
        Trial *t = case_add_trial(r, c);
        t->round = t->seq = (uint32_t)i; /* unless stated */
        TRY(trial_from_json(&at, t));
    }
    return 0;
}

static void check_conserved(Run *r, CaseResult *c)
{
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        if (c->trials[i]->has_outcomes && !outcomes_conserved(&c->trials[i]->outcomes))
            validity_add(&c->trials[i]->validity, &r->arena, GRADE_INVALID, "not-conserved",
                         "outcomes don't add up: %llu operations were scheduled",
                         (unsigned long long)c->trials[i]->outcomes.scheduled);
}

static int expectations_from_json(const Node *n, Run *r, CaseResult *c)
{
    for (ptrdiff_t i = 0; i < node_len(n); i++) {
        Node at = node_at(n, i), expr = node_get(&at, "expr");
        const char *text = NULL;
        Expect e;
        Err why = { 0 };
        TRY(need_text(&at, "expr", &text));
        if (expect_parse(&r->arena, str(text), &e, &why) < 0)
            return node_fail(&expr, "%s", why.msg);
        ARENA_PUSH(&r->arena, c->expects, c->n_expects, c->cap_expects, e);
    }
    return 0;
}

static int compare_seq(const void *pa, const void *pb)
{
    const Trial *a = *(Trial *const *)pa, *b = *(Trial *const *)pb;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return (a->round > b->round) - (a->round < b->round);
}

/* Lists of the document are in the document's order of trials; afterwards they stand in the order
 * of execution. */
static int case_body(const Node *n, Run *r, CaseResult *c)
{
    Node metrics = node_get(n, "metrics"), resources = node_get(n, "resources");
    Node expectations = node_get(n, "expectations"), validity = node_get(n, "validity");
    TRY(trials_from_json(n, r, c));
    TRY(metrics_from_json(&metrics, r, c, c->trials));
    TRY(resources_from_json(&resources, r, c->trials, c->n_trials));
    TRY(expectations_from_json(&expectations, r, c));
    TRY(validity_from_json(&validity, &c->validity));
    check_conserved(r, c);
    if (c->n_trials > 1)
        qsort(c->trials, (size_t)c->n_trials, sizeof *c->trials, compare_seq);
    return 0;
}

static int case_from_json(const Node *n, Run *r, Side side)
{
    const char *name = NULL, *benchmark = NULL;
    Kind kind = KIND_HARNESS;
    TRY(need_text(n, "case", &name));
    TRY(get_text(n, "benchmark", &benchmark));
    TRY(GET_WORD(n, "kind", kind_parse, &kind));
    CaseResult *c = run_add_case(r, name, benchmark ? benchmark : name, kind, side);
    TRY(get_text(n, "component", &c->component));
    TRY(get_text(n, "reference", &c->reference));
    TRY(get_text(n, "note", &c->note));
    TRY(get_map(n, "params", &c->params));
    return case_body(n, r, c);
}

static int cases_from_json(const Node *n, Run *r, Side side)
{
    for (ptrdiff_t i = 0; i < node_len(n); i++) {
        Node at = node_at(n, i);
        TRY(case_from_json(&at, r, side));
    }
    return 0;
}

/* A document may state a graver grade than its reasons give (edited, or another's): the grave word
 * stands. */
static bool keep_stated(const Node *holder, Run *r, Validity *v)
{
    Node n = node_get(holder, "validity");
    Grade stated = GRADE_VALID;
    const char *text = json_string_value(json_object_get(n.j, "grade"));
    if (!text || grade_parse(text, &stated) < 0 || stated <= v->grade)
        return false;
    validity_add(v, &r->arena, stated, "stated", "the document says %s without a reason for it",
                 text);
    return true;
}

static bool keep_stated_cases(const Node *cases, Run *r, ptrdiff_t first)
{
    bool any = false;
    for (ptrdiff_t i = 0; i < node_len(cases); i++) {
        Node at = node_at(cases, i);
        any |= keep_stated(&at, r, &r->cases[first + i]->validity);
    }
    return any;
}

static int sum_up(const Node *root, Run *r, const Node *head, const Node *base)
{
    TRY(run_summarise(r, root->rd->err));
    bool again = keep_stated_cases(head, r, 0);
    again |= keep_stated_cases(base, r, node_len(head));
    if (again)
        TRY(run_summarise(r, root->rd->err));
    keep_stated(root, r, &r->validity);
    return 0;
}

static int document(const Node *root, Run *r)
{
    const char *schema = NULL;
    Node at = node_get(root, "schema");
    TRY(need_text(root, "schema", &schema));
    if (strcmp(schema, "assay.run/1") != 0)
        return node_fail(&at, "'%s' is not assay.run/1", schema);
    Node run = node_get(root, "run"), testbed = node_get(root, "testbed");
    Node validity = node_get(root, "validity"), cases = node_get(root, "cases");
    Node against = node_get(root, "against"), base = node_get(&against, "cases");
    Node rows = node_get(root, "comparison"), frame = node_get(root, "comparison_of");
    TRY(head_from_json(&run, r));
    TRY(testbed_from_json(&testbed, &r->testbed));
    TRY(validity_from_json(&validity, &r->validity));
    TRY(get_int(root, "exit_code", &r->exit_code));
    TRY(get_text(&against, "ref", &r->against));
    TRY(cases_from_json(&cases, r, SIDE_HEAD));
    TRY(cases_from_json(&base, r, SIDE_BASE));
    TRY(compare_from_json(&rows, &frame, r, &r->comparison));
    return sum_up(root, r, &cases, &base);
}

int run_from_json(const json_t *j, const char *name, Run **ret, Err *err)
{
    CLEANUP(run_freep) Run *r = NULL;
    TRY(run_new(&r, "", 0, 0, err));
    Reader rd = { .file = name, .arena = &r->arena, .err = err };
    Node root = { .rd = &rd, .j = j };
    TRY(document(&root, r));
    *ret = TAKE(r);
    return 0;
}
