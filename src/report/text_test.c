#include "report/text_out.h"

#include "report/fixture.h"
#include "report/plot_scale.h"
#include "report/plot_text.h"
#include "report/width.h"
#include "report/words.h"
#include "tap.h"

static const char *clean(Arena *a, const char *s, bool unicode)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    text_clean(&b, str(s), unicode);
    return arena_str(a, strbuf_str(&b));
}

static void test_clean(void)
{
    static const struct {
        const char *in, *unicode, *ascii, *why;
    } rows[] = {
        { "plain", "plain", "plain", "ASCII stays" },
        { "a\x1b[31mb\tc\n", "a [31mb c ", "a [31mb c ", "no escape reaches the terminal" },
        { "1 \xc2\xb5s \xe2\x80\xa6", "1 \xc2\xb5s \xe2\x80\xa6", "1 us ..", "stand-ins" },
        { "x\xff\xc3", "x\xef\xbf\xbd\xef\xbf\xbd", "x??", "broken UTF-8" },
        { "a\xe2\x80\xae"
          "b\xc2\x9b",
          "a b ", "a b ", "no direction tricks, no C1" },
        { "\xe4\xba\x8b", "\xe4\xba\x8b", "?", "other scripts" },
    };
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_STR(clean(&a, rows[i].in, true), rows[i].unicode, "unicode: %s", rows[i].why);
        CHECK_STR(clean(&a, rows[i].in, false), rows[i].ascii, "ascii: %s", rows[i].why);
    }
}

static void test_width(void)
{
    static const struct {
        const char *s;
        int columns;
    } rows[] = {
        { "", 0 },
        { "abc", 3 },
        { "\xc2\xb5s", 2 },
        { "\xe4\xba\x8b\xe4\xbb\xb6", 4 },
        { "e\xcc\x81", 1 },
        { "\xf0\x9f\x98\x80", 2 },
        { "\xe2\x96\x88\xe2\x80\xa6", 2 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_INT(text_columns(str(rows[i].s)), rows[i].columns, "columns of row %td", i);
    CHECK_INT(text_fit(STR("\xe4\xba\x8b\xe4\xbb\xb6"), 3), 3, "a wide character is not split");
}

static void test_words(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CHECK_STR(words_range(&a, 100.1e6, 107.3e6, "ns"), "100.1 \xe2\x80\xa6 107.3 ms",
              "shared unit");
    CHECK_STR(words_range(&a, 950e3, 1.2e6, "ns"), "950.0 \xc2\xb5s \xe2\x80\xa6 1.200 ms",
              "two units");
    CHECK_STR(words_range(&a, (double)NAN, 1, "ns"), "-", "missing is a dash");
    CHECK_STR(words_range(&a, 1e6, (double)INFINITY, "ns"), "\xe2\x89\xa5 1.000 ms", "open end");
    CHECK_STR(words_spread(&a, 102.5e6, 1.23e6, "ns"), "102.5 \xc2\xb1 1.2 ms", "mean's decimals");
    CHECK_STR(words_spread(&a, 102.5e6, 900, "ns"), "102.5 ms \xc2\xb1 900 ns", "never \xc2\xb1 0");
    CHECK_STR(words_spread(&a, 5, (double)NAN, "ns"), "5 ns", "one sample has no spread");
    ExpectResult met = { .value = 5e9, .unit = "ns", .bound = true };
    CHECK_STR(words_expected(&a, &met, "latency"), "\xe2\x89\xa5 5.000 s", "a lower bound");
    met.bound = false;
    CHECK_STR(words_expected(&a, &met, "latency"), "5.000 s", "a value");
    CHECK_STR(words_count(&a, 12345678), "12 345 678", "groups");
    CHECK_STR(words_count(&a, 1234), "1234", "four digits stand together");
    CHECK_STR(words_round(&a, 0.95, "share"), "95 %", "round share");
    CHECK_STR(words_round(&a, 1.25e6, "ns"), "1.25 ms", "digits that count stay");
    CHECK_STR(words_round(&a, 100, "count"), "100", "zeros in front of the point stay");
    CHECK_STR(words_value(&a, 0.934, "target.cpu", "count"), "0.93 cores", "cores");
}

static CompareRow timed_row(Verdict v, double ratio, double lo, double hi)
{
    return (CompareRow){ .case_name = "B",
                         .reference = "A",
                         .metric = "wall",
                         .unit = "ns",
                         .better = BETTER_LOWER,
                         .verdict = v,
                         .ratio = ratio,
                         .ratio_low = lo,
                         .ratio_high = hi,
                         .rounds_more = 34,
                         .n = 30,
                         .difference = 1 };
}

static void test_verdicts(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Comparison c = { .min_effect = 0.01, .confidence = 0.95 };
    CompareRow few = timed_row(VERDICT_INCONCLUSIVE, 1.02, 0, (double)INFINITY);
    few.note = "too few rounds to judge: at least 6 are needed";
    CompareRow endless = timed_row(VERDICT_INCONCLUSIVE, 1.02, 0.98, 1.06);
    endless.rounds_more = (double)NAN;
    const struct {
        CompareRow row;
        const char *want;
    } rows[] = {
        { timed_row(VERDICT_IMPROVED, 0.5, 0.4, 0.625),
          "B is 2.00 times as fast as A (1.60 \xe2\x80\xa6 2.50)" },
        { timed_row(VERDICT_REGRESSED, 2, 1.6, 2.5),
          "A is 2.00 times as fast as B (1.60 \xe2\x80\xa6 2.50)" },
        { timed_row(VERDICT_REGRESSED, 1.03, 1.02, 1.04),
          "wall of B against A: +3.00 % (+2.00 % \xe2\x80\xa6 +4.00 %), worse" },
        { timed_row(VERDICT_UNCHANGED, 1, 0.995, 1.005),
          "B and A: no difference beyond 1 % (-0.50 % \xe2\x80\xa6 +0.50 %)" },
        { timed_row(VERDICT_INCONCLUSIVE, 1.02, 0.98, 1.06),
          "B and A: no difference shown: inconclusive (-2.00 % \xe2\x80\xa6 +6.00 %), about 34 "
          "more "
          "rounds would tell" },
        { few, "B and A: too few rounds to judge: at least 6 are needed" },
        { endless,
          "B and A: no difference shown: inconclusive (-2.00 % \xe2\x80\xa6 +6.00 %), more "
          "rounds than are practical would tell" },
        { timed_row(VERDICT_INVALID, 1, 1, 1), "B and A: not judged, one side is INVALID" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_STR(words_verdict(&a, &c, &rows[i].row), rows[i].want, "sentence %td", i);
}

/* Only rows of a gate have a before and an after. */
static void test_geomean(void)
{
    CompareRow rows[] = { timed_row(VERDICT_IMPROVED, 0.5, 0.4, 0.6),
                          timed_row(VERDICT_IMPROVED, 0.5, 0.4, 0.6),
                          timed_row(VERDICT_REGRESSED, 8, 7, 9) };
    rows[0].reference = rows[1].reference = "B"; /* the third is B against A: a contest */
    Comparison c = { .rows = rows, .n = ARRAY_LEN(rows) };
    ptrdiff_t n;
    CHECK_NEAR(rows_geomean(&c, "wall", &n), 0.5, 1e-12, "a contest is left out");
    CHECK_INT(n, 2, "of the count, too");
}

static void test_scales(void)
{
    double ticks[TICKS_MAX];
    Scale s = scale_nice(0.3, 97, 0, 100, true);
    CHECK_NEAR(s.lo, 0, 0, "starts at zero");
    CHECK_NEAR(s.hi, 100, 1e-9, "ends at a round number");
    CHECK_NEAR(scale_at(&s, 50), 50, 1e-9, "linear middle");
    CHECK_INT(scale_ticks(&s, 6, ticks), 6, "0, 20 \xe2\x80\xa6 100");
    CHECK_NEAR(ticks[5], 100, 1e-9, "the last tick is the end");
    s = scale_new(SCALE_LOG, 1, 1000, 0, 3);
    CHECK_NEAR(scale_at(&s, 10), 1, 1e-9, "decades are even");
    CHECK_INT(scale_ticks(&s, 5, ticks), 4, "decades only");
    CHECK_INT(scale_ticks(&s, 12, ticks), 10, "1-2-5");
    s = scale_new(SCALE_TAIL, 0, 0.9999, 0, 4);
    CHECK_NEAR(scale_at(&s, 0.99), 2, 1e-9, "p99 is two decades up");
    s = scale_new(SCALE_LINEAR, 5, 5, 0, 1);
    CHECK(s.hi > s.lo, "an axis always has a length");

    double v[1000];
    ptrdiff_t keep[40];
    for (int i = 0; i < 1000; i++)
        v[i] = i == 637 ? 99 : i % 7;
    ptrdiff_t n = thin_points(v, 1000, 40, keep), peak = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        peak += keep[i] == 637;
    CHECK(n <= 40 && peak == 1, "thinning keeps the spike (%td points)", n);
}

static void test_plots(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const double v[] = { 0, 1, 8, (double)NAN };
    CHECK_STR(plot_spark(&a, v, 4, 8, false), " .@ ", "ASCII spark");
    CHECK_STR(plot_bar(&a, 0.5, 4, false), "##", "ASCII bar");
    CHECK_STR(plot_bar(&a, 1e-9, 4, false), "#", "something is never nothing");
    CHECK_STR(plot_bar(&a, 0, 4, true), "", "nothing is nothing");
}

typedef Run *Fixture(void);

static const char *render(Arena *a, Fixture *make, ReportOpts o)
{
    CLEANUP(run_freep) Run *r = make();
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err = { 0 };
    CHECK(report_format_for("text")->write(r, &o, &b, &err) == 0, "written: %s", err.msg);
    return arena_str(a, strbuf_str(&b));
}

static void check_has(const char *text, const char *line)
{
    CHECK(strstr(text, line) != NULL, "says '%s'", line);
}

static void test_figures(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    ReportOpts o = { .unicode = true, .columns = 100 };
    const char *t = render(&a, fixture_commands, o);
    check_has(t, "3f2a91c4d5 on faster-sort, with uncommitted changes");
    check_has(t, "30 rounds, interleaved in balanced random order \xc2\xb7 seed 12345");
    check_has(t, "./sort-new words.txt is 1.52 times as fast as ./sort-old words.txt (1.50 "
                 "\xe2\x80\xa6 1.54)");
    check_has(t, "first run 134.9 ms, far above the others");
    check_has(t, "95 % interval");
    CHECK(!strstr(t, "\x1b"), "no colour unless asked for");

    t = render(&a, fixture_load, o);
    check_has(t, "498.8/s achieved of 500/s scheduled (99.8 %)");
    check_has(
        t, "15 000 scheduled = 14 958 ok + 6 reset + 18 status + 9 timed out + 3 dropped + 6 in");
    check_has(t, "\xe2\x89\xa5 5.000 s"); /* what never came back is a lower bound */
    check_has(t, "\xe2\x9c\x97  error_rate < 0.1%");
    check_has(t, "\xe2\x96\xb2 late-sends");
    check_has(t, "exit code 3");

    t = render(&a, fixture_suite, o);
    check_has(t, "critical, blocks");
    check_has(t, "inconclusive: too little evidence either way");
    check_has(t, "only the head side has this case");
    check_has(t, "\xe2\x9c\x97 INVALID");

    t = render(&a, fixture_empty, o);
    check_has(t, "never-ran: nothing was measured");
    check_has(t, "no gate was evaluated");
}

/* No line is wider than the terminal, and without Unicode every byte is ASCII. */
static void test_fits(void)
{
    static Fixture *const fixtures[] = { fixture_commands, fixture_load, fixture_suite,
                                         fixture_empty };
    static const int columns[] = { 60, 80, 120 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(fixtures) * ARRAY_LEN(columns) * 4; i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        ReportOpts o = { .unicode = i & 1,
                         .verbose = i & 2,
                         .columns = columns[i / 4 % ARRAY_LEN(columns)] };
        Str rest = str(render(&a, fixtures[i / 4 / ARRAY_LEN(columns)], o)), line;
        ptrdiff_t widest = 0, control = 0, foreign = 0, trailing = 0;
        while (str_cut(&rest, '\n', &line)) {
            widest = MAX(widest, text_columns(line));
            trailing += line.len && line.ptr[line.len - 1] == ' ';
            for (ptrdiff_t k = 0; k < line.len; k++) {
                control += (unsigned char)line.ptr[k] < 0x20;
                foreign += (unsigned char)line.ptr[k] >= 0x80;
            }
        }
        CHECK(widest <= o.columns, "fixture %td at %d columns: widest line %td", i, o.columns,
              widest);
        CHECK(control == 0 && trailing == 0, "no control bytes, no trailing blanks");
        CHECK(o.unicode || foreign == 0, "ASCII only");
    }
}

static void test_colour(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *t = render(&a, fixture_suite, (ReportOpts){ .colour = true, .columns = 80 });
    check_has(t, "\x1b[1;31m");
    CHECK(!strstr(t, "\x1b[31m nul-free"), "a name's own escapes are gone");
}

int main(void)
{
    test_clean();
    test_width();
    test_words();
    test_verdicts();
    test_geomean();
    test_scales();
    test_plots();
    test_figures();
    test_fits();
    test_colour();
    return tap_done();
}
