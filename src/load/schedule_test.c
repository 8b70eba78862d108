/* Due times of all workers together: as many as planned, in order, exact; users' comings and
 * goings; random arrivals by a test of their law. */
#include "load/schedule.h"

#include <stdlib.h>

#include "tap.h"

static Arena arena;

static Schedule parse(const char *text)
{
    StageList list = { 0 };
    Schedule s = { 0 };
    Err err = { 0 };
    if (stages_parse(&arena, text, &list, &err) < 0 || schedule_init(&s, &list, &err) < 0) {
        CHECK(false, "%s: %s", text, err.msg);
        exit(1);
    }
    return s;
}

static int by_value(const void *pa, const void *pb)
{
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
    return (a > b) - (a < b);
}

/* All due times of n workers, in order; *ret_n of them, freed by the caller. */
static uint64_t *all_dues(const Schedule *s, uint32_t n_workers, uint64_t seed, size_t *ret_n)
{
    size_t n = 0, cap = 1 << 20;
    uint64_t *v = malloc(cap * sizeof *v);
    for (uint32_t w = 0; w < n_workers; w++) {
        Cursor c;
        for (cursor_begin(&c, s, w, n_workers, seed); c.due_ns != UINT64_MAX && n < cap;
             cursor_next(&c))
            v[n++] = c.due_ns;
    }
    qsort(v, n, sizeof *v, by_value);
    *ret_n = n;
    return v;
}

static const struct {
    const char *text;
    uint64_t count;
    const char *why;
} totals[] = {
    { "rate=10000/s over=20s", 200000, "the pacing promise" },
    { "rate=1/s over=1s", 1, "due at 0 only: 1 s is not within" },
    { "rate=3/s over=1s", 3, "thirds of a second round down" },
    { "rate=0.1/s over=25s", 3, "slower than one per second" },
    { "rate=20/m over=9s", 3, "a rate without an exact double" },
    { "rate=12345.6789/s over=10s", 123457, "a fraction counts when it is due before the end" },
    { "rate=0->500/s over=10s", 2500, "a ramp" },
    { "rate=0->500/s over=10s; rate=500/s over=10s; rate=500/s->0 over=10s", 10000,
      "up, hold, down" },
    { "rate=10/s over=1s; users=5 over=3s; rate=10/s over=1s", 20, "users in between" },
    { "rate=100/s sine=100/s every=3s over=21s", 2100, "seven sines" },
    { "rate=100/s burst=2000/s every=5s length=1s over=20s", 9600, "four bursts" },
    { "rate=0.3/s over=1s; rate=0.3/s over=1s; rate=0.5/s over=1s", 2,
      "parts of operations add up" },
    { "users=5 over=1s", 0, "users alone" },
};

static void test_totals(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(totals); i++) {
        Schedule s = parse(totals[i].text);
        uint64_t planned = 0;
        for (ptrdiff_t k = 0; k < s.n; k++)
            planned += schedule_planned(&s, k);
        CHECK_INT(planned, totals[i].count, "%s", totals[i].why);
        size_t one, four, same = 0;
        uint64_t *a = all_dues(&s, 1, 1, &one), *b = all_dues(&s, 4, 1, &four);
        CHECK(one == totals[i].count && four == one,
              "   is due, by one worker and by four: %zu, %zu", one, four);
        for (size_t k = 0; k < one && k < four; k++)
            same += a[k] == b[k] || (a[k] > b[k] ? a[k] - b[k] : b[k] - a[k]) <= 1;
        CHECK(same == one, "   at the same times");
        CHECK(one == 0 || a[one - 1] < s.length_ns, "   before the end");
        free(a);
        free(b);
        schedule_done(&s);
    }
}

static void test_no_drift(void)
{
    Schedule s = parse("rate=9973/s over=100s");
    Cursor c;
    double worst = 0;
    uint64_t k = 0, last = 0;
    bool rising = true;
    for (cursor_begin(&c, &s, 0, 1, 0); c.due_ns != UINT64_MAX; cursor_next(&c), k++) {
        long double exact = (long double)k * 1e9L / 9973.0L;
        worst = fmax(worst, (double)fabsl(exact - (long double)c.due_ns));
        rising &= k == 0 || c.due_ns > last;
        last = c.due_ns;
    }
    CHECK(worst <= 1, "a prime rate is within a nanosecond of k / rate throughout (%g)", worst);
    CHECK(rising && k == 997300, "and rises");
    schedule_done(&s);
}

static void test_stages(void)
{
    Schedule s = parse("rate=0->1000/s over=1s name=up; rate=1000/s over=2s; rate=100/s over=1s");
    Cursor c;
    uint64_t counts[3] = { 0 };
    bool within = true;
    for (cursor_begin(&c, &s, 0, 1, 0); c.due_ns != UINT64_MAX; cursor_next(&c)) {
        counts[c.slot]++;
        within &= (double)c.due_ns >= s.slots[c.slot].begin_ns &&
                  (double)c.due_ns < s.slots[c.slot].end_ns;
    }
    CHECK(within, "each operation is due within its stage");
    for (ptrdiff_t i = 0; i < 3; i++)
        CHECK_INT(counts[i], schedule_planned(&s, i), "stage %td has its planned operations", i);
    CHECK_NEAR(schedule_rate_at(&s, 500 * NS_PER_MS), 500, 1e-9, "half way up");
    CHECK_NEAR(schedule_rate_at(&s, 3500 * NS_PER_MS), 100, 1e-9, "in the last");
    CHECK_NEAR(schedule_users_at(&s, 0), 0, 0, "and no users");
    schedule_done(&s);
}

/* Kolmogorov and Smirnov's statistic of gaps against the exponential law. */
static double ks_exponential(const uint64_t *due, size_t n, double rate)
{
    double *gap = malloc((n - 1) * sizeof *gap), worst = 0;
    for (size_t i = 0; i + 1 < n; i++)
        gap[i] = (double)(due[i + 1] - due[i]);
    uint64_t *order = malloc((n - 1) * sizeof *order);
    for (size_t i = 0; i + 1 < n; i++)
        order[i] = due[i + 1] - due[i];
    qsort(order, n - 1, sizeof *order, by_value);
    for (size_t i = 0; i + 1 < n; i++) {
        double f = 1 - exp(-(double)order[i] * rate * 1e-9);
        worst = fmax(worst, fmax(fabs((double)(i + 1) / (double)(n - 1) - f),
                                 fabs((double)i / (double)(n - 1) - f)));
    }
    free(gap);
    free(order);
    return worst;
}

static void test_poisson(void)
{
    Schedule s = parse("rate=2000/s over=10s arrivals=poisson");
    for (uint32_t workers = 1; workers <= 3; workers++) {
        size_t n, again;
        uint64_t *v = all_dues(&s, workers, 7, &n), *same = all_dues(&s, workers, 7, &again);
        CHECK(fabs((double)n - 20000) < 4 * sqrt(20000.0), "%u workers: %zu of 20000 expected",
              workers, n);
        double d = ks_exponential(v, n, 2000), limit = 1.63 / sqrt((double)n);
        CHECK(d < limit, "   gaps are exponential: D = %g < %g (1 %%)", d, limit);
        CHECK(again == n && memcmp(v, same, n * sizeof *v) == 0,
              "   and the same for the same seed");
        free(v);
        free(same);
    }
    CHECK_INT(schedule_planned(&s, 0), 20000, "planned is what is expected");
    schedule_done(&s);
    Schedule ramp = parse("rate=0->1000/s over=10s arrivals=poisson; rate=10/s over=1s");
    size_t n;
    uint64_t *v = all_dues(&ramp, 2, 3, &n);
    size_t half = 0, behind = 0;
    for (size_t i = 0; i < n; i++) {
        half += v[i] < 5 * NS_PER_S;
        behind += v[i] >= 10 * NS_PER_S;
    }
    CHECK(fabs((double)half - 1250) < 4 * sqrt(1250.0),
          "a random ramp follows its curve: %zu in its first half", half);
    CHECK_INT(behind, 10, "and the stage behind it is even again");
    free(v);
    schedule_done(&ramp);
}

static void test_users(void)
{
    Schedule s = parse("users=0->100 over=10s; users=100 over=5s; users=100->0 over=10s; rate=5/s "
                       "over=1s; users=3 over=1s");
    CHECK_INT(schedule_most_users(&s), 100, "most users");
    CHECK_NEAR((double)schedule_join_ns(&s, 0, 0), 0, 2, "the first comes at once");
    CHECK_NEAR((double)schedule_join_ns(&s, 50, 0), 5e9, 10, "the 51st half way up");
    CHECK_NEAR((double)schedule_join_ns(&s, 50, 12 * NS_PER_S), 12e9, 1,
               "takes part while it holds");
    CHECK(schedule_join_ns(&s, 50, 21 * NS_PER_S) == UINT64_MAX, "and not again when it has gone");
    CHECK_INT(schedule_join_ns(&s, 2, UINT64_C(25500) * NS_PER_MS), 26 * NS_PER_S,
              "the third comes back in a later stage");
    CHECK_NEAR(schedule_users_at(&s, 12 * NS_PER_S), 100, 0, "users while it holds");
    schedule_done(&s);
    Schedule burst = parse("users=10 burst=50 every=5s length=500ms over=20s");
    CHECK_INT(schedule_join_ns(&burst, 20, 0), 4500 * NS_PER_MS, "bursts of users");
    CHECK_INT(schedule_join_ns(&burst, 20, 5 * NS_PER_S), 9500 * NS_PER_MS, "and the next");
    schedule_done(&burst);
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
}

/* Times that were recorded, cut where the window ends. */
static void test_dues(void)
{
    enum { N = 5000 };
    uint64_t dues[N];
    for (int i = 0; i < N; i++)
        dues[i] = (uint64_t)i / 5 * 5 * NS_PER_MS;
    for (uint32_t workers = 1; workers <= 7; workers += 3) {
        Schedule s = { 0 };
        Err err = { 0 };
        size_t n;
        CHECK_INT(schedule_init_dues(&s, dues, N, 2 * NS_PER_S + 1, &err), 0, "dues %s", err.msg);
        uint64_t *v = all_dues(&s, workers, 1, &n);
        CHECK_INT(n, 2005, "those of two seconds, by %u workers", workers);
        CHECK_INT(schedule_planned(&s, 0), 2005, "   as planned");
        CHECK(n == 2005 && memcmp(v, dues, n * sizeof *v) == 0, "   each when it is due");
        CHECK(fabs(schedule_rate_at(&s, NS_PER_S) - 1000) < 1e-9, "   at the rate around it");
        free(v);
        schedule_done(&s);
    }
}

int main(void)
{
    test_totals();
    test_dues();
    test_no_drift();
    test_stages();
    test_poisson();
    test_users();
    test_shares();
    arena_done(&arena);
    return tap_done();
}
