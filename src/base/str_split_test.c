#include "base/str_split.h"
#include "tap.h"

typedef struct Case {
    const char *text;
    const char *words; /* joined by '|'; NULL: refused */
    const char *why;
} Case;

static const Case cases[] = {
    { "", "", "nothing" },
    { "  \t\n ", "", "blanks" },
    { "a", "a", "one word" },
    { " ls  -l\tx ", "ls|-l|x", "runs of blanks" },
    { "echo 'a b' c", "echo|a b|c", "single quotes keep blanks" },
    { "echo 'a\\'b", "echo|a\\b", "no escapes in single quotes" },
    { "echo \"a b\"", "echo|a b", "double quotes keep blanks" },
    { "echo \"a\\\"b\\\\c\\$d\\`e\"", "echo|a\"b\\c$d`e", "what double quotes let be escaped" },
    { "echo \"a\\nb\"", "echo|a\\nb", "… and what not" },
    { "echo a\\ b", "echo|a b", "an escaped blank" },
    { "echo \\'", "echo|'", "an escaped quote" },
    { "a''b\"\"c", "abc", "quotes within a word" },
    { "x '' \"\" y", "x|||y", "empty words" },
    { "a\\\nb", "ab", "joined lines" },
    { "\\\n a", "a", "a joined line is no word" },
    { "\"a\\\nb\"", "ab", "joined lines in double quotes" },
    { "a\\", "a\\", "a backslash at the end stands for itself" },
    { "$HOME *.c ~ #x", "$HOME|*.c|~|#x", "nothing is expanded" },
    { "caf\xc3\xa9 'na\xc3\xafve'", "caf\xc3\xa9|na\xc3\xafve", "UTF-8 passes" },
    { "echo 'a", NULL, "an open single quote" },
    { "echo \"a", NULL, "an open double quote" },
    { "echo \"a\\", NULL, "an open double quote behind a backslash" },
};

int main(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        Arena a = { 0 };
        StrBuf got = { 0 };
        StrList words = { 0 };
        Err err = { 0 };
        int r = str_split_words(&a, str(cases[i].text), &words, &err);
        for (ptrdiff_t w = 0; w < words.n; w++)
            strbuf_addf(&got, "%s%s", w ? "|" : "", words.v[w]);
        if (cases[i].words)
            CHECK_STR(strbuf_z(&got), cases[i].words, "%s", cases[i].why);
        else
            CHECK(r < 0 && err.msg[0] && words.n == 0, "%s: %s", cases[i].why, err.msg);
        strbuf_done(&got);
        arena_done(&a);
    }
    Arena a = { 0 };
    StrList words = { 0 };
    Err err = { 0 };
    CHECK(str_split_words(&a, (Str){ "a\0b", 3 }, &words, &err) < 0, "a NUL byte is refused");
    arena_done(&a);
    return tap_done();
}
