#include "base/sha1.h"

#include "tap.h"

static const struct {
    const char *text;
    int times;
    const char *want, *why;
} cases[] = {
    { "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "nothing" },
    { "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d", "FIPS 180, one block" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1", "FIPS 180, two blocks" },
    { "a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f", "FIPS 180, a million" },
    { "01234567", 80, "dea356a2cddd90c7a7ecedc5ebb563934f460452", "RFC 3174, whole blocks" },
};

int main(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(strbuf_done) StrBuf in = { 0 };
        char hex[2 * SHA1_BYTES + 1];
        unsigned char got[SHA1_BYTES];
        for (int k = 0; k < cases[i].times; k++)
            strbuf_addz(&in, cases[i].text);
        sha1(strbuf_str(&in), got);
        for (int k = 0; k < SHA1_BYTES; k++)
            snprintf(hex + 2 * k, 3, "%02x", got[k]);
        CHECK_STR(hex, cases[i].want, "%s", cases[i].why);
    }
    return tap_done();
}
