/* The selftest as a whole: which proofs run, what they say, what the report looks like. Proofs that
 * depend on how quiet the machine is are run by the program's own tests, not here. */
#include "selftest/selftest.h"

#include <errno.h>

#include "selftest/proof.h"
#include "tap.h"

static void test_quiet_proofs(void)
{
    Err err = { 0 };
    CLEANUP(selftest_done) SelftestReport r = { 0 };
    SelftestOpts o = { .quick = true, .seed = 5, .only = "histogram/q*" };
    CHECK_INT(selftest_run(&o, &r, &err), 0, "runs %s", err.msg);
    CHECK_INT(r.n, 1, "only what the glob names");
    CHECK_INT(r.counts[PROOF_HELD], 1, "and it holds");
    CHECK_INT(r.seed, 5, "with the seed given");
    CLEANUP(json_free) json_t *j = selftest_json(&r);
    CHECK_STR(json_get_text(j, "schema"), "assay.selftest/1", "schema");
    CHECK_INT(json_get_num(j, "held"), 1, "count in JSON");
    const json_t *p = json_array_get(json_object_get(j, "proofs"), 0);
    CHECK_STR(json_get_text(p, "name"), "histogram/quantiles", "name in JSON");
    CHECK_STR(json_get_text(p, "state"), "held", "state in JSON");
    const json_t *f = json_array_get(json_object_get(p, "figures"), 0);
    CHECK(json_get_num(f, "value") < 0.001, "figure in JSON");
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    selftest_text(&r, true, &text);
    CHECK(str_find(strbuf_str(&text), STR("1 held, 0 broken, 0 unclear, 0 skipped")) > 0, "text");
}

static void test_unknown(void)
{
    Err err = { 0 };
    CLEANUP(selftest_done) SelftestReport r = { 0 };
    CHECK_INT(selftest_run(&(SelftestOpts){ .only = "nonsense" }, &r, &err), -ENOENT, "unknown");
    CHECK(str_find(str(err.msg), STR("nonsense")) > 0, "says so: %s", err.msg);
}

static void test_stopped(void)
{
    Err err = { 0 };
    bool stop = true;
    CLEANUP(selftest_done) SelftestReport r = { 0 };
    CHECK_INT(selftest_run(&(SelftestOpts){ .stop = &stop, .only = "clock" }, &r, &err), 0, "ends");
    CHECK(r.interrupted && r.n == 0, "interrupted, nothing claimed");
}

/* Noise can turn broken into unclear by the row's own judgement, never the other way round. */
static void test_gravity(void)
{
    Arena a = { 0 };
    ProofResult now = { 0 };
    ProofCtx x = { .arena = &a, .now = &now };
    CHECK(proof_figure(&x, "f", "ns", 5, 1, 5), "within");
    CHECK(!proof_figure(&x, "f", "ns", 6, 1, 5), "above");
    CHECK(!proof_figure(&x, "f", "ns", (double)NAN, (double)NAN, 5),
          "a missing figure is not held");
    CHECK(proof_figure(&x, "f", "ns", -1e9, (double)NAN, 5), "open below");
    proof_note(&x, PROOF_UNCLEAR, "first");
    CHECK(now.state == PROOF_UNCLEAR, "unclear");
    proof_note(&x, PROOF_BROKEN, "second");
    proof_note(&x, PROOF_UNCLEAR, "third");
    CHECK(now.state == PROOF_BROKEN, "broken outweighs");
    CHECK_STR(now.why, "second", "with its reason");
    arena_done(&a);
}

static void test_list(void)
{
    CLEANUP(strbuf_done) StrBuf list = { 0 };
    selftest_list(&list);
    CHECK(str_find(strbuf_str(&list), STR("percentiles/mix")) >= 0, "names");
    CHECK(str_find(strbuf_str(&list), STR("freeze")) >= 0, "all of them");
}

int main(void)
{
    test_quiet_proofs();
    test_unknown();
    test_stopped();
    test_gravity();
    test_list();
    return tap_done();
}
