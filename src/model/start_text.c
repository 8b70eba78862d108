/* Recorded data as YAML scalars, secrets as references. */
#include "model/start_text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* A character of two or three bytes at `at` that YAML wants escaped (YAML 1.2, 5.1); 0: none. */
static unsigned escaped_at(Str s, ptrdiff_t at)
{
    const unsigned char *c = (const unsigned char *)s.ptr + at;
    if (at < 0 || at >= s.len)
        return 0;
    if (c[0] == 0xc2 && at + 1 < s.len && c[1] < 0xa0)
        return c[1];
    if (c[0] != 0xef || at + 2 >= s.len)
        return 0;
    unsigned code = 0xf000u | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
    return code == 0xfeff || code >= 0xfffe ? code : 0;
}

static void put_byte(StrBuf *b, Str s, ptrdiff_t at)
{
    unsigned char c = (unsigned char)s.ptr[at];
    unsigned before = escaped_at(s, at - 2);
    if (escaped_at(s, at))
        strbuf_addf(b, "\\u%04x", escaped_at(s, at));
    else if (escaped_at(s, at - 1) || before > 0xff)
        return; /* said already */
    else if (c == '"' || c == '\\')
        strbuf_addf(b, "\\%c", c);
    else if (c == '\n')
        strbuf_addz(b, "\\n");
    else if (c < 0x20 || c == 0x7f)
        strbuf_addf(b, "\\x%02x", c);
    else if (c == '$' && at + 1 < s.len && s.ptr[at + 1] == '{')
        strbuf_addz(b, "$$");
    else
        strbuf_addc(b, (char)c);
}

static void put_plain(StrBuf *b, Str s, ptrdiff_t from, ptrdiff_t to)
{
    for (ptrdiff_t i = from; i < to; i++)
        put_byte(b, s, i);
}

void start_quote(StrBuf *b, Str s)
{
    start_quote_with(b, s, (Str){ 0 });
}

void start_quote_with(StrBuf *b, Str s, Str behind)
{
    strbuf_addc(b, '"');
    put_plain(b, s, 0, s.len);
    strbuf_add(b, behind);
    strbuf_addc(b, '"');
}

void start_encode(StrBuf *b, Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (isalnum(c) || (c && strchr("-._~", c)))
            strbuf_addc(b, (char)c);
        else
            strbuf_addf(b, "%%%02X", c);
    }
}

bool start_is_secret(Str name)
{
    static const char *const parts[] = { "authorization", "cookie",    "token",     "apikey",
                                         "secret",        "passw",     "pwd",       "session",
                                         "credential",    "signature", "accesskey", "privatekey" };
    CLEANUP(strbuf_done) StrBuf plain = { 0 };
    for (ptrdiff_t i = 0; i < name.len; i++)
        if (isalnum((unsigned char)name.ptr[i]))
            strbuf_addc(&plain, (char)tolower((unsigned char)name.ptr[i]));
    for (ptrdiff_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_find(strbuf_str(&plain), str(parts[i])) >= 0)
            return true;
    return false;
}

void start_env(Arena *a, StrBuf *b, Str name, StrList *notes)
{
    char *var = arena_str(a, name);
    for (char *c = var; *c; c++)
        *c = (char)(isalnum((unsigned char)*c) ? toupper((unsigned char)*c) : '_');
    strbuf_addf(b, "${env.%s%s}", isdigit((unsigned char)*var) ? "_" : "", var);
    start_note(
        a, notes,
        arena_printf(a, "the value of '%s' is a secret: set %s in the environment", var, var));
}

static bool is_listed(const StrList *list, const char *text)
{
    for (ptrdiff_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], text) == 0)
            return true;
    return false;
}

void start_note(Arena *a, StrList *notes, const char *text)
{
    if (!is_listed(notes, text))
        strlist_add(a, notes, text);
}

/* Letters and digits; what lies between becomes one '-'. */
static void add_slug(StrBuf *b, Str s)
{
    bool gap = b->len > 0;
    for (ptrdiff_t i = 0; i < s.len && b->len < START_NAME_MAX - 6; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        gap |= isupper(c) && i > 0 && islower((unsigned char)s.ptr[i - 1]);
        if (!isalnum(c)) {
            gap = b->len > 0;
            continue;
        }
        if (gap)
            strbuf_addc(b, '-');
        gap = false;
        strbuf_addc(b, (char)tolower(c));
    }
}

const char *start_name(Arena *a, StrList *taken, Str method, Str path)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    ptrdiff_t query = str_find_char(path, '?');
    if (!str_eqz(method, "GET"))
        add_slug(&b, method);
    add_slug(&b, query < 0 ? path : str_slice(path, 0, query));
    const char *base = arena_strdup(a, b.len ? strbuf_z(&b) : "home"), *name = base;
    for (int i = 2; is_listed(taken, name); i++)
        name = arena_printf(a, "%s-%d", base, i);
    strlist_add(a, taken, name);
    return name;
}

void start_head(StrBuf *suite, const char *made_from, const StrList *notes)
{
    strbuf_addf(suite, "# Made from %s by assay init; a start, to be looked through and changed.\n",
                made_from);
    for (ptrdiff_t i = 0; i < notes->n; i++)
        strbuf_addf(suite, "# %s\n", notes->v[i]);
    strbuf_addz(suite, "assay: 1\n");
}

static ptrdiff_t skip_blanks(Str s, ptrdiff_t at)
{
    while (at < s.len && isspace((unsigned char)s.ptr[at]))
        at++;
    return at;
}

/* Behind the JSON string that begins at `at`, without its closing quote. */
static ptrdiff_t string_end(Str s, ptrdiff_t at)
{
    for (at++; at < s.len && s.ptr[at] != '"'; at++)
        if (s.ptr[at] == '\\' && at + 1 < s.len)
            at++;
    return at;
}

/* `"name": "value"` at `at`: the value's place, if the name is a secret's. */
static bool json_secret(Str s, ptrdiff_t at, Str *name, ptrdiff_t *from, ptrdiff_t *to)
{
    ptrdiff_t end = string_end(s, at), colon = skip_blanks(s, end + 1);
    *name = str_slice(s, at + 1, end);
    if (colon >= s.len || s.ptr[colon] != ':' || !start_is_secret(*name))
        return false;
    *from = skip_blanks(s, colon + 1);
    if (*from < s.len && s.ptr[*from] == '"') {
        *to = string_end(s, *from);
        *from += 1;
        return true;
    }
    for (*to = *from; *to < s.len && isalnum((unsigned char)s.ptr[*to]);)
        *to += 1;
    return *to > *from;
}

/* `name=value` that begins at `at`. */
static bool pair_secret(Str s, ptrdiff_t at, Str *name, ptrdiff_t *from, ptrdiff_t *to)
{
    if (at > 0 && s.ptr[at - 1] != '&' && s.ptr[at - 1] != '?')
        return false;
    ptrdiff_t eq = at;
    while (eq < s.len && s.ptr[eq] != '=' && s.ptr[eq] != '&' && s.ptr[eq] != '?')
        eq++;
    *name = str_slice(s, at, eq);
    if (eq >= s.len || s.ptr[eq] != '=' || !start_is_secret(*name))
        return false;
    *from = eq + 1;
    for (*to = *from; *to < s.len && s.ptr[*to] != '&';)
        *to += 1;
    return *to > *from;
}

void start_quote_masked(Arena *a, StrBuf *b, Str s, StrList *notes)
{
    strbuf_addc(b, '"');
    for (ptrdiff_t at = 0; at < s.len;) {
        ptrdiff_t from = 0, to = 0;
        Str name;
        if ((s.ptr[at] == '"' && json_secret(s, at, &name, &from, &to)) ||
            pair_secret(s, at, &name, &from, &to)) {
            put_plain(b, s, at, from);
            start_env(a, b, name, notes);
            at = to;
        } else {
            put_byte(b, s, at++);
        }
    }
    strbuf_addc(b, '"');
}

/* The number of at most `max` digits to `base` at *at; *at moves behind it. */
static uint32_t take_number(Str in, ptrdiff_t *at, int base, int max)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t n = 0;
    for (; max > 0 && *at < in.len; max--, (*at)++) {
        ptrdiff_t d = str_find_char(str_slice(STR(digits), 0, base),
                                    (char)tolower((unsigned char)in.ptr[*at]));
        if (d < 0)
            break;
        n = n * (uint32_t)base + (uint32_t)d;
    }
    return n;
}

static uint32_t take_escape(Str in, ptrdiff_t *at)
{
    static const char letters[] = "abefnrtv", bytes[] = "\a\b\033\f\n\r\t\v";
    char c = in.ptr[(*at)++];
    if (c >= '0' && c <= '7') {
        --*at;
        return take_number(in, at, 8, 3) & 0xff;
    }
    if (c == 'x')
        return take_number(in, at, 16, 2);
    if (c == 'u' || c == 'U')
        return take_number(in, at, 16, c == 'u' ? 4 : 8);
    ptrdiff_t i = str_find_char(STR(letters), c);
    return (unsigned char)(i >= 0 ? bytes[i] : c);
}

static int take_dollar_quote(Str in, ptrdiff_t *at, StrBuf *out, Err *err)
{
    strbuf_addc(out, '\'');
    while (*at < in.len && in.ptr[*at] != '\'') {
        char text[4], c = in.ptr[(*at)++], *end = text;
        if (c != '\\' || *at == in.len) {
            strbuf_addc(out, c);
            continue;
        }
        bool code = in.ptr[*at] == 'u' || in.ptr[*at] == 'U';
        uint32_t n = take_escape(in, at);
        if (n == 0 || n > 0x10ffff)
            return err_set(err, -EINVAL, "an escape in $'...' is no character");
        if (code)
            end = utf8_put(text, n);
        else
            *end++ = (char)n;
        if (n == '\'')
            strbuf_addz(out, "'\\''");
        else
            strbuf_add(out, (Str){ text, end - text });
    }
    if (*at == in.len)
        return err_set(err, -EINVAL, "the quote $' is never closed");
    ++*at;
    strbuf_addc(out, '\'');
    return 0;
}

int start_plain_quotes(Str in, StrBuf *out, Err *err)
{
    char quote = 0;
    for (ptrdiff_t at = 0; at < in.len;) {
        char c = in.ptr[at++];
        if (!quote && c == '$' && at < in.len && in.ptr[at] == '\'') {
            at++;
            TRY(take_dollar_quote(in, &at, out, err));
            continue;
        }
        strbuf_addc(out, c);
        if (c == '\\' && quote != '\'' && at < in.len)
            strbuf_addc(out, in.ptr[at++]);
        else if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? 0 : c;
    }
    return 0;
}
