#include "base/csv.h"

static Str without_doubles(Arena *a, Str raw)
{
    char *copy = arena_alloc(a, raw.len);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < raw.len; i++) {
        copy[n++] = raw.ptr[i];
        if (raw.ptr[i] == '"')
            i++;
    }
    return (Str){ copy, n };
}

bool csv_quoted(Arena *a, Str s, ptrdiff_t *at, Str *ret)
{
    ptrdiff_t start = *at, i = start;
    bool doubled = false;
    for (; i < s.len; i++) {
        if (s.ptr[i] != '"')
            continue;
        if (i + 1 >= s.len || s.ptr[i + 1] != '"')
            break;
        doubled = true;
        i++;
    }
    Str raw = str_slice(s, start, i);
    *at = MIN(i + 1, s.len);
    *ret = doubled ? without_doubles(a, raw) : raw;
    return i < s.len;
}
