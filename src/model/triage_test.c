/* Which entry speaks of what. */
#include "model/triage.h"

#include <math.h>
#include <string.h>

#include "model/run_sample.h"
#include "tap.h"

static const Triage entries[] = {
    { .id = "t-ack",
      .kind = TRIAGE_ACK,
      .case_name = "a",
      .metric = "latency",
      .from_wall_ns = 100,
      .until_wall_ns = 200 },
    { .id = "t-false",
      .kind = TRIAGE_FALSE,
      .case_name = "b",
      .run_id = "r1",
      .from_wall_ns = 100 },
    { .id = "t-expect", .kind = TRIAGE_EXPECT, .case_name = "c", .from_wall_ns = 100 },
    { .id = "t-undone", .kind = TRIAGE_ACK, .case_name = "d", .undone_wall_ns = 1 },
    { .id = "t-aside", .kind = TRIAGE_INVALID, .case_name = "e", .run_id = "r1" },
    { .id = "t-older", .kind = TRIAGE_ACK, .case_name = "f", .from_wall_ns = 100 },
    { .id = "t-newer", .kind = TRIAGE_EXPECT, .case_name = "f", .from_wall_ns = 100 },
};

static const TriageList list = { (Triage *)(uintptr_t)entries, ARRAY_LEN(entries), 0 };

static void test_find(void)
{
    static const struct {
        TriageAsk ask;
        const char *id, *what;
    } cases[] = {
        { { "a", "latency", "r1", 100, 50 }, "t-ack", "from its run on" },
        { { "a", "latency.p99", "r2", 199, 50 }, "t-ack", "a statistic of its metric" },
        { { "a", "latency_max", "r2", 150, 50 }, NULL, "another metric of that beginning" },
        { { "a", "wall", "r1", 150, 50 }, NULL, "another metric" },
        { { "a", "latency", "r0", 99, 50 }, NULL, "a run from before" },
        { { "a", "latency", "r3", 200, 50 }, NULL, "when it is over" },
        { { "a", "latency", "r3", 150, 100 }, NULL, "both sides have it" },
        { { "a", "latency", "r3", 150, 0 }, "t-ack", "nobody knows when the reference was" },
        { { "b", "wall", "r1", 100, 50 }, "t-false", "a false alarm of that run" },
        { { "b", "wall", "r2", 150, 50 }, NULL, "not of the next" },
        { { "c", "wall", "r2", 150, 99 }, "t-expect", "expected, the reference is from before" },
        { { "c", "wall", "r2", 150, 100 }, NULL, "the reference is of the new level" },
        { { "d", "wall", "r2", 150, 0 }, NULL, "taken back" },
        { { "e", "wall", "r1", 150, 0 }, NULL, "what is set aside excuses nothing" },
        { { "f", "wall", "r2", 150, 0 }, "t-newer", "the newest of two" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        const Triage *t = triage_find(&list, &cases[i].ask);
        CHECK_STR(t ? t->id : "", cases[i].id ? cases[i].id : "", "%s", cases[i].what);
    }
    CHECK(!triage_find(NULL, &cases[0].ask), "no list");
}

static void test_words(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Triage t = { .kind = TRIAGE_ACK,
                 .change = 0.25,
                 .author = "Ann",
                 .reason = "known",
                 .until_wall_ns = UINT64_C(1798675200000000000) };
    CHECK_STR(triage_words(&t, &a), "acknowledged up to +25.0 % until 2026-12-31 by Ann: known",
              "all of it");
    t = (Triage){ .kind = TRIAGE_FALSE, .change = (double)NAN, .author = "Ann", .reason = "noise" };
    CHECK_STR(triage_words(&t, &a), "dismissed as a false alarm by Ann: noise", "the least");
    for (TriageKind k = TRIAGE_ACK; k <= TRIAGE_INVALID; k++) {
        TriageKind back;
        CHECK(triage_parse(triage_name(k), &back) == 0 && back == k, "%s", triage_name(k));
    }
    CHECK(triage_parse("sorry", &t.kind) < 0, "no word for it");
}

static void test_mark(void)
{
    CLEANUP(run_freep) Run *r = sample_run(3);
    CaseResult *c = r->cases[0];
    Triage t = { .kind = TRIAGE_INVALID,
                 .run_id = r->id,
                 .case_name = c->name,
                 .change = (double)NAN,
                 .author = "Ann",
                 .reason = "wrong input" };
    TriageList l = { &t, 1, 1 };
    Grade before = r->validity.grade;
    triage_mark(&l, r);
    CHECK_STR(triage_marked(&c->validity), "set aside by Ann: wrong input", "the case says why");
    CHECK(c->validity.grade == GRADE_INVALID && r->validity.grade == before,
          "the case, not the run");
    CHECK(!triage_marked(&r->cases[1]->validity), "no other case");
    t.case_name = NULL;
    triage_mark(&l, r);
    CHECK(triage_marked(&r->validity) && triage_marked(&r->cases[1]->validity), "a run: all of it");
    Err err = { 0 };
    CHECK(run_summarise(r, &err) == 0 && !triage_marked(&r->validity),
          "gone with the next summary");
}

int main(void)
{
    test_find();
    test_words();
    test_mark();
    return tap_done();
}
