/* HAR files: a suite that is YAML, or an error, never both. */
#include "model/start.h"
#include "start.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    StrBuf out = { 0 };
    Err err = { 0 };
    Str text = { (const char *)bytes, (ptrdiff_t)n };
    int r = start_har(&a, text, "input", n % 2, &out, &notes, &err);
    fuzz_started(r, &out, &err, true);
    FUZZ_HOLDS(start_kind(text) <= START_OPENAPI);
    strbuf_done(&out);
    arena_done(&a);
    return 0;
}
