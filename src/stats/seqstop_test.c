#include "stats/seqstop.h"

#include <errno.h>

#include "base/rng.h"
#include "stats/quantile.h"
#include "tap.h"

static void test_declare(void)
{
    SeqSchedule s;
    Err err = { 0 };
    SeqPlan p = {
        .level = .95, .half_width = .01, .relative = true, .n_first = 5, .n_max = 200, .growth = 1.5
    };
    CHECK_INT(seqstop_declare(&p, &s, &err), 0, "a usual plan");
    bool rising = true;
    for (int i = 1; i < s.n_looks; i++)
        rising &= s.look_at[i] > s.look_at[i - 1];
    CHECK(rising && s.look_at[s.n_looks - 1] == 200, "looks rise to the last");
    double share = 1 - s.look_level;
    CHECK(share > .05 / s.n_looks && share < .05, "each of %d spends %.4f", s.n_looks, share);
    RankInterval r = quantile_rank_interval(s.look_at[0], .5, s.look_level);
    CHECK(r.lo >= 1, "the first look can be finite");
    p.n_max = p.n_first = 6;
    CHECK_INT(seqstop_declare(&p, &s, &err), 0, "one look");
    CHECK(s.n_looks == 1 && s.look_at[0] == 6 && fabs(s.look_level - .95) < 1e-15, "at full level");

    static const struct {
        SeqPlan plan;
        const char *why;
    } bad[] = {
        { { .95, .01, true, 3, 5, 1.5 }, "five samples give no interval" },
        { { .95, .01, true, 10, 5, 1.5 }, "last before first" },
        { { .95, .01, true, 0, 5, 1.5 }, "no first" },
        { { .95, 0, true, 10, 50, 1.5 }, "no width" },
        { { .95, .01, true, 10, 50, 1 }, "no growth" },
        { { .95, .01, true, 10, 5000, 1.01 }, "too many looks" },
        { { 1, .01, true, 10, 50, 2 }, "certainty" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK_INT(seqstop_declare(&bad[i].plan, &s, &err), -EINVAL, "%s: %s", bad[i].why, err.msg);
}

static void test_states(void)
{
    SeqPlan p = {
        .level = .9, .half_width = .1, .relative = true, .n_first = 10, .n_max = 20, .growth = 2
    };
    SeqSchedule s;
    SeqLook l;
    double x[20];
    if (seqstop_declare(&p, &s, NULL) < 0)
        abort();
    CHECK(s.n_looks == 2 && s.look_at[0] == 10, "two looks");
    for (int i = 0; i < 20; i++)
        x[i] = 100 + i % 5;
    CHECK(seqstop_look(&s, 0, x, &l, NULL) == 0 && l.state == SEQ_PRECISE, "precise at once");
    CHECK(l.low >= 100 && l.high <= 104 && l.median == 102, "its interval");
    for (int i = 0; i < 20; i++)
        x[i] = 1 + 10 * i;
    CHECK(seqstop_look(&s, 0, x, &l, NULL) == 0 && l.state == SEQ_GO_ON, "go on");
    CHECK(seqstop_look(&s, 1, x, &l, NULL) == 0 && l.state == SEQ_EXHAUSTED, "exhausted");
    for (int i = 0; i < 20; i++)
        x[i] = 0;
    CHECK(seqstop_look(&s, 1, x, &l, NULL) == 0 && isinf(l.half_width), "no share of nothing");
    x[3] = (double)NAN;
    CHECK_INT(seqstop_look(&s, 0, x, &l, NULL), -EINVAL, "NaN");
}

static double draw(Rng *r, int law)
{
    switch (law) {
    case 0:
        return 10 + rng_normal(r);
    case 1:
        return 1 + rng_exp(r); /* median 1 + ln 2 */
    default:
        return exp(.2 * rng_normal(r)) * (rng_f64(r) < .05 ? 3 : 1);
    }
}

/* The chance that any look misses, by simulation of the walk at the declared level. */
static void test_any_look(void)
{
    enum { REPS = 20000, N_MAX = 200 };
    SeqPlan p = { .level = .9, .half_width = 1, .n_first = 12, .n_max = N_MAX, .growth = 1.5 };
    SeqSchedule s;
    if (seqstop_declare(&p, &s, NULL) < 0)
        abort();
    RankInterval r[SEQ_LOOKS_MAX];
    for (int i = 0; i < s.n_looks; i++)
        r[i] = quantile_rank_interval(s.look_at[i], .5, s.look_level);
    Rng rng = rng_new(21, "walk", 0);
    int missed = 0;
    for (int rep = 0; rep < REPS; rep++) {
        ptrdiff_t n = 0, below = 0;
        bool miss = false;
        for (int i = 0; i < s.n_looks; i++) {
            for (; n < s.look_at[i]; n++)
                below += (ptrdiff_t)(rng_u64(&rng) >> 63);
            miss |= below < r[i].lo || below > n - r[i].lo;
        }
        missed += miss;
    }
    double share = (double)missed / REPS;
    CHECK(share <= .1 + 4 * sqrt(.09 / REPS), "any of %d looks misses in %.4f of 0.1", s.n_looks,
          share);
    CHECK(share >= .085, "and little of that is wasted");
    SeqPlan big = {
        .level = .95, .half_width = .001, .n_first = 10, .n_max = 2000000, .growth = 2
    };
    CHECK_INT(seqstop_declare(&big, &s, NULL), 0, "two million samples");
    CHECK_NEAR(1 - s.look_level, .05 / s.n_looks, 1e-12, "share evenly");
    big.n_max = SEQ_EXACT_MAX;
    CHECK_INT(seqstop_declare(&big, &s, NULL), 0, "the largest computed");
    CHECK(1 - s.look_level > .05 / s.n_looks, "spends more");
}

/* Stopped by its own result, the interval still covers; a rule that peeks without spending does not
 * even at the same looks. */
static void test_coverage(void)
{
    enum { REPS = 1500, N_MAX = 400 };
    /* Law 2 is a mixture: its median solves .95 Phi(z) + .05 Phi(z - ln 3 / .2) = 1/2, z = ln m /
     * .2 (scipy.optimize.brentq, scipy 1.17.1). */
    static const double medians[] = { 10, 1 + M_LN2, 1.0132898976981526 };
    static const double wanted[] = { .02, .12, .05 };
    for (int law = 0; law < 3; law++) {
        SeqPlan p = { .level = .9,
                      .half_width = wanted[law],
                      .relative = true,
                      .n_first = 10,
                      .n_max = N_MAX,
                      .growth = 1.4 };
        SeqSchedule s, naive;
        if (seqstop_declare(&p, &s, NULL) < 0)
            abort();
        naive = s;
        naive.look_level = p.level;
        Rng r = rng_new(20, "seqstop", (uint64_t)law);
        int hit = 0, naive_hit = 0, early = 0;
        for (int rep = 0; rep < REPS; rep++) {
            double x[N_MAX];
            SeqLook l = { .state = SEQ_GO_ON }, k = { .state = SEQ_GO_ON };
            for (int i = 0; i < N_MAX; i++)
                x[i] = draw(&r, law);
            for (int i = 0; i < s.n_looks; i++) {
                if (l.state == SEQ_GO_ON && seqstop_look(&s, i, x, &l, NULL) < 0)
                    abort();
                if (k.state == SEQ_GO_ON && seqstop_look(&naive, i, x, &k, NULL) < 0)
                    abort();
            }
            hit += l.low <= medians[law] && medians[law] <= l.high;
            naive_hit += k.low <= medians[law] && medians[law] <= k.high;
            early += l.state == SEQ_PRECISE;
        }
        CHECK(early > REPS / 2, "law %d: stops by precision in %d of %d", law, early, REPS);
        CHECK(naive_hit < hit, "law %d: spending matters", law);
        CHECK(hit >= .9 * REPS, "law %d: covers in %.3f (without spending: %.3f)", law,
              (double)hit / REPS, (double)naive_hit / REPS);
    }
}

int main(void)
{
    test_declare();
    test_states();
    test_any_look();
    test_coverage();
    return tap_done();
}
