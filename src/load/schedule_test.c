#include "load/schedule.h"

#include "tap.h"

static const struct {
    double rate;
    uint64_t duration_ns, count;
    const char *why;
} totals[] = {
    { 10000, 60 * NS_PER_S, 600000, "the pacing promise" },
    { 1, NS_PER_S, 1, "due at 0 only: 1 s is not within" },
    { 3, NS_PER_S, 3, "thirds of a second round down" },
    { 0.1, 25 * NS_PER_S, 3, "slower than one per second" },
    { 1.0 / 3, 9 * NS_PER_S, 3, "a rate without an exact double" },
    { 7, 0, 0, "an empty schedule" },
    { 123456.789, 10 * NS_PER_S, 1234568, "a fraction counts when it is due before the end" },
    { 1e7, 1, 1, "the first is due at once" },
};

static void test_totals(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(totals); i++) {
        Schedule s = { totals[i].rate, totals[i].duration_ns };
        CHECK_INT(schedule_count(&s), totals[i].count, "%s", totals[i].why);
    }
}

static void test_no_drift(void)
{
    Schedule s = { 9973, 100 * NS_PER_S };
    double worst = 0;
    bool rising = true;
    for (uint64_t k = 1; k < 900000; k += 17) {
        long double exact = (long double)k * 1e9L / 9973.0L;
        worst = fmax(worst, (double)fabsl(exact - (long double)schedule_due_ns(&s, k)));
        rising = rising && schedule_due_ns(&s, k) > schedule_due_ns(&s, k - 1);
    }
    CHECK(worst < 1, "a prime rate is within a nanosecond of k / rate throughout (%g)", worst);
    CHECK(rising, "and rises");
    Schedule year = { 1000, UINT64_C(31536000) * NS_PER_S };
    CHECK_INT(schedule_due_ns(&year, UINT64_C(31535999999)), UINT64_C(31535999999000000),
              "exact after a year");
}

static void test_shares(void)
{
    int bad = 0;
    for (uint32_t n = 1; n <= 7; n++) {
        for (uint64_t count = 0; count < 40; count++) {
            uint64_t sum = 0;
            for (uint32_t w = 0; w < n; w++)
                sum += schedule_share(count, w, n);
            bad += sum != count;
        }
    }
    CHECK_INT(bad, 0, "workers' shares add up to the whole, whatever the remainder");
    CHECK_INT(schedule_share(10, 0, 4), 3, "first of four has 0, 4, 8");
    CHECK_INT(schedule_share(10, 2, 4), 2, "third has 2, 6");
}

int main(void)
{
    test_totals();
    test_no_drift();
    test_shares();
    return tap_done();
}
