/* Command lines: whatever splits into words gives the same words again when each is quoted. */
#include "base/str_split.h"
#include "fuzz.h"

#include <string.h>

static void add_quoted(StrBuf *b, const char *word)
{
    strbuf_addz(b, " '");
    for (; *word; word++) {
        if (*word == '\'')
            strbuf_addz(b, "'\\''");
        else
            strbuf_addc(b, *word);
    }
    strbuf_addc(b, '\'');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Arena a = { 0 };
    StrList words = { 0 }, again = { 0 };
    StrBuf quoted = { 0 };
    Err err = { 0 };
    int r = str_split_words(&a, (Str){ (const char *)bytes, (ptrdiff_t)n }, &words, &err);

    FUZZ_HOLDS(r == 0 || (words.n == 0 && err.msg[0]));
    for (ptrdiff_t i = 0; i < words.n; i++)
        add_quoted(&quoted, words.v[i]);
    FUZZ_HOLDS(str_split_words(&a, strbuf_str(&quoted), &again, &err) == 0);
    FUZZ_HOLDS(again.n == words.n);
    for (ptrdiff_t i = 0; i < words.n; i++)
        FUZZ_HOLDS(strcmp(words.v[i], again.v[i]) == 0);
    strbuf_done(&quoted);
    arena_done(&a);
    return 0;
}
