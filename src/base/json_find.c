#include "base/json_find.h"

#include <errno.h>
#include <string.h>

#include "base/json_block.h"

enum { KEY_MAX = 256 }; /* of keys that are written with escapes */

typedef struct Walk {
    const char *at, *end;
} Walk;

static void blanks(Walk *w)
{
    while (w->at < w->end && (*w->at == ' ' || *w->at == '\n' || *w->at == '\r' || *w->at == '\t'))
        w->at++;
}

static bool next_is(Walk *w, char c)
{
    blanks(w);
    return w->at < w->end && *w->at == c;
}

static bool take(Walk *w, char c)
{
    bool is = next_is(w, c);
    w->at += is;
    return is;
}

/* From the opening quote to behind the closing one. */
static int pass_string(Walk *w)
{
    for (const char *p = w->at + 1; p < w->end; p++) {
        if (*p == '\\') {
            p++;
        } else if (*p == '"') {
            w->at = p + 1;
            return 0;
        }
    }
    return -EINVAL;
}

/* Numbers, true, false, null: up to what ends them. */
static int pass_word(Walk *w)
{
    const char *from = w->at;
    while (w->at<w->end && * w->at> ' ' && *w->at != ',' && *w->at != ']' && *w->at != '}' &&
           *w->at != ':' && *w->at != '"')
        w->at++;
    return w->at > from ? 0 : -EINVAL;
}

/* ---- nested values: a block at a time ---- */

typedef struct Nest {
    ptrdiff_t depth;
    bool in_string;
} Nest;

/* Bracket after bracket. True: the last one, and w stands behind it. */
static bool pass_brackets(Walk *w, Nest *n, unsigned opens, unsigned closes)
{
    for (unsigned left = opens | closes; left; left &= left - 1) {
        int at = __builtin_ctz(left);
        n->depth += opens >> at & 1 ? 1 : -1;
        if (n->depth == 0) {
            w->at += at + 1;
            return true;
        }
    }
    return false;
}

/* As far as there are no escapes. True: to the end of the value. */
static bool pass_blocks(Walk *w, Nest *n)
{
    for (; w->end - w->at >= JSON_BLOCK; w->at += JSON_BLOCK) {
        JsonBlock b = json_block(w->at);
        if (b.escapes)
            return false;
        unsigned inside = json_between(b.quotes) ^ (n->in_string ? 0xffff : 0);
        unsigned opens = b.opens & ~inside, closes = b.closes & ~inside;
        int closed = json_ones(closes);
        n->in_string = inside & 0x8000;
        if (closed < n->depth)
            n->depth += json_ones(opens) - closed;
        else if (pass_brackets(w, n, opens, closes))
            return true;
    }
    return false;
}

/* One byte, and the one behind a backslash. */
static void pass_byte(Walk *w, Nest *n)
{
    char c = *w->at++;
    if (n->in_string) {
        w->at += c == '\\' && w->at < w->end;
        n->in_string = c != '"';
        return;
    }
    n->in_string = c == '"';
    n->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
}

/* From the opening bracket to behind the closing one, of whatever kind. */
static int pass_nested(Walk *w)
{
    Nest n = { 0 };
    while (w->at < w->end) {
        if (pass_blocks(w, &n))
            return 0;
        for (int i = 0; i < JSON_BLOCK && w->at < w->end; i++) {
            pass_byte(w, &n);
            if (n.depth == 0)
                return 0;
        }
    }
    return -EINVAL;
}

static int pass_value(Walk *w, Str *ret)
{
    blanks(w);
    const char *from = w->at;
    if (w->at == w->end)
        return -EINVAL;
    TRY(*w->at == '"'                    ? pass_string(w)
        : *w->at == '{' || *w->at == '[' ? pass_nested(w)
                                         : pass_word(w));
    *ret = (Str){ from, w->at - from };
    return 0;
}

/* ---- keys ---- */

static Str decode_token(Str token, char *buf)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < token.len && n < KEY_MAX; i++) {
        bool escaped = token.ptr[i] == '~' && i + 1 < token.len;
        buf[n++] = escaped ? (token.ptr[++i] == '1' ? '/' : '~') : token.ptr[i];
    }
    return (Str){ buf, n };
}

/* `raw` is a key with its quotes. */
static bool is_key(Str raw, Str token)
{
    char a[KEY_MAX], b[KEY_MAX];
    Str key = str_slice(raw, 1, raw.len - 1);
    if (memchr(token.ptr, '~', (size_t)token.len))
        token = decode_token(token, a);
    if (!memchr(key.ptr, '\\', (size_t)key.len))
        return str_eq(key, token);
    if (raw.len > KEY_MAX)
        return false;
    ptrdiff_t n = json_unquote(raw, b);
    return n >= 0 && str_eq((Str){ b, n }, token);
}

static int enter_object(Walk *w, Str token)
{
    Str key, value;
    if (take(w, '}'))
        return JSON_NOT_THERE;
    do {
        if (!next_is(w, '"'))
            return -EINVAL;
        key.ptr = w->at;
        TRY(pass_string(w));
        key.len = w->at - key.ptr;
        if (!take(w, ':'))
            return -EINVAL;
        if (is_key(key, token))
            return 0;
        TRY(pass_value(w, &value));
    } while (take(w, ','));
    return take(w, '}') ? JSON_NOT_THERE : -EINVAL;
}

static int enter_array(Walk *w, Str token)
{
    Str value;
    uint64_t index;
    bool plain = token.len > 0 && (token.len == 1 || token.ptr[0] != '0');
    if (!plain || str_to_u64(token, &index) < 0)
        return JSON_NOT_THERE;
    if (take(w, ']'))
        return JSON_NOT_THERE;
    for (; index > 0; index--) {
        TRY(pass_value(w, &value));
        if (!take(w, ','))
            return take(w, ']') ? JSON_NOT_THERE : -EINVAL;
    }
    return 0;
}

static int enter(Walk *w, Str token)
{
    if (take(w, '{'))
        return enter_object(w, token);
    if (take(w, '['))
        return enter_array(w, token);
    return w->at < w->end ? JSON_NOT_THERE : -EINVAL;
}

int json_find(Str text, Str pointer, Str *ret)
{
    Walk w = { text.ptr, text.ptr + text.len };
    Str token;
    if (pointer.len) {
        pointer = str_slice(pointer, 1, pointer.len);
        while (str_cut(&pointer, '/', &token)) {
            int r = enter(&w, token);
            if (r != 0)
                return r;
        }
    }
    return pass_value(&w, ret);
}

static int next_member(Walk *w, Str *key, Str *value)
{
    if (!next_is(w, '"'))
        return -EINVAL;
    const char *from = w->at + 1;
    TRY(pass_string(w));
    *key = (Str){ from, w->at - 1 - from };
    if (!take(w, ':'))
        return -EINVAL;
    TRY(pass_value(w, value));
    return 1;
}

int json_member(JsonMembers *m, Str *ret_key, Str *ret_value)
{
    Walk w = { m->rest.ptr, m->rest.ptr + m->rest.len };
    if (!m->begun && !take(&w, '{'))
        return -EINVAL;
    bool over = take(&w, '}');
    if (!over && m->begun && !take(&w, ','))
        return -EINVAL;
    m->begun = true;
    int r = over ? 0 : next_member(&w, ret_key, ret_value);
    m->rest = (Str){ w.at, w.end - w.at };
    return r;
}

bool json_pointer_ok(Str p)
{
    for (ptrdiff_t i = 0; i < p.len; i++)
        if (p.ptr[i] == '~' && (i + 1 == p.len || (p.ptr[i + 1] != '0' && p.ptr[i + 1] != '1')))
            return false;
    return p.len == 0 || p.ptr[0] == '/';
}

/* ---- strings ---- */

char *json_escape(char *to, Str v)
{
    static const char digits[] = "0123456789ABCDEF";
    for (ptrdiff_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        if (c < ' ') {
            memcpy(to, "\\u00", 4);
            to[4] = digits[c >> 4];
            to[5] = digits[c & 15];
            to += 6;
            continue;
        }
        if (c == '"' || c == '\\')
            *to++ = '\\';
        *to++ = v.ptr[i];
    }
    return to;
}

static int hex4(Str s, ptrdiff_t at, uint32_t *ret)
{
    uint32_t v = 0;
    if (at + 4 > s.len)
        return -EINVAL;
    for (ptrdiff_t i = at; i < at + 4; i++) {
        char c = s.ptr[i], low = (char)(c | 0x20);
        bool digit = c >= '0' && c <= '9', letter = low >= 'a' && low <= 'f';
        if (!digit && !letter)
            return -EINVAL;
        v = v << 4 | (uint32_t)(digit ? c - '0' : low - 'a' + 10);
    }
    *ret = v;
    return 0;
}

/* "uD83DuDE00" behind its backslash: how many bytes it took, or negative. */
static ptrdiff_t put_unicode(Str s, ptrdiff_t at, char **to)
{
    uint32_t c, low;
    TRY(hex4(s, at + 1, &c));
    bool high = c >= 0xd800 && c < 0xdc00;
    if (high && at + 7 < s.len && s.ptr[at + 5] == '\\' && s.ptr[at + 6] == 'u' &&
        hex4(s, at + 7, &low) == 0 && low >= 0xdc00 && low < 0xe000) {
        *to = utf8_put(*to, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
        return 11;
    }
    *to = utf8_put(*to, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
    return 5;
}

static ptrdiff_t put_escape(Str s, ptrdiff_t at, char **to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (s.ptr[at] == 'u')
        return put_unicode(s, at, to);
    const char *which = s.ptr[at] ? strchr(names, s.ptr[at]) : NULL;
    if (!which)
        return -EINVAL;
    *(*to)++ = values[which - names];
    return 1;
}

ptrdiff_t json_unquote(Str raw, char *buf)
{
    char *to = buf;
    if (raw.len < 2 || raw.ptr[0] != '"') {
        if (raw.len)
            memcpy(buf, raw.ptr, (size_t)raw.len);
        return raw.len;
    }
    Str s = str_slice(raw, 1, raw.len - 1);
    for (ptrdiff_t i = 0; i < s.len;) {
        if (s.ptr[i] != '\\') {
            *to++ = s.ptr[i++];
            continue;
        }
        if (++i == s.len)
            return -EINVAL;
        ptrdiff_t n = put_escape(s, i, &to);
        if (n < 0)
            return n;
        i += n;
    }
    return to - buf;
}
