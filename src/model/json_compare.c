/* Comparisons: assay.compare/1, and the same rows in a run's document. */
#include <math.h>
#include <string.h>

#include "model/json_parts.h"
#include "model/run_json.h"

static json_t *row_to_json(const CompareRow *r)
{
    json_t *o = json_object();
    put_text(o, "case", r->case_name);
    put_text(o, "reference", r->reference);
    put_text(o, "metric", r->metric);
    put_text(o, "verdict", verdict_name(r->verdict));
    put_num(o, "ratio", r->ratio);
    put_num(o, "ratio_low", r->ratio_low);
    put_num(o, "ratio_high", r->ratio_high);
    put_num(o, "difference", r->difference);
    put_text(o, "unit", r->unit);
    put_text(o, "better", better_name(r->better));
    put_num(o, "value_a", r->value_a);
    put_num(o, "value_b", r->value_b);
    put_num(o, "p", r->p);
    put_num(o, "p_adjusted", r->p_adjusted);
    put(o, "n", json_integer(r->n));
    put_num(o, "mde", r->mde);
    put_num(o, "rounds_more", r->rounds_more);
    put_text(o, "method", r->method);
    put_text(o, "severity", severity_name(r->severity));
    put_text(o, "action", action_name(r->action));
    put_text(o, "note", r->note);
    put_text(o, "triage", r->triage);
    return o;
}

json_t *compare_rows_to_json(const Comparison *c)
{
    json_t *rows = json_array();
    for (ptrdiff_t i = 0; i < c->n; i++)
        append(rows, row_to_json(&c->rows[i]));
    return rows;
}

static void put_frame(json_t *o, const Comparison *c)
{
    put_text(o, "a", c->a);
    put_text(o, "b", c->b);
    put_text(o, "about", c->about);
    put_text(o, "verdict", verdict_name(c->verdict));
    put(o, "exit_code", json_integer(c->exit_code));
    put_num(o, "confidence", c->confidence);
    put_num(o, "min_effect", c->min_effect);
}

json_t *compare_frame_to_json(const Comparison *c)
{
    json_t *o = json_object();
    put_frame(o, c);
    return o;
}

json_t *comparison_to_json(const Comparison *c)
{
    json_t *o = json_object();
    put_text(o, "schema", "assay.compare/1");
    put_frame(o, c);
    put(o, "rows", compare_rows_to_json(c));
    return o;
}

static int row_numbers(const Node *n, CompareRow *r)
{
    const struct {
        const char *name;
        double *to;
    } numbers[] = {
        { "ratio", &r->ratio },
        { "ratio_low", &r->ratio_low },
        { "ratio_high", &r->ratio_high },
        { "difference", &r->difference },
        { "value_a", &r->value_a },
        { "value_b", &r->value_b },
        { "p", &r->p },
        { "p_adjusted", &r->p_adjusted },
        { "mde", &r->mde },
        { "rounds_more", &r->rounds_more },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(numbers); i++) {
        *numbers[i].to = (double)NAN;
        TRY(get_num(n, numbers[i].name, numbers[i].to));
    }
    return 0;
}

static int row_from_json(const Node *n, CompareRow *r)
{
    uint64_t count = 0;
    TRY(need_text(n, "case", &r->case_name));
    TRY(need_text(n, "metric", &r->metric));
    TRY(get_text(n, "reference", &r->reference));
    r->reference = r->reference ? r->reference : r->case_name;
    r->unit = r->method = "";
    TRY(get_text(n, "unit", &r->unit));
    TRY(get_text(n, "method", &r->method));
    TRY(get_text(n, "note", &r->note));
    TRY(get_text(n, "triage", &r->triage));
    TRY(GET_WORD(n, "verdict", verdict_parse, &r->verdict));
    TRY(GET_WORD(n, "better", better_parse, &r->better));
    TRY(GET_WORD(n, "severity", severity_parse, &r->severity));
    TRY(GET_WORD(n, "action", action_parse, &r->action));
    TRY(get_u64(n, "n", &count));
    r->n = (ptrdiff_t)MIN(count, (uint64_t)PTRDIFF_MAX);
    return row_numbers(n, r);
}

static int frame_from_json(const Node *n, Comparison *c)
{
    c->a = c->b = "";
    c->confidence = c->min_effect = (double)NAN;
    TRY(get_text(n, "a", &c->a));
    TRY(get_text(n, "b", &c->b));
    TRY(get_text(n, "about", &c->about));
    TRY(GET_WORD(n, "verdict", verdict_parse, &c->verdict));
    TRY(get_int(n, "exit_code", &c->exit_code));
    TRY(get_num(n, "confidence", &c->confidence));
    return get_num(n, "min_effect", &c->min_effect);
}

int compare_from_json(const Node *rows, const Node *frame, Run *r, Comparison **ret)
{
    if (node_missing(rows))
        return 0;
    Comparison *c = ARENA_NEW(&r->arena, Comparison);
    TRY(frame_from_json(frame, c));
    for (ptrdiff_t i = 0; i < node_len(rows); i++) {
        Node at = node_at(rows, i);
        CompareRow row = { 0 };
        TRY(row_from_json(&at, &row));
        ARENA_PUSH(&r->arena, c->rows, c->n, c->cap, row);
    }
    *ret = c;
    return 0;
}
