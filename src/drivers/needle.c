#include "drivers/needle.h"

void needle_prepare(Arena *a, Str text, Needle *ret)
{
    *ret = (Needle){ text, ARENA_ARRAY(a, ptrdiff_t, text.len + 1) };
    for (ptrdiff_t i = 1, k = 0; i < text.len; i++) {
        while (k > 0 && text.ptr[i] != text.ptr[k])
            k = ret->fail[k - 1];
        k += text.ptr[i] == text.ptr[k];
        ret->fail[i] = k;
    }
}

void needle_feed(const Needle *n, ptrdiff_t *matched, Str piece)
{
    ptrdiff_t m = *matched;
    for (ptrdiff_t i = 0; i < piece.len && m < n->text.len; i++) {
        while (m > 0 && piece.ptr[i] != n->text.ptr[m])
            m = n->fail[m - 1];
        m += piece.ptr[i] == n->text.ptr[m];
    }
    *matched = m;
}
