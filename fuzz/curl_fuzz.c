/* curl command lines: a suite or an error, never both. */
#include "fuzz.h"
#include "model/start.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    StrBuf out = { 0 };
    Err err = { 0 };
    int r = start_curl(&a, (Str){ (const char *)bytes, (ptrdiff_t)n }, &out, &notes, &err);
    FUZZ_HOLDS(r == 0 ? out.len > 0 && utf8_invalid_at(strbuf_str(&out)) < 0 : err.msg[0] != 0);
    strbuf_done(&out);
    arena_done(&a);
    return 0;
}
