/* API descriptions: a suite that is YAML, or an error, never both. */
#include "model/start.h"
#include "start.h"

enum { WHOLE_MAX = 1 << 16 }; /* longer ones may have more nodes than a suite is allowed */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    StrBuf out = { 0 };
    Err err = { 0 };
    int r =
        start_openapi(&a, (Str){ (const char *)bytes, (ptrdiff_t)n }, "input", &out, &notes, &err);
    fuzz_started(r, &out, &err, out.len < WHOLE_MAX);
    strbuf_done(&out);
    arena_done(&a);
    return 0;
}
