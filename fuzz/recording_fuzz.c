/* Recordings of any bytes: records in order whose texts can be sent, or an error. */
#include <string.h>

#include "fuzz.h"
#include "model/recording.h"

static bool sendable(const Recording *r, const Record *v)
{
    Str target = r->texts[v->target], headers = r->texts[v->headers];
    for (ptrdiff_t i = 0; i < target.len; i++)
        if (target.ptr[i] <= ' ' || target.ptr[i] >= 0x7f)
            return false;
    return target.len && target.ptr[0] == '/' && r->texts[v->method].len > 0 &&
           str_find(headers, STR("\r\n\r\n")) < 0 &&
           (!headers.len || str_ends(headers, STR("\r\n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Recording r;
    Err err = { 0 };
    bool lenient = n > 0 && bytes[n - 1] == '~';
    Str text = { (const char *)bytes, (ptrdiff_t)n - lenient };
    int read = recording_parse(&r, text, "input", lenient, &err);
    FUZZ_HOLDS(read == 0 ? r.n > 0 && r.v[0].at_ns == 0 : err.msg[0] != 0);
    for (ptrdiff_t i = 0; read == 0 && i < r.n; i++) {
        FUZZ_HOLDS(i == 0 || r.v[i - 1].at_ns <= r.v[i].at_ns);
        FUZZ_HOLDS(sendable(&r, &r.v[i]));
    }
    if (read == 0)
        recording_done(&r);
    return 0;
}
