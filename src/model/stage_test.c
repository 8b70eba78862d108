/* Curves: values, integrals and the way back, each against the others; texts and their refusals. */
#include "model/stage.h"

#include <errno.h>

#include "tap.h"

static Arena arena;

static const char *const good[] = {
    "rate=500/s over=10s",
    "rate=0->500/s over=30s",
    "rate=500/s->0 over=30s",
    "rate=20/s->900/s over=7s",
    "rate=100/s sine=50/s every=3s over=20s",
    "rate=100/s sine=100/s every=3s over=20s",
    "rate=100/s burst=2000/s every=5s length=1s over=23s",
    "rate=0 burst=2000/s every=5s length=1s over=23s",
    "rate=50/s day=150/s peaks=9s peaks=12s peaks=15s peaks=18s over=24s",
    "rate=0 day=1000/s peaks=5s width=500ms over=10s",
};

static Stage parse(const char *text)
{
    StageList list = { 0 };
    Err err = { 0 };
    int r = stages_parse(&arena, text, &list, &err);
    CHECK(r == 0 && list.n == 1, "%s %s", text, err.msg);
    return r == 0 ? list.v[0] : (Stage){ .over_ns = 1 };
}

/* Simpson's rule between the breaks of bursts is exact enough to catch a wrong formula. */
static double numeric_count(const Stage *s, double to)
{
    enum { STEPS = 400000 };
    double sum = 0, h = to / STEPS;
    for (int i = 0; i < STEPS; i++)
        sum += stage_value(s, (i + 0.5) * h);
    return sum * h * 1e-9;
}

static void test_curves(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(good); i++) {
        Stage s = parse(good[i]);
        double T = (double)s.over_ns, all = stage_count(&s, T);
        CHECK_NEAR(stage_count(&s, T), numeric_count(&s, T), 0.02 + 1e-5 * all,
                   "   its integral is %g", all);
        CHECK_NEAR(stage_count(&s, T / 3), numeric_count(&s, T / 3), 0.02 + 1e-5 * all,
                   "   and up to a third");
        double worst = 0, last = 0;
        bool rising = true;
        for (double n = 0.5; n < all; n += all / 999) {
            double t = stage_when(&s, n, last);
            worst = fmax(worst, fabs(stage_count(&s, t) - n));
            rising &= t >= last;
            last = t;
        }
        CHECK(worst < 1e-5 && rising, "   the way back misses by %g at most, and rises", worst);
        CHECK(stage_when(&s, all * 2, 0) == T && stage_when(&s, 0, 0) == 0, "   and has ends");
    }
}

static void test_known(void)
{
    Stage ramp = parse("rate=0->500/s over=10s");
    CHECK_NEAR(stage_count(&ramp, 1e10), 2500, 1e-9, "a ramp to 500/s in 10 s is 2500 operations");
    CHECK_NEAR(stage_when(&ramp, 625, 0), 5e9, 1, "a quarter of them in half of the time");
    Stage hold = parse("rate=1000/s over=10s");
    CHECK_NEAR(stage_when(&hold, 7, 0), 7e6, 1e-6, "the 7th of 1000/s is due at 7 ms");
    Stage burst = parse("rate=100/s burst=2000/s every=5s length=1s over=20s");
    CHECK_NEAR(stage_value(&burst, 3.9e9), 100, 0, "before a burst");
    CHECK_NEAR(stage_value(&burst, 4.1e9), 2000, 0, "within");
    CHECK_NEAR(stage_value(&burst, 5.1e9), 100, 0, "behind");
    CHECK_NEAR(stage_count(&burst, 2e10), 4 * 2400, 1e-6, "four bursts");
    Stage day = parse("rate=50/s day=150/s peaks=9s peaks=12s peaks=15s peaks=18s over=24s");
    CHECK_NEAR(stage_value(&day, 12e9), 150, 2, "the peak of a day");
    CHECK_NEAR(stage_value(&day, 0), 50, 0.1, "its night");
    CHECK_NEAR(stage_peak(&day), 150, 2, "its most");
}

static void test_lists(void)
{
    StageList list = { 0 };
    Err err = { 0 };
    CHECK_INT(stages_parse(&arena, "users=1000 step=500 every=5m to=10000; rate=5/s over=1s", &list,
                           &err),
              0, "stress %s", err.msg);
    CHECK_INT(list.n, 20, "19 steps and another");
    CHECK_STR(list.v[1].name, "1500users", "named by their value");
    CHECK_STR(list.v[19].name, "stage20", "others by their number");
    CHECK_NEAR(list.v[18].from, 10000, 0, "up to the last");
    CHECK(stages_length_ns(&list) == 19 * 300 * NS_PER_S + NS_PER_S, "the length of all");
    stages_scale(&list, 0.01);
    CHECK(stages_length_ns(&list) == 19 * 3 * NS_PER_S + 10 * NS_PER_MS, "scaled to a hundredth");
}

static void test_refusals(void)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "rate=5/s", "over: a stage needs its length" },
        { "over=5s", "either a 'rate' or 'users'" },
        { "rate=5/s users=3 over=5s", "either a 'rate' or 'users'" },
        { "rate=5x over=5s", "rate: " },
        { "users=1.5 over=5s", "no whole number of users" },
        { "users=5 over=5s arrivals=poisson", "arrivals: belongs to a 'rate'" },
        { "rate=5/s sine=6/s every=1s over=5s", "below 0" },
        { "rate=5/s sine=3/s over=5s", "needs 'every'" },
        { "rate=5/s burst=9/s every=1s length=2s over=5s", "shorter than 'every'" },
        { "rate=5/s burst=9/s sine=2/s every=1s length=1s over=5s", "exclude each other" },
        { "rate=5/s day=9/s over=5s", "1 to 12" },
        { "rate=5/s day=9/s peaks=9s over=5s", "behind the end" },
        { "users=5 step=5 to=10", "needs 'every'" },
        { "users=5 step=0 every=1s to=10", "goes up" },
        { "rate=5/s over=5s name=a.b", "letters, digits" },
        { "rate=5/s over=5s name=a; rate=5/s over=5s name=a", "two stages are called 'a'" },
        { "speed=3", "is none of rate=" },
        { "", "no stage" },
        { "rate=2e9 over=1s", "too much" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        StageList list = { 0 };
        Err err = { 0 };
        CHECK_INT(stages_parse(&arena, bad[i].text, &list, &err), -EINVAL, "'%s' is refused",
                  bad[i].text);
        CHECK(strstr(err.msg, bad[i].says) != NULL, "   %s", err.msg);
    }
}

int main(void)
{
    test_curves();
    test_known();
    test_lists();
    test_refusals();
    arena_done(&arena);
    return tap_done();
}
