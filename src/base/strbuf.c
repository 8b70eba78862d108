/* Appending to a StrBuf: growth and its limit in one place. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const ptrdiff_t MAX_DEFAULT = (ptrdiff_t)1 << 30;

static bool room_for(StrBuf *b, ptrdiff_t more)
{
    ptrdiff_t max = b->max ? b->max : MAX_DEFAULT;
    if (more > max - b->len) {
        b->overflow = true;
        return false;
    }
    if (b->len + more + 1 <= b->cap)
        return true;
    ptrdiff_t cap = MAX(MAX(b->cap * 2, (ptrdiff_t)64), b->len + more + 1);
    char *p = realloc(b->ptr, (size_t)cap);
    if (!p) {
        b->overflow = true;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    return true;
}

void strbuf_add(StrBuf *b, Str s)
{
    if (!room_for(b, s.len))
        return;
    if (s.len)
        memcpy(b->ptr + b->len, s.ptr, (size_t)s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}

void strbuf_addz(StrBuf *b, const char *s)
{
    strbuf_add(b, str(s));
}

void strbuf_addc(StrBuf *b, char c)
{
    strbuf_add(b, (Str){ &c, 1 });
}

void strbuf_pad(StrBuf *b, char c, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        strbuf_addc(b, c);
}

void strbuf_addf(StrBuf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    assert(n >= 0);
    if (room_for(b, n)) {
        vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, again);
        b->len += n;
    }
    va_end(again);
}

void strbuf_add_utf8(StrBuf *b, Str s)
{
    for (ptrdiff_t bad; (bad = utf8_invalid_at(s)) >= 0; s = str_slice(s, bad + 1, s.len)) {
        strbuf_add(b, str_slice(s, 0, bad));
        strbuf_addz(b, "\xef\xbf\xbd");
    }
    strbuf_add(b, s);
}
