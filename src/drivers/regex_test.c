#include "drivers/regex.h"

#include <errno.h>

#include "tap.h"

static void test_finds(void)
{
    static const struct {
        const char *pattern, *text, *found; /* NULL: no match */
    } rows[] = {
        { "b+", "aabbbc", "bbb" }, { "order (\\d+)", "order 17 of 20", "17" },
        { "(a)(b)", "xab", "a" },  { "a.c", "a\nc", "a\nc" },
        { "(x)?y", "y", NULL },    { "^$", "", "" },
        { "z", "aabbbc", NULL },   { "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", NULL },
    };
    RegexScratch *scratch = NULL;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Regex *r = NULL;
        Err err = { 0 };
        if (!CHECK(regex_compile(rows[i].pattern, &r, &err) == 0, "%s: %s", rows[i].pattern,
                   err.msg))
            continue;
        Str found = STR("");
        bool there = regex_find(r, &scratch, str(rows[i].text), &found);
        CHECK(there == (rows[i].found != NULL) && (!there || str_eqz(found, rows[i].found)),
              "'%s' in '%s'", rows[i].pattern, rows[i].text);
        regex_free(r);
    }
    regex_scratch_free(scratch);
}

int main(void)
{
    Regex *r = NULL;
    Err err = { 0 };
    int code = regex_compile("a(", &r, &err);
    if (code == -ENOTSUP) {
        printf("1..0 # SKIP this build has no regular expressions (libpcre2-dev)\n");
        return 0;
    }
    CHECK(code == -EINVAL && strstr(err.msg, "character 3"), "a broken one says where: %s",
          err.msg);
    test_finds();
    return tap_done();
}
