/* What holds for every suite that is made from a file: it is YAML, or there is an error instead. */
#pragma once

#include "base/yaml.h"
#include "fuzz.h"

/* `r` and `err` are what making it came to; `look` into `out` when it is not too long for that. */
static inline void fuzz_started(int r, const StrBuf *out, const Err *err, bool look)
{
    Arena a = { 0 };
    Err why = { 0 };
    const YamlNode *root;
    FUZZ_HOLDS(r == 0 ? out->len > 0 : err->msg[0] != 0 && out->len == 0);
    if (r == 0 && look)
        FUZZ_HOLDS(yaml_parse(&a, strbuf_str(out), "suite", 1 << 30, &root, &why) == 0);
    arena_done(&a);
}
