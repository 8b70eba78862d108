#include "base/str.h"

#include <errno.h>

#include "tap.h"

static void test_cut(void)
{
    Str rest = STR("a,,b"), piece;
    CHECK(str_cut(&rest, ',', &piece) && str_eqz(piece, "a"), "first piece");
    CHECK(str_cut(&rest, ',', &piece) && piece.len == 0, "empty middle piece");
    CHECK(str_cut(&rest, ',', &piece) && str_eqz(piece, "b"), "last piece");
    CHECK(!str_cut(&rest, ',', &piece), "then nothing");
}

static void test_nocase(void)
{
    CHECK(str_eq_nocase(STR("Content-TYPE"), STR("content-type")), "letters of either case");
    CHECK(!str_eq_nocase(STR("content-type"), STR("content_type")), "but no other bytes");
    CHECK(!str_eq_nocase(STR("@[`{"), STR("`{@[")), "not those that differ by the same bit");
    CHECK(!str_eq_nocase(STR("ab"), STR("abc")), "of the same length");
    CHECK(str_starts_nocase(STR("HTTP://h"), STR("http:")), "a beginning");
    CHECK(!str_starts_nocase(STR("ht"), STR("http:")), "that is longer than the whole");
    CHECK_INT(str_last_line(STR("a\nbc\n\n")).len, 2, "the last line that is not empty");
    CHECK_INT(str_last_line(STR("")).len, 0, "of nothing");
}

static void test_glob(void)
{
    static const struct {
        const char *pattern, *name;
        bool want;
    } t[] = {
        { "*", "", true },
        { "get-*", "get-item/users=10", true },
        { "*users=1", "a/users=10", false },
        { "a?c", "abc", true },
        { "a?c", "ac", false },
        { "*a*b*", "xxaxxbxx", true },
        { "", "", true },
        { "", "x", false },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++)
        CHECK_INT(str_glob(str(t[i].pattern), str(t[i].name)), t[i].want, "'%s' against '%s'",
                  t[i].pattern, t[i].name);
}

static void test_nearest(void)
{
    static const char *const keys[] = { "users", "rate", "duration", "connections" };
    CHECK_INT(str_distance(STR("ab"), STR("ba")), 1, "a swap is one edit");
    CHECK_INT(str_distance(STR("kitten"), STR("sitting")), 3, "the textbook pair");
    CHECK_STR(str_nearest(STR("user"), keys, 4), "users", "one letter short");
    CHECK_STR(str_nearest(STR("druation"), keys, 4), "duration", "swapped letters");
    CHECK(str_nearest(STR("zzz"), keys, 4) == NULL, "nothing near");
}

static void test_numbers(void)
{
    uint64_t u;
    int64_t i;
    double d;
    CHECK(str_to_u64(STR("18446744073709551615"), &u) == 0 && u == UINT64_MAX, "largest u64");
    CHECK_INT(str_to_u64(STR("18446744073709551616"), &u), -ERANGE, "one more is out of range");
    CHECK_INT(str_to_u64(STR(""), &u), -EINVAL, "empty is no number");
    CHECK_INT(str_to_u64(STR("+1"), &u), -EINVAL, "no sign");
    CHECK(str_to_i64(STR("-9223372036854775808"), &i) == 0 && i == INT64_MIN, "smallest i64");
    CHECK_INT(str_to_i64(STR("9223372036854775808"), &i), -ERANGE, "i64 ends there");
    CHECK(str_to_f64(STR("1e-3"), &d) == 0 && d == 1e-3, "exponent");
    CHECK_INT(str_to_f64(STR("nan"), &d), -EINVAL, "no nan");
    CHECK_INT(str_to_f64(STR("0x10"), &d), -EINVAL, "no hex");
    CHECK_INT(str_to_f64(STR("1e999"), &d), -ERANGE, "overflow");
}

static void test_utf8(void)
{
    CHECK_INT(utf8_invalid_at(STR("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80")), -1,
              "valid");
    CHECK_INT(utf8_invalid_at(STR("ab\xc0\x80")), 2, "overlong");
    CHECK_INT(utf8_invalid_at(STR("\xed\xa0\x80")), 0, "surrogate");
    CHECK_INT(utf8_invalid_at(STR("a\xe2\x82")), 1, "cut short");
    CHECK_INT(utf8_columns(STR("\xc2\xb5s")), 2, "columns count code points");
}

static void test_buf(void)
{
    CLEANUP(strbuf_done) StrBuf b = { .max = 10 };
    strbuf_addf(&b, "%d-%s", 12, "abc");
    CHECK_STR(strbuf_z(&b), "12-abc", "formatted");
    strbuf_addz(&b, "12345");
    CHECK(b.overflow && b.len == 6, "past the maximum nothing is appended");
}

int main(void)
{
    test_cut();
    test_nocase();
    test_glob();
    test_nearest();
    test_numbers();
    test_utf8();
    test_buf();
    return tap_done();
}
