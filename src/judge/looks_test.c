/* Looking at pairs while they are measured: what the whole judge makes of it. */
#include "judge/judge.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "tap.h"

enum { ROUNDS = 40, LOOKS = 4, CASES = 3 };

/* Three pairs, measured up to where look k is due; as they would have been from the beginning. */
static Run *run_to(uint64_t seed, int look, double shift)
{
    Run *r = NULL;
    Err err = { 0 };
    Rng rng = rng_new(seed, "looks", 0);
    static const char *const names[] = { "a", "b", "c", "d" };
    if (run_new(&r, "test", 1, 1000, &err) < 0)
        abort();
    for (int i = 0; i <= CASES; i++)
        run_add_case(r, names[i], "x", KIND_COMMAND, SIDE_HEAD)->reference = i ? "a" : NULL;
    for (int round = 0; round < ROUNDS * look / LOOKS; round++)
        for (int i = 0; i <= CASES; i++) {
            Trial *t = case_add_trial(r, r->cases[i]);
            t->round = (uint32_t)round;
            trial_add_metric(r, t, "wall", "ns", BETTER_LOWER, "m",
                             1e7 * exp(0.02 * rng_normal(&rng) + (i == 1 ? shift : 0)), NULL);
        }
    for (int i = 1; i <= CASES; i++) {
        GroupPlan *p = r->cases[i]->looks = ARENA_NEW(&r->arena, GroupPlan);
        for (; p->n_looks < look; p->n_looks++) {
            p->at[p->n_looks] = ROUNDS * (p->n_looks + 1) / LOOKS;
            p->t[p->n_looks] = (p->n_looks + 1.0) / LOOKS;
        }
    }
    if (run_summarise(r, &err) < 0)
        abort();
    return r;
}

static Verdict verdict_at(uint64_t seed, int look, double shift, ptrdiff_t row, bool *ret_any)
{
    static const JudgeOpts o = { .confidence = 0.95, .min_effect = 0, .fresh_pairs = true };
    CLEANUP(run_freep) Run *r = run_to(seed, look, shift);
    Comparison *c = NULL;
    Err err = { 0 };
    if (judge_competitors(r, &o, &c, &err) < 0)
        abort();
    for (ptrdiff_t i = 0; i < c->n; i++)
        *ret_any |=
            c->rows[i].verdict == VERDICT_REGRESSED || c->rows[i].verdict == VERDICT_IMPROVED;
    return c->rows[row].verdict;
}

static void test_false_alarms(void)
{
    enum { RUNS = 250 };
    int alarms = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        bool any = false;
        for (int look = 1; look <= LOOKS; look++)
            verdict_at(seed, look, 0, 0, &any);
        alarms += any;
    }
    CHECK(alarms <= RUNS / 20, "nothing changed: %d of %d runs alarm at any look", alarms, RUNS);
}

static void test_early(void)
{
    enum { RUNS = 40 };
    int rounds = 0, missed = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        bool any = false;
        int look = 1;
        while (look < LOOKS && verdict_at(seed, look, 0.1, 0, &any) != VERDICT_REGRESSED)
            look++;
        missed += verdict_at(seed, look, 0.1, 0, &any) != VERDICT_REGRESSED;
        rounds += ROUNDS * look / LOOKS;
    }
    CHECK_INT(missed, 0, "+10 %% is found each time");
    CHECK(rounds * 10 <= RUNS * ROUNDS * 6, "after %d of %d rounds", rounds / RUNS, ROUNDS);
}

int main(void)
{
    test_false_alarms();
    test_early();
    return tap_done();
}
