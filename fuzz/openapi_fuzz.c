/* API descriptions: a suite that is YAML, or an error, never both. */
#include "base/yaml.h"
#include "fuzz.h"
#include "model/start.h"

enum { WHOLE_MAX = 1 << 16 }; /* longer ones may have more nodes than a suite is allowed */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    StrBuf out = { 0 };
    Err err = { 0 };
    const YamlNode *root;
    int r =
        start_openapi(&a, (Str){ (const char *)bytes, (ptrdiff_t)n }, "input", &out, &notes, &err);
    FUZZ_HOLDS(r == 0 ? out.len > 0 : err.msg[0] != 0 && out.len == 0);
    if (r == 0 && out.len < WHOLE_MAX)
        FUZZ_HOLDS(yaml_parse(&a, strbuf_str(&out), "suite", 1 << 30, &root, &err) == 0);
    strbuf_done(&out);
    arena_done(&a);
    return 0;
}
