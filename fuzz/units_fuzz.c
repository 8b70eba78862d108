/* Numbers with units: whatever is taken prints back to the same value. */
#include "base/fmt.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Str s = { (const char *)bytes, (ptrdiff_t)n };
    char text[FMT_MAX];
    uint64_t u, u2;
    double d, d2;
    Err err = { 0 };

    if (fmt_parse_duration(s, &u, &err) == 0)
        FUZZ_HOLDS(fmt_parse_duration(str(fmt_duration_exact(text, u)), &u2, &err) == 0 && u == u2);
    if (fmt_parse_size(s, &u, &err) == 0)
        FUZZ_HOLDS(fmt_parse_size(str(fmt_size_exact(text, u)), &u2, &err) == 0 && u == u2);
    if (fmt_parse_rate(s, &d, &err) == 0)
        FUZZ_HOLDS(fmt_parse_rate(str(fmt_rate_exact(text, d)), &d2, &err) == 0 && d == d2);
    if (fmt_parse_share(s, true, &d, &err) == 0)
        FUZZ_HOLDS(fmt_parse_share(str(fmt_share_exact(text, d)), true, &d2, &err) == 0 && d == d2);
    if (fmt_parse_number(s, &d, &err) == 0)
        FUZZ_HOLDS(fmt_parse_number(str(fmt_f64_exact(text, d)), &d2, &err) == 0 && d == d2);
    return 0;
}
