#include "probe/scan.h"

#include <limits.h>

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\0';
}

static Str skip_blanks(Str s)
{
    ptrdiff_t i = 0;
    while (i < s.len && (s.ptr[i] == ' ' || s.ptr[i] == '\t'))
        i++;
    return str_slice(s, i, s.len);
}

bool procscan_u64(Str *s, uint64_t *ret)
{
    Str rest = skip_blanks(*s);
    uint64_t v = 0;
    ptrdiff_t i = 0;
    for (; i < rest.len && rest.ptr[i] >= '0' && rest.ptr[i] <= '9'; i++)
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(rest.ptr[i] - '0'), &v))
            return false;
    if (i == 0 || (i < rest.len && !is_gap(rest.ptr[i])))
        return false;
    *s = str_slice(rest, i, rest.len);
    *ret = v;
    return true;
}

bool procscan_pid(Str *s, int *ret)
{
    Str rest = *s;
    uint64_t v;
    if (!procscan_u64(&rest, &v) || v > INT_MAX)
        return false;
    *s = rest;
    *ret = (int)v;
    return true;
}

bool procscan_word(Str *s, Str *ret)
{
    Str rest = skip_blanks(*s);
    ptrdiff_t i = 0;
    while (i < rest.len && !is_gap(rest.ptr[i]))
        i++;
    if (i == 0)
        return false;
    *ret = str_slice(rest, 0, i);
    *s = str_slice(rest, i, rest.len);
    return true;
}

bool procscan_skip(Str *s)
{
    Str word;
    return procscan_word(s, &word);
}

bool procscan_skips(Str *s, int n)
{
    for (; n > 0; n--)
        if (!procscan_skip(s))
            return false;
    return true;
}

bool procscan_line(Str text, Str key, Str *ret)
{
    for (Str line; str_cut(&text, '\n', &line);) {
        if (!str_starts(line, key))
            continue;
        *ret = str_slice(line, key.len, line.len);
        return true;
    }
    return false;
}
