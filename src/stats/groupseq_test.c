/* Looks at a sign test: published bounds, exact small cases, simulation. */
#include "stats/groupseq.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "stats/sign.h"
#include "stats/special.h"
#include "tap.h"

enum { FINE = 1000 }; /* values per look where the walk is to be like the normal law */

static double p_of_z(double z)
{
    return 2 * norm_sf(z);
}

/* Jennison & Turnbull, Group Sequential Methods (2000), tables 2.1 and 2.3, alpha 0.05. */
static void test_classic(void)
{
    static const double pocock[] = { 2.178, 2.289, 2.361, 2.413 };
    static const double obrien[] = { 1.977, 2.004, 2.024, 2.040 };
    Err err = { 0 };
    for (int looks = 2; looks <= 5; looks++) {
        ptrdiff_t at[5];
        double flat[5], steep[5], error = 0;
        for (int i = 0; i < looks; i++) {
            at[i] = (i + 1) * FINE;
            flat[i] = p_of_z(pocock[looks - 2]);
            steep[i] = p_of_z(obrien[looks - 2] * sqrt((double)looks / (i + 1)));
        }
        CHECK(groupseq_error(at, flat, looks, &error, &err) == 0, "computed");
        CHECK(fabs(error - 0.05) < 0.003, "Pocock, %d looks: error %.4f", looks, error);
        CHECK(groupseq_error(at, steep, looks, &error, &err) == 0, "computed");
        CHECK(fabs(error - 0.05) < 0.003, "O'Brien and Fleming, %d looks: error %.4f", looks,
              error);
    }
}

/* Bounds of Lan and DeMets's program ld98 for equal steps, two-sided 0.05. */
static void test_spending(void)
{
    static const double z[][5] = { { 2.9626, 1.9686 },
                                   { 3.7103, 2.5114, 1.9930 },
                                   { 4.3326, 2.9631, 2.3590, 2.0141 },
                                   { 4.8769, 3.3569, 2.6803, 2.2898, 2.0310 } };
    Err err = { 0 };
    for (int looks = 2; looks <= 5; looks++) {
        GroupPlan p = { 0 };
        double worst = 0, nominal;
        for (int i = 0; i < looks; i++) {
            p.at[i] = (i + 1) * FINE;
            p.t[i] = (i + 1.0) / looks;
            p.n_looks = i + 1;
            if (groupseq_nominal(&p, 0.05, &nominal, &err) < 0)
                abort();
            worst = fmax(worst, fabs(-norm_quantile(nominal / 2) - z[looks - 2][i]));
        }
        CHECK(worst < 0.07, "%d looks: bounds within %.3f of the published", looks, worst);
    }
    CHECK(fabs(groupseq_spend(0.05, 0.5) - 0.00305) < 1e-5, "half the information: 0.0031");
    CHECK(fabs(groupseq_spend(0.05, 0.25) - 1.48e-5) < 3e-7, "a quarter: 0.000015");
    CHECK(groupseq_spend(0.05, 1) == 0.05, "all of it: all");
}

static void test_small(void)
{
    Err err = { 0 };
    GroupPlan one = { 1, { 6 }, { 1 } };
    double p = 0;
    CHECK(groupseq_nominal(&one, 0.05, &p, &err) == 0 && fabs(p - 2.0 / 64) < 1e-12,
          "6 rounds, one look: 1/32");
    CHECK(groupseq_p(&one, 2.0 / 64, &p, &err) == 0 && fabs(p - 2.0 / 64) < 1e-6,
          "its repeated p is p");
    one.at[0] = 5;
    CHECK(groupseq_nominal(&one, 0.05, &p, &err) == 0 && p == 0, "5 rounds can't tell");
    GroupPlan two = { 2, { 6, 7 }, { 0.5, 1 } };
    CHECK(groupseq_nominal(&two, 0.2, &p, &err) == 0, "two looks");
    CHECK(fabs(p - 16.0 / 128) < 1e-15, "what the first can't spend the second may: %g", p);
    CHECK(groupseq_p(&two, 1, &p, &err) == 0 && p == 1, "no evidence");
}

/* How a run of at most 60 rounds ends: at the first of four looks at which the interval decides. */
typedef struct Ended {
    bool differs, within;
    ptrdiff_t rounds;
} Ended;

static Ended run_once(Rng *rng, double shift, double margin)
{
    enum { ROUNDS = 60, LOOKS = 4 };
    double x[ROUNDS];
    Err err = { 0 };
    Ended e = { 0 };
    GroupPlan p = { 0 };
    for (int i = 0; i < ROUNDS; i++)
        x[i] = shift + 0.02 * rng_normal(rng);
    for (int k = 1; k <= LOOKS && !e.differs && !e.within; k++) {
        static double nominal[LOOKS + 1];
        SignPaired s;
        p.at[k - 1] = e.rounds = k * ROUNDS / LOOKS;
        p.t[k - 1] = (double)k / LOOKS;
        p.n_looks = k;
        if (nominal[k] == 0 && groupseq_nominal(&p, 0.05, &nominal[k], &err) < 0)
            abort();
        double level = MIN(1 - nominal[k], 1 - 1e-15);
        if (sign_paired(x, e.rounds, level, margin, &s, &err) < 0)
            abort();
        e.differs = s.low > margin || s.high < -margin;
        e.within = s.low >= -margin && s.high <= margin;
    }
    return e;
}

static void test_simulated(void)
{
    enum { RUNS = 20000 };
    static const struct {
        double shift, margin, least, most, rounds_most;
        const char *what;
    } cases[] = {
        { 0, 0, 0, 0.05, 60, "no effect, none of interest: false alarms" },
        { 0.01, 0.01, 0, 0.05, 60, "right at the smallest effect: false alarms" },
        { 0.05, 0.01, 0.99, 1, 40, "+5 %: found" },
        { 0, 0.02, 0, 0.001, 50, "no effect: false alarms" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        Rng rng = rng_new(5, "groupseq", (uint64_t)i);
        double differs = 0, within = 0, rounds = 0;
        for (int r = 0; r < RUNS; r++) {
            Ended e = run_once(&rng, cases[i].shift, cases[i].margin);
            differs += e.differs;
            within += e.within;
            rounds += (double)e.rounds / RUNS;
        }
        differs /= RUNS;
        CHECK(differs >= cases[i].least && differs <= cases[i].most &&
                  rounds <= cases[i].rounds_most,
              "%s %.4f, unchanged %.3f, rounds %.1f of 60", cases[i].what, differs, within / RUNS,
              rounds);
    }
}

int main(void)
{
    test_classic();
    test_spending();
    test_small();
    test_simulated();
    return tap_done();
}
