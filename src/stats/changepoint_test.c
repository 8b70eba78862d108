#include "stats/changepoint.h"

#include <errno.h>

#include "base/rng.h"
#include "tap.h"

enum { N_MAX = 1000 };

static double x[N_MAX];

static ChangePoints find(const double *y, ptrdiff_t n)
{
    ChangePoints c = { 0 };
    Err err = { 0 };
    if (changepoints_find(y, n, NULL, &c, &err) < 0)
        CHECK(false, "%s", err.msg);
    return c;
}

static ptrdiff_t count_confirmed(const double *y, ptrdiff_t n)
{
    ChangePoints c = find(y, n);
    ptrdiff_t k = 0;
    for (ptrdiff_t i = 0; i < c.n; i++)
        k += c.v[i].confirmed;
    changepoints_done(&c);
    return k;
}

/* `n` values around `level` that never repeat, within +- 1 %. */
static double *put(double *to, ptrdiff_t n, double level)
{
    for (ptrdiff_t i = 0; i < n; i++)
        to[i] = level * (1 + 0.01 * (fmod((double)(i + 1) * 0.618034, 1) * 2 - 1));
    return to + n;
}

static void test_one_step(void)
{
    put(put(x, 30, 100), 30, 110);
    ChangePoints c = find(x, 60);
    CHECK_INT(c.n, 1, "one change");
    if (c.n == 1) {
        ChangePoint p = c.v[0];
        CHECK_INT(p.index, 30, "at its first value");
        CHECK(p.confirmed && p.points_needed == 0, "confirmed");
        CHECK(p.first == 30 && p.last == 30, "nowhere else");
        CHECK_NEAR(p.before, 100, 0.2, "median before");
        CHECK_NEAR(p.after, 110, 0.2, "median after");
        CHECK_NEAR(p.change, 0.1, 0.003, "change");
        CHECK(p.p < 1e-9, "p %g", p.p);
    }
    changepoints_done(&c);
}

/* 2 / C(30 + k, k): 3 new values give 3.7e-4, 4 give 4.3e-5. */
static void test_suspected(void)
{
    static const struct {
        int n_new;
        bool confirmed;
        int needed;
    } t[] = { { 1, false, 3 }, { 2, false, 2 }, { 3, false, 1 }, { 4, true, 0 }, { 5, true, 0 } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        put(put(x, 30, 100), t[i].n_new, 120);
        ChangePoints c = find(x, 30 + t[i].n_new);
        CHECK_INT(c.n, 1, "%d new values: one change", t[i].n_new);
        if (c.n == 1) {
            CHECK_INT(c.v[0].index, 30, "at its place");
            CHECK_INT(c.v[0].confirmed, t[i].confirmed, "confirmed or not");
            CHECK_INT(c.v[0].points_needed, t[i].needed, "how many more it needs");
            CHECK_NEAR(c.v[0].change, 0.2, 0.02, "by how much");
        }
        changepoints_done(&c);
    }
}

static void test_several(void)
{
    double *end = put(x, 40, 100);
    end = put(end, 40, 1000);
    end = put(end, 40, 1050);
    end = put(end, 40, 100);
    ChangePoints c = find(x, end - x);
    CHECK_INT(c.n, 3, "a small change between large ones is seen");
    for (ptrdiff_t i = 0; i < c.n; i++)
        CHECK_INT(c.v[i].index, 40 * (i + 1), "change %td", i + 1);
    changepoints_done(&c);
}

/* A jump that a drift follows is a jump, and only one; a drift alone is none. */
static void test_step_and_drift(void)
{
    Rng r = rng_new(6, "drift", 0);
    int right = 0;
    for (int rep = 0; rep < 50; rep++) {
        for (int i = 0; i < 100; i++)
            x[i] = (i < 40 ? 100 : 120 + 0.2 * (i - 40)) + rng_normal(&r);
        ChangePoints c = find(x, 100);
        right += c.n == 1 && labs(c.v[0].index - 40) <= 1;
        changepoints_done(&c);
    }
    CHECK(right >= 45, "a jump before a drift is found where it is in %d of 50", right);
}

static void test_outliers_and_gaps(void)
{
    put(put(x, 30, 100), 30, 110);
    x[5] = 1e9;
    x[17] = -1e300;
    x[29] = 50;
    x[31] = 1e5;
    x[44] = x[45] = 1;
    ChangePoints c = find(x, 60);
    CHECK_INT(c.n, 1, "outliers neither hide nor make a change");
    CHECK(c.n == 1 && labs(c.v[0].index - 30) <= 1, "nor move it");
    changepoints_done(&c);

    put(put(x, 30, 100), 30, 110);
    x[0] = (double)NAN;
    x[10] = HUGE_VAL;
    x[28] = x[29] = (double)NAN;
    c = find(x, 60);
    CHECK(c.n == 1 && c.v[0].index == 30, "missing values keep their places");
    CHECK(c.n == 1 && c.v[0].first == 28 && c.v[0].last == 30, "and may be where it changed");
    changepoints_done(&c);
}

static void test_any_numbers(void)
{
    put(put(x, 30, -1), 30, 1);
    ChangePoints c = find(x, 60);
    CHECK(c.n == 1 && fabs(c.v[0].change - 2) < 0.05, "from -1 to 1: up by 200 %%");
    changepoints_done(&c);
    for (int i = 0; i < 60; i++)
        x[i] = i < 30 ? 0 : 3;
    c = find(x, 60);
    CHECK(c.n == 1 && c.v[0].index == 30 && isnan(c.v[0].change), "from 0: no relative change");
    changepoints_done(&c);
    for (int i = 0; i < 60; i++)
        x[i] = i < 52 ? 1000 : 1001;
    c = find(x, 60);
    CHECK(c.n == 1 && c.v[0].index == 52 && c.v[0].confirmed, "an exact metric");
    changepoints_done(&c);
    for (int i = 0; i < 60; i++)
        x[i] = 7;
    CHECK_INT(count_confirmed(x, 60), 0, "a constant");
    x[59] = 8;
    c = find(x, 60);
    CHECK(c.n == 1 && !c.v[0].confirmed && c.v[0].index == 59, "that moved is suspected");
    changepoints_done(&c);
    for (ptrdiff_t n = 0; n < 8; n++)
        CHECK_INT(count_confirmed(x + 53, n), 0, "%td values say nothing", n);
    x[0] = x[1] = x[2] = (double)NAN;
    CHECK_INT(count_confirmed(x, 3), 0, "only gaps");
}

static void test_refused(void)
{
    ChangePoints c = { 0 };
    Err err = { 0 };
    CHECK_INT(changepoints_find(x, 3, &(CpOpts){ .p = 1.5 }, &c, &err), -EINVAL, "p of 1.5");
    CHECK_INT(changepoints_find(x, 3, &(CpOpts){ .p = -1 }, &c, &err), -EINVAL, "negative p");
}

/* What noise without change looks like; `arg` by kind. */
typedef double Noise(Rng *r, ptrdiff_t i, double *state, double arg);

static double noise_normal(Rng *r, ptrdiff_t i, double *state, double arg)
{
    (void)i;
    (void)state;
    return 100 + arg * rng_normal(r);
}

static double noise_ar(Rng *r, ptrdiff_t i, double *state, double arg)
{
    double z = rng_normal(r);
    *state = i ? arg * *state + z : z / sqrt(1 - arg * arg);
    return 100 + *state;
}

static double noise_t3(Rng *r, ptrdiff_t i, double *state, double arg)
{
    (void)i;
    (void)state;
    double z = rng_normal(r), q = 0;
    for (int k = 0; k < 3; k++) {
        double g = rng_normal(r);
        q += g * g;
    }
    return 100 + arg * z / sqrt(q / 3);
}

static double noise_lognormal(Rng *r, ptrdiff_t i, double *state, double arg)
{
    (void)i;
    (void)state;
    return exp(arg * rng_normal(r));
}

static double noise_two_peaks(Rng *r, ptrdiff_t i, double *state, double arg)
{
    (void)i;
    (void)state;
    return (rng_f64(r) < arg ? 110 : 100) + rng_normal(r);
}

static double noise_whole(Rng *r, ptrdiff_t i, double *state, double arg)
{
    (void)i;
    (void)state;
    return round(100 + arg * rng_normal(r));
}

static double noise_drift(Rng *r, ptrdiff_t i, double *state, double arg)
{
    (void)state;
    return 100 + arg * (double)i + 2 * rng_normal(r);
}

/* False alarms per series; limits are about twice what was seen over ten times as many series. */
static void test_false_alarms(void)
{
    static const struct {
        const char *why;
        Noise *noise;
        double arg;
        ptrdiff_t n;
        int reps;
        double most;
    } t[] = {
        { "normal, 100 values", noise_normal, 2, 100, 1000, 0.01 },
        { "normal, 1000 values", noise_normal, 2, 1000, 200, 0.02 },
        { "t with 3 degrees of freedom", noise_t3, 2, 100, 1000, 0.01 },
        { "t with 3 degrees of freedom, 1000 values", noise_t3, 2, 1000, 200, 0.02 },
        { "log-normal", noise_lognormal, 0.5, 100, 1000, 0.01 },
        { "two peaks, 10 %", noise_two_peaks, 0.1, 100, 1000, 0.01 },
        { "two peaks, 30 %, 1000 values", noise_two_peaks, 0.3, 1000, 200, 0.02 },
        { "whole numbers", noise_whole, 0.7, 100, 1000, 0.01 },
        { "neighbours correlated by 0.3", noise_ar, 0.3, 100, 1000, 0.03 },
        { "neighbours correlated by 0.6", noise_ar, 0.6, 100, 500, 0.15 },
        { "neighbours correlated by 0.6, 1000 values", noise_ar, 0.6, 1000, 100, 0.2 },
        { "drift of 10 spreads", noise_drift, 0.2, 100, 500, 0.05 },
        { "drift of 100 spreads", noise_drift, 0.2, 1000, 50, 0.1 },
        { "drift of one spread", noise_drift, 0.02, 100, 500, 0.3 },
    };
    for (ptrdiff_t k = 0; k < ARRAY_LEN(t); k++) {
        Rng r = rng_new(7, "alarms", (uint64_t)k);
        ptrdiff_t alarms = 0;
        for (int rep = 0; rep < t[k].reps; rep++) {
            double state = 0;
            for (ptrdiff_t i = 0; i < t[k].n; i++)
                x[i] = t[k].noise(&r, i, &state, t[k].arg);
            alarms += count_confirmed(x, t[k].n);
        }
        double rate = (double)alarms / t[k].reps;
        CHECK(rate <= t[k].most, "%s: %.4f false alarms per series, at most %g", t[k].why, rate,
              t[k].most);
    }
}

/* What is there is found, and where it is. */
static void test_power(void)
{
    static const struct {
        double step;        /* in spreads */
        double found, near; /* at least: share found; within 5 values of the place */
    } t[] = { { 1, 0.6, 0.5 }, { 2, 0.98, 0.97 }, { 4, 0.99, 0.99 } };
    for (ptrdiff_t k = 0; k < ARRAY_LEN(t); k++) {
        Rng r = rng_new(8, "power", (uint64_t)k);
        int found = 0, near = 0, inside = 0, reps = 400;
        for (int rep = 0; rep < reps; rep++) {
            ptrdiff_t at = 20 + (ptrdiff_t)rng_below(&r, 60);
            for (ptrdiff_t i = 0; i < 100; i++)
                x[i] = 100 + rng_normal(&r) + (i >= at ? t[k].step : 0);
            ChangePoints c = find(x, 100);
            found += c.n > 0;
            near += c.n > 0 && labs(c.v[0].index - at) <= 5;
            inside += c.n > 0 && c.v[0].first <= at && at <= c.v[0].last;
            changepoints_done(&c);
        }
        CHECK(found >= t[k].found * reps, "%g spreads: %d of %d found", t[k].step, found, reps);
        CHECK(near >= t[k].near * reps, "%d of them near", near);
        CHECK(inside >= 0.9 * found, "%d within the range", inside);
    }
}

static bool same(const ChangePoints *a, const ChangePoints *b)
{
    bool eq = a->n == b->n;
    for (ptrdiff_t i = 0; eq && i < a->n; i++)
        eq = a->v[i].index == b->v[i].index && a->v[i].p == b->v[i].p &&
             a->v[i].first == b->v[i].first && a->v[i].last == b->v[i].last;
    return eq;
}

static void test_same_again(void)
{
    Rng r = rng_new(9, "again", 0);
    for (int i = 0; i < 500; i++)
        x[i] = 100 + (i / 120) * 3 + rng_normal(&r);
    ChangePoints a = find(x, 500), b = find(x, 500);
    CHECK(a.n >= 3 && same(&a, &b), "the same series, the same %td changes", a.n);
    for (int i = 0; i < 500; i++)
        x[i] = -1024 * x[i];
    changepoints_done(&b);
    b = find(x, 500);
    CHECK_INT(b.n, a.n, "other units and direction: as many");
    for (ptrdiff_t i = 0; i < a.n && i < b.n; i++)
        CHECK_INT(b.v[i].index, a.v[i].index, "at the same place");
    changepoints_done(&a);
    changepoints_done(&b);
}

static void test_long(void)
{
    enum { N = 200000 };
    double *y = malloc(N * sizeof *y);
    if (!y)
        TAP_SKIP_ALL("out of memory");
    Rng r = rng_new(10, "long", 0);
    for (int i = 0; i < N; i++)
        y[i] = 100 + rng_normal(&r) + (i >= 77777 ? 2 : 0) + (i >= N - 20 ? 10 : 0);
    ChangePoints c = find(y, N);
    CHECK_INT(c.n, 2, "two changes in %d values", N);
    CHECK(c.n == 2 && labs(c.v[0].index - 77777) <= 5, "found to a few values");
    CHECK(c.n == 2 && c.v[1].index == N - 20, "also among the newest");
    changepoints_done(&c);
    free(y);
}

int main(void)
{
    test_one_step();
    test_suspected();
    test_several();
    test_step_and_drift();
    test_outliers_and_gaps();
    test_any_numbers();
    test_refused();
    test_false_alarms();
    test_power();
    test_same_again();
    test_long();
    return tap_done();
}
