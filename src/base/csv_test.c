#include "base/csv.h"

#include "tap.h"

static const struct {
    const char *text, *cell, *rest; /* behind the opening quote */
    bool closed;
} rows[] = {
    { "a b\",c", "a b", ",c", true },
    { "\"", "", "", true },
    { "a \"\"b\"\"\",c", "a \"b\"", ",c", true },
    { "a\nb\"\n", "a\nb", "\n", true },
    { "\"\"\"x", "\"", "x", true },
    { "open, to the end", "open, to the end", "", false },
    { "", "", "", false },
    { "a\"\"", "a\"", "", false },
};

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Str s = str(rows[i].text), cell;
        ptrdiff_t at = 0;
        bool closed = csv_quoted(&a, s, &at, &cell);
        CHECK_INT(closed, rows[i].closed, "cell %td: is it closed", i);
        CHECK_STR(arena_str(&a, cell), rows[i].cell, "   its text");
        CHECK_STR(arena_str(&a, str_slice(s, at, s.len)), rows[i].rest, "   what stands behind it");
    }
    return tap_done();
}
