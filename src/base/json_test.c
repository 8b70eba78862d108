#include "base/json.h"

#include <string.h>

#include "tap.h"

static void test_reals(void)
{
    static const struct {
        double v;
        const char *want;
    } rows[] = {
        { 0.95, "0.95" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1.0 / 3, "0.3333333333333333" },
        { -2.5e-7, "-2.5e-07" },
        { 1e300, "1e+300" },
        { 5e-324, "4.94065645841247e-324" },
        { 0x1p60, "1.152921504606847e+18" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CLEANUP(json_free) json_t *array = json_array(), *back = NULL;
        Err err = { 0 };
        json_array_append_new(array, json_num(rows[i].v));
        CHECK(json_print(array, &b, &err) == 0, "printed");
        CHECK(strstr(strbuf_z(&b), rows[i].want), "%.17g is %s in %s", rows[i].v, rows[i].want,
              strbuf_z(&b));
        CHECK(json_parse(strbuf_str(&b), "test", &back, &err) == 0 &&
                  json_real_value(json_array_get(back, 0)) == rows[i].v,
              "  and reads back as the same real");
    }
}

static void test_strings(void)
{
    static const char text[] = "say \"0.94999999999999996\" \\ 1.10000000000000009 \\";
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    CLEANUP(json_free) json_t *o = json_object(), *back = NULL;
    Err err = { 0 };
    json_object_set_new(o, "0.94999999999999996\"", json_text(text));
    json_object_set_new(o, "n", json_num(0.95));
    CHECK(json_print(o, &b, &err) == 0 && json_parse(strbuf_str(&b), "test", &back, &err) == 0,
          "printed and read: %s", err.msg);
    CHECK_STR(json_get_text(back, "0.94999999999999996\""), text, "strings and keys stay");
    CHECK(strstr(strbuf_z(&b), ": 0.95\n"), "numbers are short: %s", strbuf_z(&b));
}

int main(void)
{
    test_reals();
    test_strings();
    return tap_done();
}
