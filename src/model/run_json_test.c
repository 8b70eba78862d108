/* assay.run/1 and assay.compare/1: what is written reads back the same, follows the schemas, and
 * what is wrong is named with its place. */
#include "model/run_json.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/run_sample.h"
#include "tap.h"

static void print(const json_t *j, StrBuf *out)
{
    Err err = { 0 };
    strbuf_clear(out);
    if (json_print(j, out, &err) < 0)
        abort();
}

static void test_round_trip(void)
{
    CLEANUP(run_freep) Run *r = sample_run(7);
    CLEANUP(run_freep) Run *back = NULL;
    CLEANUP(json_free) json_t *first = run_to_json(r);
    CLEANUP(strbuf_done) StrBuf a = { 0 }, b = { 0 };
    Err err = { 0 };
    print(first, &a);
    CLEANUP(json_free) json_t *parsed = NULL;
    CHECK(json_parse(strbuf_str(&a), "x.json", &parsed, &err) == 0, "the text parses %s", err.msg);
    if (!CHECK(run_from_json(parsed, "x.json", &back, &err) == 0, "reads back %s", err.msg))
        return;
    CLEANUP(json_free) json_t *second = run_to_json(back);
    print(second, &b);
    CHECK(str_eq(strbuf_str(&a), strbuf_str(&b)), "and writes the same %td bytes", a.len);
    CHECK_STR(back->id, r->id, "same id");
    CHECK(back->n_cases == 4 && back->cases[0]->n_trials == 3, "cases and trials");
    const MetricSummary *m = case_find_metric(back->cases[0], "latency");
    const MetricSummary *was = case_find_metric(r->cases[0], "latency");
    CHECK(m->hist && m->hist->n == was->hist->n && m->p99 == was->p99 && m->max == was->max &&
              m->mean == was->mean && m->censored == 3,
          "distributions come back whole: extremes, mean and censored ones are exact");
    CHECK(m->hist->n_over == 3 && !m->given, "values above the range as well");
    CHECK(back->comparison && back->comparison->n == 2 && back->comparison->exit_code == 4,
          "the comparison comes back");
}

/* Fields that the contract promises, by its own names. */
static void test_contract(void)
{
    CLEANUP(run_freep) Run *r = sample_run(7);
    CLEANUP(json_free) json_t *j = run_to_json(r);
    static const char *const top[] = { "schema",    "run",   "testbed",   "validity",
                                       "exit_code", "cases", "comparison" };
    static const char *const run[] = { "id",    "suite",      "commit", "branch",
                                       "dirty", "started_at", "seed",   "tool" };
    static const char *const in_case[] = { "case",      "benchmark",   "kind",     "params",
                                           "validity",  "metrics",     "outcomes", "order",
                                           "resources", "expectations" };
    static const char *const metric[] = { "name", "unit",   "better", "method", "count",
                                          "mean", "stddev", "min",    "max",    "p50",
                                          "p90",  "p95",    "p99",    "p999",   "trials" };
    static const char *const outcomes[] = { "scheduled", "ok",      "failed",   "timed_out",
                                            "shed",      "dropped", "in_flight" };
    static const char *const row[] = { "case",       "metric",     "verdict",  "ratio", "ratio_low",
                                       "ratio_high", "difference", "unit",     "p",     "n",
                                       "mde",        "method",     "severity", "action" };
    const json_t *c = json_array_get(json_object_get(j, "cases"), 0);
    const json_t *m = json_array_get(json_object_get(c, "metrics"), 0);
    const json_t *x = json_array_get(json_object_get(j, "comparison"), 0);
    const struct {
        const char *what;
        const json_t *obj;
        const char *const *names;
        ptrdiff_t n;
    } rows[] = { { "document", j, top, ARRAY_LEN(top) },
                 { "run", json_object_get(j, "run"), run, ARRAY_LEN(run) },
                 { "case", c, in_case, ARRAY_LEN(in_case) },
                 { "metric", m, metric, ARRAY_LEN(metric) },
                 { "outcomes", json_object_get(c, "outcomes"), outcomes, ARRAY_LEN(outcomes) },
                 { "row", x, row, ARRAY_LEN(row) } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        int missing = 0;
        for (ptrdiff_t k = 0; k < rows[i].n; k++)
            missing += !json_object_get(rows[i].obj, rows[i].names[k]);
        CHECK_INT(missing, 0, "%s: all promised fields", rows[i].what);
    }
    CHECK_INT(json_array_size(json_object_get(j, "cases")), 3, "the base side is not among them");
    const json_t *base = json_object_get(json_object_get(j, "against"), "cases");
    CHECK_INT(json_array_size(base), 1, "but under against");
    CHECK_INT(json_array_size(json_object_get(c, "order")), 3, "order has one entry per trial");
}

static void test_missing_is_null(void)
{
    CLEANUP(run_freep) Run *r = sample_run(7);
    CLEANUP(json_free) json_t *j = run_to_json(r);
    const json_t *build = json_array_get(json_object_get(j, "cases"), 1);
    const json_t *faults = json_array_get(json_object_get(build, "metrics"), 2);
    CHECK(json_is_null(json_object_get(faults, "mean")), "a mean of nothing is null");
    CHECK_INT(json_integer_value(json_object_get(faults, "count")), 0, "and counts 0");
    CHECK(json_is_null(json_array_get(json_object_get(faults, "trials"), 0)), "so is a value");
    CHECK(json_is_null(json_object_get(build, "outcomes")), "no outcomes: null");
    const json_t *get = json_array_get(json_object_get(j, "cases"), 0);
    const json_t *late = json_array_get(json_object_get(get, "expectations"), 2);
    CHECK(json_is_false(json_object_get(late, "held")) &&
              json_is_null(json_object_get(late, "value")),
          "an expectation on what is missing: not held, null");
    const json_t *row = json_array_get(json_object_get(j, "comparison"), 1);
    CHECK(json_is_null(json_object_get(row, "ratio")) &&
              json_is_null(json_object_get(row, "ratio_high")),
          "an unknown ratio and an infinite end are null");
}

static void test_thinning(void)
{
    CLEANUP(run_freep) Run *r = sample_run(7);
    Series *s = &r->cases[0]->trials[0]->series.v[0];
    for (int i = 100; i < 20000; i++)
        series_push(s, &r->arena, i * 0.1, i == 12345 ? 64.0 : 1.0);
    CLEANUP(json_free) json_t *j = run_to_json(r);
    const json_t *c = json_array_get(json_object_get(j, "cases"), 0);
    const json_t *res = json_object_get(c, "resources");
    const json_t *series = json_array_get(json_object_get(res, "series"), 0);
    const json_t *v = json_object_get(series, "v"), *t = json_object_get(series, "t_s");
    size_t n = json_array_size(v);
    double max = 0, last = -1e9;
    bool rising = n == json_array_size(t);
    for (size_t i = 0; i < n; i++) {
        max = fmax(max, json_number_value(json_array_get(v, i)));
        double at = json_number_value(json_array_get(t, i));
        rising = rising && at > last;
        last = at;
    }
    CHECK(n <= 600, "20 005 points are thinned to %zu", n);
    CHECK(max == 64 && rising, "the single peak is still there, times rise");
    CHECK_INT(json_integer_value(json_object_get(series, "points")), 20005, "and it is said");
    CHECK_NEAR(json_get_num(json_object_get(res, "target.cpu"), "max"), 64, 0, "summary: max");
    CHECK_INT(json_integer_value(json_object_get(json_object_get(res, "target.cpu"), "count")),
              19999 + 99 * 2, "summary: measured part of all trials, without what is missing");
}

static int read_text(const char *text, Run **ret, Err *err)
{
    CLEANUP(json_free) json_t *j = NULL;
    if (json_parse(str(text), "r.json", &j, err) < 0)
        return -EIO;
    return run_from_json(j, "r.json", ret, err);
}

#define DOC(cases) "{\"schema\":\"assay.run/1\",\"run\":{\"id\":\"r1\"},\"cases\":[" cases "]}"
#define CASE(rest) "{\"case\":\"a\"" rest "}"
#define METRICS(m) CASE(",\"metrics\":[" m "]")

static void test_refusals(void)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "[]", "r.json: schema: missing" },
        { "{\"schema\":\"assay.host/1\"}", "r.json: schema: 'assay.host/1' is not assay.run/1" },
        { "{\"schema\":\"assay.run/1\"}", "r.json: run.id: missing" },
        { DOC("{}"), "r.json: cases[0].case: missing" },
        { DOC("{\"case\":7}"), "r.json: cases[0].case: not a text" },
        { DOC(CASE(",\"kind\":\"dance\"")), "cases[0].kind: not one of the words" },
        { DOC(METRICS("{\"name\":\"wall\"}")), "r.json: cases[0].metrics[0].unit: missing" },
        { DOC(METRICS("{\"name\":\"x\",\"unit\":\"ns\",\"p50\":\"7\"}")),
          "cases[0].metrics[0].p50: not a number" },
        { DOC(METRICS("{\"name\":\"x\",\"unit\":\"ns\",\"trials\":[1,\"2\"]}")),
          "metrics[0].trials[1]: neither a number nor null" },
        { DOC(METRICS("{\"name\":\"x\",\"unit\":\"ns\",\"count\":-1}")), "count: not a whole" },
        { DOC(METRICS("{\"name\":\"x\",\"unit\":\"ns\",\"trials\":[1]},"
                      "{\"name\":\"x\",\"unit\":\"s\",\"trials\":[1]}")),
          "metrics[1]: 'x' stands twice in trial 0" },
        { DOC(METRICS("{\"name\":\"x\",\"unit\":\"ns\",\"trials\":[1],\"hdr\":[{\"v2\":\"AA\"}]}")),
          "metrics[0].hdr[0].v2: " },
        { DOC(CASE(",\"trials_detail\":[{}],\"metrics\":[{\"name\":\"x\",\"unit\":\"ns\","
                   "\"trials\":[1,2]}]")),
          "metrics[0].trials: 2 values, but the case has 1 trials" },
        { DOC(CASE(",\"expectations\":[{\"expr\":\"latency.p95 < 7\"}]")),
          "expectations[0].expr: 'latency.p95 < 7': a time needs a unit" },
        { DOC(CASE(
              ",\"resources\":{\"series\":[{\"scope\":\"a\",\"name\":\"b\",\"unit\":\"c\"}]}")),
          "resources.series[0]: trial 0 of 0" },
        { DOC(CASE(",\"order\":[0],\"resources\":{\"series\":[{\"scope\":\"a\",\"name\":\"b\","
                   "\"unit\":\"c\",\"t_s\":[1,1],\"v\":[1,1]}]}")),
          "t_s[1] is not later" },
        { DOC(CASE(",\"validity\":{\"grade\":\"GOOD\"}")), "cases[0].validity.grade: not one of" },
        { DOC(CASE(",\"params\":{\"a\":1}")), "cases[0].params.a: not a text" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        Run *r = NULL;
        Err err = { 0 };
        CHECK(read_text(bad[i].text, &r, &err) == -EINVAL && !r, "refused: %s", bad[i].says);
        if (!CHECK(strstr(err.msg, bad[i].says), "  and said so"))
            printf("# said: %s\n", err.msg);
    }
}

/* Documents of others, with less in them. */
static void test_foreign(void)
{
    CLEANUP(run_freep) Run *r = NULL;
    Err err = { 0 };
    static const char doc[] =
        "{\"schema\":\"assay.run/1\",\"run\":{\"id\":\"r1\"},\"validity\":{\"grade\":\"INVALID\"},"
        "\"cases\":[{\"case\":\"a\",\"validity\":{\"grade\":\"SUSPECT\",\"reasons\":[\"hot\","
        "\"noisy\"]},\"outcomes\":{\"scheduled\":10,\"ok\":9},\"metrics\":["
        "{\"name\":\"wall\",\"unit\":\"ns\",\"trials\":[3,1,2]},"
        "{\"name\":\"latency\",\"unit\":\"ns\",\"count\":5000,\"p50\":7,\"p99\":9,\"mean\":7.5},"
        "{\"name\":\"x\",\"unit\":\"s\",\"better\":\"higher\",\"trials\":[1,null]}]}]}";
    if (!CHECK(read_text(doc, &r, &err) == 0, "a lean document %s", err.msg))
        return;
    const CaseResult *c = r->cases[0];
    CHECK_INT(c->n_trials, 3, "as many trials as the longest list");
    CHECK(case_find_metric(c, "wall")->p50 == 2, "figures follow from the trials");
    const MetricSummary *m = case_find_metric(c, "latency");
    CHECK(m->given && m->count == 5000 && m->p99 == 9 && isnan(m->p95) && m->figure == 7,
          "what does not follow is taken as given");
    m = case_find_metric(c, "x");
    CHECK(m->better == BETTER_HIGHER && m->count == 1 && isnan(m->trials[1]), "foreign metrics");
    CHECK(c->validity.n == 3 && c->validity.grade == GRADE_INVALID,
          "texts as reasons, and outcomes that don't add up");
    CHECK_INT(r->validity.grade, GRADE_INVALID, "the stated grade");
    CHECK_INT(c->kind, KIND_HARNESS, "no kind: somebody else's");
}

static void test_stated_grade(void)
{
    CLEANUP(run_freep) Run *r = NULL;
    Err err = { 0 };
    static const char doc[] = DOC(
        CASE(",\"validity\":{\"grade\":\"INVALID\",\"reasons\":[]},\"metrics\":[{\"name\":\"wall\","
             "\"unit\":\"ns\",\"trials\":[3]}],\"expectations\":[{\"expr\":\"wall < 1s\"}]"));
    CHECK(read_text(doc, &r, &err) == 0, "a grade without a reason %s", err.msg);
    CHECK(r->cases[0]->validity.grade == GRADE_INVALID && r->validity.grade == GRADE_INVALID,
          "stands, for case and run");
    CHECK(!r->cases[0]->expectations[0].held, "and no expectation holds");
}

/* Python's jsonschema, where it is installed, checks documents against the schema files, which are
 * made strict: each field that is written must be described. */
static int run_validator(const char *schema, const char *document)
{
    static const char script[] =
        "import json,sys\n"
        "try:\n    import jsonschema\n"
        "except ImportError:\n    sys.exit(77)\n"
        "def strict(s):\n"
        "    if isinstance(s,dict):\n"
        "        if 'properties' in s and 'type' in s: s.setdefault('additionalProperties',False)\n"
        "        for k in s: strict(s[k])\n"
        "    if isinstance(s,list):\n"
        "        for x in s: strict(x)\n"
        "s=json.load(open(sys.argv[1]))\n"
        "c=jsonschema.validators.validator_for(s)\n"
        "c.check_schema(s)\n"
        "strict(s)\n"
        "errs=list(c(s).iter_errors(json.load(open(sys.argv[2]))))\n"
        "for e in errs[:5]:\n"
        "    print('#',list(e.absolute_path),e.message[:200])\n"
        "sys.exit(1 if errs else 0)\n";
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("python3", "python3", "-W", "ignore", "-c", script, schema, document, (char *)NULL);
        _exit(77);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void check_schema(const char *schema, const json_t *j, bool valid, const char *what)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    const char *root = getenv("ASSAY_ROOT");
    Err err = { 0 };
    if (!root) {
        tap_skip("%s: ASSAY_ROOT is not set", what);
        return;
    }
    const char *path = arena_printf(&a, "/tmp/assay-schema-%d.json", (int)getpid());
    print(j, &text);
    if (fs_write(path, strbuf_str(&text), &err) < 0)
        abort();
    int r = run_validator(arena_printf(&a, "%s/docs/schema/%s", root, schema), path);
    unlink(path);
    if (r == 77)
        tap_skip("%s: python3-jsonschema is not installed", what);
    else
        CHECK_INT(r, valid ? 0 : 1, "%s", what);
}

static void test_schema(void)
{
    CLEANUP(run_freep) Run *r = sample_run(7);
    CLEANUP(json_free) json_t *j = run_to_json(r), *c = comparison_to_json(r->comparison);
    check_schema("assay.run.1.schema.json", j, true, "a run follows its schema");
    check_schema("assay.compare.1.schema.json", c, true, "a comparison follows its schema");
    r->n_cases = 0;
    r->comparison = NULL;
    r->against = NULL;
    CLEANUP(json_free) json_t *empty = run_to_json(r);
    check_schema("assay.run.1.schema.json", empty, true, "an empty run follows it too");
    json_object_set_new(json_object_get(j, "run"), "seed", json_null());
    check_schema("assay.run.1.schema.json", j, false, "a run without its seed does not");
    json_object_set_new(json_array_get(json_object_get(c, "rows"), 0), "verdict",
                        json_string("slower"));
    check_schema("assay.compare.1.schema.json", c, false, "a word of its own does not");
    r->n_cases = 4; /* all cases are freed */
}

/* Both documents describe a comparison's row in the same words. */
static void test_same_row(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    static const char *const names[] = { "run", "compare" };
    json_t *row[2] = { NULL, NULL };
    const char *root = getenv("ASSAY_ROOT");
    for (int i = 0; root && i < 2; i++) {
        CLEANUP(json_free) json_t *schema = NULL;
        const char *path =
            arena_printf(&a, "%s/docs/schema/assay.%s.1.schema.json", root, names[i]);
        Str text;
        Err err = { 0 };
        if (CHECK(fs_read(&a, path, 1 << 20, &text, &err) == 0 &&
                      json_parse(text, path, &schema, &err) == 0,
                  "%s %s", path, err.msg))
            row[i] = json_incref(json_object_get(json_object_get(schema, "$defs"), "row"));
    }
    CHECK(!root || json_equal(row[0], row[1]), "one description of rows");
    json_decref(row[0]);
    json_decref(row[1]);
}

int main(void)
{
    test_same_row();
    test_round_trip();
    test_contract();
    test_missing_is_null();
    test_thinning();
    test_refusals();
    test_foreign();
    test_stated_grade();
    test_schema();
    return tap_done();
}
