/* Encoded histograms, as bytes and as a log: what is taken is sound and comes back the same. */
#include <string.h>

#include "fuzz.h"
#include "stats/hlog.h"

static void check_sound(const Hist *h)
{
    uint64_t n = 0, p50 = 0;
    HistBin b;
    for (HistIter it = hist_iter(h); hist_next(&it, &b);) {
        FUZZ_HOLDS(b.lo <= b.hi && b.lo >= h->min && b.hi <= h->max);
        n += b.count;
    }
    FUZZ_HOLDS(n == h->n);
    if (hist_quantile_ns(h, 0.5, &p50) == 0)
        FUZZ_HOLDS(p50 >= h->min && p50 <= h->max);
}

static void check_round_trip(const Hist *h)
{
    StrBuf out = { 0 };
    Hist *back = NULL;
    FUZZ_HOLDS(hdr_encode(h, &out, NULL) == 0);
    FUZZ_HOLDS(hdr_decode(strbuf_str(&out), &back, NULL) == 0);
    HistExact x = hist_exact(h), y = hist_exact(back);
    FUZZ_HOLDS(hist_same_geometry(h, back) && memcmp(&x, &y, sizeof x) == 0);
    hist_free(back);
    strbuf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Str s = { (const char *)bytes, (ptrdiff_t)n };
    Hist *h = NULL;
    Err err = { 0 };

    if (hdr_decode(s, &h, &err) == 0) {
        check_sound(h);
        check_round_trip(h);
        hist_free(h);
    } else {
        FUZZ_HOLDS(err.code < 0 && err.msg[0] && !h);
    }
    HlogReader r = hlog_reader(s);
    HlogEntry e;
    for (int got; (got = hlog_next(&r, &e, &err)) != 0;) {
        if (got < 0)
            continue;
        check_sound(e.hist);
        hist_free(e.hist);
    }
    return 0;
}
