#include "stats/hlog.h"

#include <errno.h>

#include "base/fs.h"
#include "tap.h"

/* Real logs in three versions. Figures derived from the files with a decoder written apart from
 * this one (Python, zlib and struct), those of 2.0.7S also with the package hdrhistogram 0.10.8 (62
 * intervals, 48761 values, largest 1803550719). */
static const struct {
    const char *name;
    int n_intervals, n_tagged;
    uint64_t n, max, p50, p99, p999;
    double first_start_s, last_length_s, largest_max;
} logs[] = {
    { "hiccup.140623.1028.10646.hlog", 11, 0, 51715, 3129343, 49151, 81919, 114687,
      1403476110.183 + .042, 5.000, 3.113 },
    { "jHiccup-2.0.6.logV1.hlog", 88, 0, 65964, 1895825407, 393215, 1241513983, 1837105151,
      1438867590.285 + .133, 1.002, 1895.825 },
    { "jHiccup-2.0.7S.logV2.hlog", 62, 0, 48761, 1803550719, 344063, 1434451967, 1753219071,
      1441812279.474 + .127, 1.000, 1803.551 },
    { "jHiccup-2.0.7S.logV3.hlog", 62, 4, 48761, 1803550719, 344063, 1434451967, 1753219071,
      1441812279.474 + .127, 1.000, 1803.551 },
};

static void read_log(ptrdiff_t i, Str text)
{
    CLEANUP(hist_freep) Hist *sum = NULL;
    HlogReader r = hlog_reader(text);
    HlogEntry e;
    Err err = { 0 };
    int n = 0, n_tagged = 0, got;
    double first = 0, length = 0, largest = 0, worst = 0;
    while ((got = hlog_next(&r, &e, &err)) > 0) {
        first = n++ ? first : e.start_s;
        n_tagged += e.tag.len > 0;
        length = e.length_s;
        largest = fmax(largest, e.max);
        /* The line has the exact maximum in ms, the bins know it to one part in 100. */
        worst = fmax(worst, fabs((double)e.hist->max / 1e6 - e.max) / fmax(e.max, 1.64));
        if (!sum && hist_new_like(&sum, e.hist, NULL) < 0)
            abort();
        hist_add(sum, e.hist);
        hist_free(e.hist);
    }
    CHECK_INT(got, 0, "%s reads to its end (%s)", logs[i].name, err.msg);
    CHECK_INT(n, logs[i].n_intervals, "intervals");
    CHECK_INT(n_tagged, logs[i].n_tagged, "tagged ones");
    CHECK(sum && sum->n == logs[i].n && sum->max == logs[i].max, "values and their maximum");
    CHECK(sum && hist_quantile(sum, .5) == (double)logs[i].p50 &&
              hist_quantile(sum, .99) == (double)logs[i].p99 &&
              hist_quantile(sum, .999) == (double)logs[i].p999,
          "p50, p99, p99.9");
    CHECK_NEAR(first, logs[i].first_start_s, 1e-6, "first start, absolute");
    CHECK_NEAR(length, logs[i].last_length_s, 0, "last length");
    CHECK_NEAR(largest, logs[i].largest_max, 0, "largest maximum");
    CHECK(worst < 0.011, "maxima agree with the bins (worst %.4f)", worst);
    CHECK(hlog_recognise(text), "recognised");
}

static void test_real(void)
{
    const char *shared = getenv("ASSAY_SHARED");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(logs); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        char *path =
            arena_printf(&a, "%s/data/harness/hdrhistogram/%s", shared ? shared : "", logs[i].name);
        Str text;
        Err err;
        if (!shared || !fs_exists(path))
            tap_skip("%s is not there (ASSAY_SHARED)", logs[i].name);
        else if (fs_read(&a, path, 1 << 20, &text, &err) < 0)
            CHECK(false, "%s", err.msg);
        else
            read_log(i, text);
    }
}

static void test_write_read(void)
{
    CLEANUP(hist_freep) Hist *h = NULL;
    Err err = { 0 };
    if (hist_new(&h, &err) < 0)
        abort();
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    hlog_write_head(&out, STR("Logged by a test"), 1700000000.5);
    CHECK_INT(hlog_write_entry(&out, STR(""), 0, 1, h, &err), 0, "an empty interval");
    hist_record_n(h, 1234567, 5);
    hist_record(h, 9876543210);
    CHECK_INT(hlog_write_entry(&out, STR("get"), 1, 1.25, h, &err), 0, "a tagged one");
    CHECK_INT(hlog_write_entry(&out, STR("a b"), 1, 1, h, &err), -EINVAL, "a tag with a blank");
    CHECK_INT(hlog_write_entry(&out, STR("a,b"), 1, 1, h, &err), -EINVAL, "with a comma");
    CHECK(hlog_recognise(strbuf_str(&out)), "our own is recognised");
    HlogReader r = hlog_reader(strbuf_str(&out));
    HlogEntry e = { 0 };
    CHECK(hlog_next(&r, &e, &err) == 1 && e.hist->n == 0 && e.tag.len == 0, "empty and untagged");
    hist_free(e.hist);
    CHECK_INT(hlog_next(&r, &e, &err), 1, "the second");
    CHECK(str_eqz(e.tag, "get") && e.start_s == 1700000001.5 && e.length_s == 1.25, "its fields");
    CHECK_NEAR(e.max, 9876.543, 1e-9, "its maximum in ms");
    CHECK(e.hist->n == 6 && hist_bin_lo(e.hist, 1234567) == e.hist->min, "its histogram");
    hist_free(e.hist);
    CHECK_INT(hlog_next(&r, &e, &err), 0, "the end");
}

static void test_refused(void)
{
#define GOOD "HISTFAAAACt4nJNpmSzMwMDAwwABzFCaEURcm7yEwf4DVICFlekw/w2W9/MYmQCbBQfd"
    static const struct {
        const char *text, *msg;
    } t[] = {
        { "\n#x\n1.0\n", "line 3: no number for the interval's length" },
        { "a,1,1," GOOD, "line 1: no number for the interval's start" },
        { "1,1,," GOOD, "line 1: no number for the interval's maximum" },
        { "1,1,1", "line 1: histogram is cut short" },
        { "Tag=x", "line 1: no number for the interval's start" },
        { "1,1,1,HIST", "line 1: histogram is cut short" },
        { "1,1,1,HIS", "line 1: histogram: base64 of 3 characters is cut short" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        HlogReader r = hlog_reader(str(t[i].text));
        HlogEntry e;
        Err err = { 0 };
        CHECK_INT(hlog_next(&r, &e, &err), -EINVAL, "refused");
        CHECK_STR(err.msg, t[i].msg, "says where and why");
        CHECK_INT(hlog_next(&r, &e, &err), 0, "and stands behind the line");
    }
    HlogReader r = hlog_reader(STR("1.5,1,1," GOOD "\r\n\r\n"));
    HlogEntry e;
    CHECK(hlog_next(&r, &e, NULL) == 1 && e.start_s == 1.5, "CRLF; no start time: as it stands");
    hist_free(e.hist);
    CHECK(hlog_next(&r, &e, NULL) == 0, "end");
    CHECK(hlog_recognise(STR("Tag=a,1,1,1," GOOD)), "recognised without comments");
    CHECK(!hlog_recognise(STR("a,b\n1,2\n")) && !hlog_recognise(STR("")), "others not");
}

int main(void)
{
    test_real();
    test_write_read();
    test_refused();
    return tap_done();
}
