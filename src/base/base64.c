#include "base/base64.h"

#include <errno.h>

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(Str bytes, StrBuf *out)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;
    for (ptrdiff_t i = 0; i < bytes.len; i += 3) {
        ptrdiff_t left = bytes.len - i;
        uint32_t v = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                     (left > 2 ? (uint32_t)p[i + 2] : 0);
        char four[4] = { ALPHABET[v >> 18], ALPHABET[v >> 12 & 63],
                         left > 1 ? ALPHABET[v >> 6 & 63] : '=',
                         left > 2 ? ALPHABET[v & 63] : '=' };
        strbuf_add(out, (Str){ four, 4 });
    }
}

/* Value of a letter, or -1. */
static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_decode(Str text, StrBuf *out, Err *err)
{
    if (text.len % 4)
        return err_set(err, -EINVAL, "base64 of %td characters is cut short", text.len);
    for (ptrdiff_t i = 0; i < text.len; i += 4) {
        const char *p = text.ptr + i;
        int n_pad = i + 4 < text.len ? 0 : p[2] == '=' && p[3] == '=' ? 2 : p[3] == '=';
        uint32_t v = 0;
        for (int k = 0; k < 4; k++) {
            int digit = k < 4 - n_pad ? value_of(p[k]) : 0;
            if (digit < 0)
                return err_set(err, -EINVAL, "no base64 at offset %td", i + k);
            v = v << 6 | (uint32_t)digit;
        }
        if (v & (n_pad == 2 ? 0xffffu : n_pad ? 0xffu : 0))
            return err_set(err, -EINVAL, "base64 with stray bits at its end");
        char three[3] = { (char)(v >> 16), (char)(v >> 8), (char)v };
        strbuf_add(out, (Str){ three, 3 - n_pad });
        if (out->overflow)
            return err_set(err, -ENOSPC, "base64 of %td characters is too long", text.len);
    }
    return 0;
}
