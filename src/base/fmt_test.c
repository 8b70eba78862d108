#include "base/fmt.h"

#include <errno.h>

#include "base/rng.h"
#include "tap.h"

static void test_parse_duration(void)
{
    static const struct {
        const char *text;
        uint64_t want;
    } good[] = {
        { "0", 0 },
        { "10ms", 10000000 },
        { "1.5s", 1500000000 },
        { "1m30s", 90000000000 },
        { "2h", 7200000000000 },
        { "3 ms", 3000000 },
        { "5\xc2\xb5s", 5000 },
        { "7us", 7000 },
        { "1e3ns", 1000 },
        { "1d", 86400000000000 },
        { "0ns", 0 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(good); i++) {
        uint64_t ns = 1;
        Err err = { 0 };
        int r = fmt_parse_duration(str(good[i].text), &ns, &err);
        CHECK(r == 0 && ns == good[i].want, "%s", good[i].text);
    }
    static const char *const bad[] = { "",   "10",    "ms",    "-1s",  "1 s x",
                                       "1x", "nan s", "1..2s", "1e99s" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        uint64_t ns = 42;
        Err err = { 0 };
        CHECK(fmt_parse_duration(str(bad[i]), &ns, &err) < 0 && ns == 42 && err.msg[0],
              "'%s' is refused and leaves the value alone", bad[i]);
    }
}

static void test_parse_others(void)
{
    uint64_t bytes;
    double v;
    CHECK(fmt_parse_size(STR("1KiB"), &bytes, NULL) == 0 && bytes == 1024, "KiB");
    CHECK(fmt_parse_size(STR("1.5MB"), &bytes, NULL) == 0 && bytes == 1500000, "MB");
    CHECK(fmt_parse_size(STR("512"), &bytes, NULL) == 0 && bytes == 512, "bare bytes");
    CHECK(fmt_parse_size(STR("1kib"), &bytes, NULL) == -EINVAL, "no guessing at case");
    CHECK(fmt_parse_rate(STR("500/s"), &v, NULL) == 0 && v == 500, "per second");
    CHECK(fmt_parse_rate(STR("30/m"), &v, NULL) == 0 && v == 0.5, "per minute");
    CHECK(fmt_parse_rate(STR("10k/s"), &v, NULL) == 0 && v == 10000, "thousands");
    CHECK(fmt_parse_rate(STR("5/x"), &v, NULL) == -EINVAL, "unknown period");
    CHECK(fmt_parse_share(STR("5%"), false, &v, NULL) == 0 && v == 0.05, "per cent");
    CHECK(fmt_parse_share(STR("-15%"), true, &v, NULL) == 0 && v == -0.15, "signed");
    CHECK(fmt_parse_share(STR("-15%"), false, &v, NULL) == -EINVAL, "sign refused");
}

static void test_round_trip(void)
{
    Rng rng = rng_new(7, "fmt", 0);
    int bad = 0;
    for (int i = 0; i < 20000; i++) {
        char buf[FMT_MAX];
        uint64_t u = rng_u64(&rng) >> (11 + rng_below(&rng, 52)), back = 0;
        bad += fmt_parse_duration(str(fmt_duration_exact(buf, u)), &back, NULL) != 0 || back != u;
        bad += fmt_parse_size(str(fmt_size_exact(buf, u)), &back, NULL) != 0 || back != u;
        double d = rng_f64(&rng) * 1000, dback = 0;
        bad += fmt_parse_rate(str(fmt_rate_exact(buf, d)), &dback, NULL) != 0 || dback != d;
        bad +=
            fmt_parse_share(str(fmt_share_exact(buf, d)), false, &dback, NULL) != 0 || dback != d;
    }
    CHECK_INT(bad, 0, "20000 random values of each unit come back equal");
}

static void test_print(void)
{
    char b[FMT_MAX];
    CHECK_STR(fmt_duration(b, 1234567), "1.235 ms", "duration");
    CHECK_STR(fmt_duration(b, 0), "0 ns", "zero");
    CHECK_STR(fmt_duration(b, 999.96e6), "1.000 s", "rounds up into the next unit");
    CHECK_STR(fmt_size(b, 1536), "1.500 KiB", "size");
    CHECK_STR(fmt_rate(b, 45678.9), "45.68k/s", "rate");
    CHECK_STR(fmt_share(b, 0.0123), "1.23 %", "share");
    CHECK_STR(fmt_change(b, 0.05), "+5.00 %", "change");
    CHECK_STR(fmt_value(b, (double)NAN, "ns"), "-", "missing");
    CHECK_STR(fmt_rate_exact(b, 1000), "1000/s", "whole numbers carry no exponent");
}

int main(void)
{
    test_parse_duration();
    test_parse_others();
    test_round_trip();
    test_print();
    return tap_done();
}
