/* JUnit's XML, the dialect that CI servers read: one testsuite per run; per case a test "measured"
 * (its validity), one per expectation, one per comparison row.
 *
 * It says what the gate says: a broken expectation and a regression that blocks are failures, what
 * is INVALID is an error, inconclusive rows are skipped; regressions without a blocking rule pass
 * and carry their verdict in system-out. */
#include "report/formats.h"

#include <errno.h>

#include "base/clock.h"
#include "report/escape.h"
#include "report/words.h"

typedef enum TestEnd { TEST_PASSED, TEST_FAILURE, TEST_ERROR, TEST_SKIPPED } TestEnd;

typedef struct Junit {
    StrBuf body; /* testcases; the head needs their counts */
    ptrdiff_t n[4];
    ptrdiff_t total;
    Arena a;
} Junit;

static void attribute(StrBuf *out, const char *name, const char *value)
{
    strbuf_addf(out, " %s=\"", name);
    escape_xml(out, value);
    strbuf_addc(out, '"');
}

/* One testcase; `message` may be NULL for passed ones, else it goes to system-out. */
static void testcase(Junit *j, const char *class_name, const char *name, double seconds,
                     TestEnd end, const char *type, const char *message)
{
    static const char *const elements[] = { "system-out", "failure", "error", "skipped" };
    StrBuf *b = &j->body;
    j->n[end]++;
    j->total++;
    strbuf_addz(b, "    <testcase");
    attribute(b, "classname", class_name);
    attribute(b, "name", name);
    strbuf_addf(b, " time=\"%.6f\"", seconds);
    if (!message) {
        strbuf_addz(b, "/>\n");
        return;
    }
    strbuf_addf(b, ">\n      <%s", elements[end]);
    if (end != TEST_PASSED)
        attribute(b, "message", message);
    if (end == TEST_FAILURE || end == TEST_ERROR)
        attribute(b, "type", type);
    strbuf_addc(b, '>');
    escape_xml(b, message);
    strbuf_addf(b, "</%s>\n    </testcase>\n", elements[end]);
}

static double case_seconds(const CaseResult *c)
{
    double ns = 0;
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        ns += (double)c->trials[i]->duration_ns;
    return ns / 1e9;
}

static const char *reasons_text(Arena *a, const Validity *v)
{
    const char *text = "";
    for (ptrdiff_t i = 0; i < v->n; i++)
        text =
            arena_printf(a, "%s%s%s %s: %s", text, *text ? "\n" : "",
                         grade_name(v->reasons[i].grade), v->reasons[i].code, v->reasons[i].text);
    return text;
}

static void measured(Junit *j, const char *suite, const CaseResult *c)
{
    const char *why = reasons_text(&j->a, &c->validity);
    TestEnd end = c->validity.grade == GRADE_INVALID ? TEST_ERROR
                  : c->n_trials == 0                 ? TEST_SKIPPED
                                                     : TEST_PASSED;
    const char *class_name = arena_printf(&j->a, "%s.%s", suite, c->benchmark);
    const char *name =
        arena_printf(&j->a, "%s%s: measured", c->name, c->side == SIDE_BASE ? " (base)" : "");
    if (c->n_trials == 0 && !*why)
        why = "nothing was measured";
    testcase(j, class_name, name, case_seconds(c), end, "INVALID", *why ? why : NULL);
}

static void expectation(Junit *j, const char *suite, const CaseResult *c, ptrdiff_t i)
{
    const ExpectResult *e = &c->expectations[i];
    const char *value = words_expected(&j->a, e, c->expects[i].metric);
    const char *message = arena_printf(&j->a, "%s is %s", e->expr, e->held ? "held" : "broken");
    message = arena_printf(&j->a, "%s: the value is %s", message, value);
    testcase(j, arena_printf(&j->a, "%s.%s", suite, c->benchmark),
             arena_printf(&j->a, "%s: %s", c->name, e->expr), 0,
             e->held ? TEST_PASSED : TEST_FAILURE, "expectation", message);
}

static TestEnd row_end(const CompareRow *row)
{
    if (row->verdict == VERDICT_INVALID)
        return TEST_ERROR;
    if (row->verdict == VERDICT_INCONCLUSIVE)
        return TEST_SKIPPED;
    return row_blocks(row) ? TEST_FAILURE : TEST_PASSED;
}

static void comparison(Junit *j, const char *suite, const Comparison *c)
{
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        const char *against = words_competing(row) ? row->reference : c->a;
        const char *name = arena_printf(&j->a, "%s: %s against %s", row->case_name, row->metric,
                                        against ? against : "?");
        const char *message = words_verdict(&j->a, c, row);
        const char *rule = words_action(&j->a, row);
        if (*rule)
            message = arena_printf(&j->a, "%s: %s", rule, message);
        if (row->note)
            message = arena_printf(&j->a, "%s (%s)", message, row->note);
        testcase(j, arena_printf(&j->a, "%s.comparison", suite), name, 0, row_end(row),
                 "regression", message);
    }
}

static void property(StrBuf *out, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_addz(out, "      <property");
    attribute(out, "name", name);
    attribute(out, "value", value);
    strbuf_addz(out, "/>\n");
}

static void properties(Junit *j, StrBuf *out, const Run *r)
{
    strbuf_addz(out, "    <properties>\n");
    property(out, "run", r->id);
    property(out, "commit", r->commit);
    property(out, "branch", r->branch);
    property(out, "dirty", r->dirty ? "true" : "false");
    property(out, "against", r->against);
    property(out, "seed", arena_printf(&j->a, "%llu", (unsigned long long)r->seed));
    property(out, "tool", r->tool);
    property(out, "stop_rule", r->stop_rule);
    property(out, "validity", grade_name(r->validity.grade));
    property(out, "exit_code", arena_printf(&j->a, "%d", r->exit_code));
    property(out, "testbed", words_testbed(&j->a, &r->testbed));
    property(out, "fingerprint", r->testbed.fingerprint);
    for (ptrdiff_t i = 0; i < r->tags.n; i++)
        property(out, arena_printf(&j->a, "tag.%s", r->tags.v[i].key), r->tags.v[i].value);
    strbuf_addz(out, "    </properties>\n");
}

static void counts(const Junit *j, StrBuf *out, double seconds)
{
    strbuf_addf(out, " tests=\"%td\" failures=\"%td\" errors=\"%td\" skipped=\"%td\" time=\"%.6f\"",
                j->total, j->n[TEST_FAILURE], j->n[TEST_ERROR], j->n[TEST_SKIPPED], seconds);
}

/* Head, properties of the run (if any), the collected testcases. */
static void document(Junit *j, StrBuf *out, const Run *r, const char *suite, double seconds)
{
    char iso[CLOCK_ISO_MAX];
    strbuf_addz(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\"");
    counts(j, out, seconds);
    strbuf_addz(out, ">\n  <testsuite");
    attribute(out, "name", suite);
    counts(j, out, seconds);
    if (r) {
        clock_iso(iso, r->started_wall_ns);
        strbuf_addf(out, " timestamp=\"%.19s\"", iso); /* the schema wants no fraction, no zone */
        if (r->testbed.host)
            attribute(out, "hostname", r->testbed.host);
    }
    strbuf_addz(out, ">\n");
    if (r)
        properties(j, out, r);
    strbuf_add(out, strbuf_str(&j->body));
    strbuf_addz(out, "  </testsuite>\n</testsuites>\n");
}

int report_junit(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    Junit j = { 0 };
    double seconds = 0;
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        seconds += case_seconds(c);
        measured(&j, r->suite, c);
        for (ptrdiff_t k = 0; c->side == SIDE_HEAD && c->expectations && k < c->n_expects; k++)
            expectation(&j, r->suite, c, k);
    }
    if (r->comparison)
        comparison(&j, r->suite, r->comparison);
    document(&j, out, r, r->suite, seconds);
    bool overflow = out->overflow || j.body.overflow;
    strbuf_done(&j.body);
    arena_done(&j.a);
    return overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}

int compare_junit(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    Junit j = { 0 };
    comparison(&j, "compare", c);
    document(&j, out, NULL, "compare", 0);
    bool overflow = out->overflow || j.body.overflow;
    strbuf_done(&j.body);
    arena_done(&j.a);
    return overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}
