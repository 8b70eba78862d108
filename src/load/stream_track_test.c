/* What came once, again, late or never, against a model that remembers everything. */
#include "load/stream_track.h"

#include "base/rng.h"
#include "load/stream.h"
#include "tap.h"

static void test_simple(void)
{
    Track t = { 0 };
    CHECK(track_see(&t, 0) && track_see(&t, 1) && track_see(&t, 2), "in order, each is new");
    CHECK(!track_see(&t, 1), "what was seen is seen again");
    CHECK(track_see(&t, 5) && track_see(&t, 3), "late ones are new");
    CHECK(!track_see(&t, 3), "… once");
    CHECK_INT(t.seen, 5, "five different ones");
    CHECK_INT(t.next - t.seen, 1, "and one below the highest is missing");
}

static void test_edges(void)
{
    Track t = { 0 };
    for (uint64_t n = 1; n <= TRACK_WINDOW; n++) /* 0 is missing */
        track_see(&t, n);
    CHECK_INT(t.gaps, 1, "what leaves the window unseen is a gap");
    CHECK(track_see(&t, 0), "which a message from before the window fills");
    CHECK(!track_see(&t, 0), "… once: without gaps everything before was seen");
    CHECK_INT(t.seen, TRACK_WINDOW + 1, "all are there");
    Track far = { 0 };
    track_see(&far, 3);
    track_see(&far, 10 * TRACK_WINDOW);
    CHECK_INT(far.gaps, 9 * TRACK_WINDOW, "a jump over many windows leaves all but one behind");
    CHECK_INT(far.next - far.seen, 10 * TRACK_WINDOW - 1, "… and misses what lies between");
    Track big = { 0 };
    uint64_t high = 1ull << 47;
    CHECK(track_see(&big, high) && !track_see(&big, high) && track_see(&big, high - 1),
          "large numbers are like others");
}

enum { MODEL_N = 20000 };

/* Numbers that wander within the window: the count must be exact. */
static void test_model(uint64_t seed)
{
    static bool seen[MODEL_N + TRACK_WINDOW];
    memset(seen, 0, sizeof seen);
    Rng rng = rng_new(seed, "track", 0);
    Track t = { 0 };
    uint64_t wrong = 0, different = 0, high = 0;
    for (int i = 0; i < MODEL_N; i++) {
        uint64_t n = (uint64_t)i + rng_below(&rng, TRACK_WINDOW / 2);
        if (n + TRACK_WINDOW < high)
            continue;
        wrong += track_see(&t, n) == seen[n];
        different += !seen[n];
        seen[n] = true;
        high = MAX(high, n + 1);
    }
    CHECK(wrong == 0 && t.seen == different && t.next == high,
          "seed %llu: %llu of %d wrong, %llu of %llu different", (unsigned long long)seed,
          (unsigned long long)wrong, MODEL_N, (unsigned long long)t.seen,
          (unsigned long long)different);
}

static void test_head(void)
{
    const StreamHead all[] = {
        { 0 },
        { .trial = UINT32_MAX,
          .publisher = 0xffffff,
          .number = (1ull << 48) - 1,
          .measured = true,
          .due_ns = UINT64_MAX,
          .sent_ns = UINT64_MAX },
        { .trial = 7,
          .publisher = 3,
          .number = 12345,
          .measured = true,
          .due_ns = 9,
          .sent_ns = 10 },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(all); i++) {
        char text[STREAM_HEAD];
        StreamHead back = { 0 };
        stream_head_write(text, &all[i]);
        CHECK(stream_head_read((Str){ text, STREAM_HEAD }, &back) == 0 &&
                  back.trial == all[i].trial && back.publisher == all[i].publisher &&
                  back.number == all[i].number && back.measured == all[i].measured &&
                  back.due_ns == all[i].due_ns && back.sent_ns == all[i].sent_ns,
              "a head is read as it was written");
        int refused = 0;
        for (int k = 0; k < STREAM_HEAD; k++) {
            char c = text[k];
            text[k] = '~';
            refused += stream_head_read((Str){ text, STREAM_HEAD }, &back) < 0;
            text[k] = c;
        }
        CHECK_INT(refused, STREAM_HEAD, "and refused when a byte is wrong");
        CHECK(stream_head_read((Str){ text, STREAM_HEAD - 1 }, &back) < 0, "or missing");
    }
}

int main(void)
{
    test_simple();
    test_edges();
    for (uint64_t seed = 1; seed <= 5; seed++)
        test_model(seed);
    test_head();
    return tap_done();
}
