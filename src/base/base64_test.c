#include "base/base64.h"

#include <errno.h>

#include "tap.h"

int main(void)
{
    /* RFC 4648, section 10. */
    static const struct {
        const char *plain, *coded;
    } t[] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };
    Err err;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(t); i++) {
        CLEANUP(strbuf_done) StrBuf a = { 0 }, b = { 0 };
        base64_encode(str(t[i].plain), &a);
        CHECK_STR(strbuf_z(&a), t[i].coded, "encode '%s'", t[i].plain);
        CHECK_INT(base64_decode(str(t[i].coded), &b, &err), 0, "decode '%s'", t[i].coded);
        CHECK_STR(strbuf_z(&b), t[i].plain, "back to '%s'", t[i].plain);
    }
    static const char *const bad[] = { "Zg=",  "Z",    "Zg==Zg==", "Z===", "====",
                                       "Zm9*", "Zm 9", "Zh==",     "Zm9=", "\xff\xff\xff\xff" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        CHECK_INT(base64_decode(str(bad[i]), &b, &err), -EINVAL, "refuses '%s': %s", bad[i],
                  err.msg);
    }
    char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    CLEANUP(strbuf_done) StrBuf a = { 0 }, b = { 0 }, small = { .max = 10 };
    base64_encode((Str){ all, 256 }, &a);
    CHECK(base64_decode(strbuf_str(&a), &b, &err) == 0 && b.len == 256 &&
              memcmp(b.ptr, all, 256) == 0,
          "every byte there and back");
    CHECK_INT(base64_decode(strbuf_str(&a), &small, &err), -ENOSPC, "bounded by the buffer");
    return tap_done();
}
