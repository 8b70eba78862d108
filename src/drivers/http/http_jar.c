#include "drivers/http/http_jar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/grow.h"

/* What a Set-Cookie header says. */
typedef struct SetCookie {
    Str name, value, path;
    bool secure, has_max_age, has_expires;
    int64_t max_age_s, expires_s;
} SetCookie;

/* ---- reading: RFC 6265, 5.2 ---- */

/* "Wed, 21 Oct 2015 07:28:00 GMT", also with dashes. */
static bool parse_date(Str text, int64_t *ret)
{
    static const char *const forms[] = { "%a, %d %b %Y %H:%M:%S", "%a, %d-%b-%Y %H:%M:%S",
                                         "%a, %d-%b-%y %H:%M:%S", "%a %b %d %H:%M:%S %Y" };
    char copy[64];
    if (text.len >= (ptrdiff_t)sizeof copy)
        return false;
    memcpy(copy, text.ptr, (size_t)text.len);
    copy[text.len] = '\0';
    for (ptrdiff_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct tm tm = { 0 };
        if (!strptime(copy, forms[i], &tm))
            continue;
        *ret = timegm(&tm);
        return true;
    }
    return false;
}

static void read_max_age(Str value, SetCookie *c)
{
    uint64_t n;
    bool negative = str_starts(value, STR("-"));
    if (str_to_u64(str_slice(value, negative, value.len), &n) < 0)
        return;
    c->has_max_age = true;
    c->max_age_s = negative || n == 0 ? 0 : (int64_t)MIN(n, (uint64_t)1 << 40);
}

static void read_attribute(Str one, SetCookie *c)
{
    ptrdiff_t eq = str_find_char(one, '=');
    Str name = str_trim(str_slice(one, 0, eq < 0 ? one.len : eq));
    Str value = eq < 0 ? (Str){ 0 } : str_trim(str_slice(one, eq + 1, one.len));
    if (str_eq_nocase(name, STR("path")) && str_starts(value, STR("/")))
        c->path = value;
    else if (str_eq_nocase(name, STR("secure")))
        c->secure = true;
    else if (str_eq_nocase(name, STR("max-age")))
        read_max_age(value, c);
    else if (str_eq_nocase(name, STR("expires")) && value.len)
        c->has_expires = parse_date(value, &c->expires_s);
}

static bool read_cookie(Str text, SetCookie *c)
{
    Str pair, one;
    *c = (SetCookie){ 0 };
    if (!str_cut(&text, ';', &pair))
        return false;
    ptrdiff_t eq = str_find_char(pair, '=');
    if (eq < 0)
        return false;
    c->name = str_trim(str_slice(pair, 0, eq));
    c->value = str_trim(str_slice(pair, eq + 1, pair.len));
    while (text.ptr && str_cut(&text, ';', &one))
        read_attribute(str_trim(one), c);
    return c->name.len > 0;
}

/* The path without query, up to its last slash: RFC 6265, 5.1.4. */
static Str default_path(Str path)
{
    ptrdiff_t query = str_find_char(path, '?'), n = query < 0 ? path.len : query;
    while (n > 0 && path.ptr[n - 1] != '/')
        n--;
    return n > 1 ? str_slice(path, 0, n - 1) : STR("/");
}

/* ---- keeping ---- */

static Str path_of(const JarCookie *c)
{
    return (Str){ c->text + c->pair_bytes, c->path_bytes };
}

static Str name_of(const JarCookie *c)
{
    return (Str){ c->text, c->name_bytes };
}

static void drop(HttpJar *j, int at)
{
    free(j->v[at].text);
    memmove(&j->v[at], &j->v[at + 1], (size_t)(j->n - at - 1) * sizeof *j->v);
    j->n--;
}

static int find(const HttpJar *j, Str name, Str path)
{
    for (int i = 0; i < j->n; i++)
        if (str_eq(name_of(&j->v[i]), name) && str_eq(path_of(&j->v[i]), path))
            return i;
    return -1;
}

static char *put(char *to, Str s)
{
    if (s.len)
        memcpy(to, s.ptr, (size_t)s.len);
    return to + s.len;
}

/* For one more. */
static int make_room(HttpJar *j)
{
    if (j->n == JAR_COOKIES_MAX)
        drop(j, 0);
    if (j->n < j->cap)
        return 0;
    int cap = MIN(MAX(2 * j->cap, 4), (int)JAR_COOKIES_MAX);
    JarCookie *grown = realloc(j->v, (size_t)cap * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    j->v = grown;
    j->cap = cap;
    return 0;
}

static int keep(HttpJar *j, const SetCookie *c)
{
    JarCookie made = { .name_bytes = c->name.len,
                       .pair_bytes = c->name.len + 1 + c->value.len,
                       .path_bytes = c->path.len,
                       .secure = c->secure };
    made.text = malloc((size_t)(made.pair_bytes + made.path_bytes));
    if (!made.text)
        return -ENOMEM;
    if (make_room(j) < 0) {
        free(made.text);
        return -ENOMEM;
    }
    char *to = put(made.text, c->name);
    *to++ = '=';
    put(put(to, c->value), c->path);
    j->v[j->n++] = made;
    return 0;
}

int jar_take(HttpJar *j, Str set_cookie, Str path, int64_t wall_s)
{
    SetCookie c;
    if (set_cookie.len > JAR_COOKIE_BYTES || !read_cookie(set_cookie, &c))
        return 0;
    if (!c.path.len)
        c.path = default_path(path);
    int at = find(j, c.name, c.path);
    if (at >= 0)
        drop(j, at);
    bool over = c.has_max_age ? c.max_age_s == 0 : c.has_expires && c.expires_s <= wall_s;
    return over ? 0 : keep(j, &c);
}

/* ---- giving ---- */

/* RFC 6265, 5.1.4: equal, or a prefix that ends at a slash. */
static bool covers(Str cookie, Str path)
{
    ptrdiff_t query = str_find_char(path, '?');
    path = str_slice(path, 0, query < 0 ? path.len : query);
    if (!str_starts(path, cookie))
        return false;
    return path.len == cookie.len || cookie.ptr[cookie.len - 1] == '/' ||
           path.ptr[cookie.len] == '/';
}

/* Indices of those that go to `path`, the longest path first, else in the order they came. */
static int choose(const HttpJar *j, Str path, bool secure, int order[JAR_COOKIES_MAX])
{
    int n = 0;
    for (int i = 0; i < j->n; i++) {
        const JarCookie *c = &j->v[i];
        if ((c->secure && !secure) || !covers(path_of(c), path))
            continue;
        int at = n++;
        for (; at > 0 && j->v[order[at - 1]].path_bytes < c->path_bytes; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return n;
}

int jar_line(HttpJar *j, Str path, bool secure, Str *ret)
{
    int order[JAR_COOKIES_MAX], n = choose(j, path, secure, order);
    ptrdiff_t need = 1;
    for (int i = 0; i < n; i++)
        need += j->v[order[i]].pair_bytes + 2;
    TRY(buf_grow(&j->line, &j->line_cap, need));
    char *to = j->line;
    for (int i = 0; i < n; i++) {
        to = put(to, i ? STR("; ") : STR(""));
        to = put(to, (Str){ j->v[order[i]].text, j->v[order[i]].pair_bytes });
    }
    *ret = (Str){ j->line, to - j->line };
    return 0;
}

Str jar_find(const HttpJar *j, Str name)
{
    for (int i = j->n - 1; i >= 0; i--)
        if (str_eq(name_of(&j->v[i]), name))
            return (Str){ j->v[i].text + name.len + 1, j->v[i].pair_bytes - name.len - 1 };
    return (Str){ 0 };
}

void jar_clear(HttpJar *j)
{
    for (int i = 0; i < j->n; i++)
        free(j->v[i].text);
    free(j->v);
    free(j->line);
    *j = (HttpJar){ 0 };
}
