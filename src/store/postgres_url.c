#include "store/postgres_url.h"

#include <string.h>

bool postgres_is_url(const char *url)
{
    return str_starts(str(url), STR("postgresql:")) || str_starts(str(url), STR("postgres:"));
}

/* Where the scheme and its slashes end. */
static ptrdiff_t start_of_authority(Str url)
{
    ptrdiff_t at = str_find_char(url, ':') + 1;
    while (at < url.len && url.ptr[at] == '/')
        at++;
    return at;
}

static ptrdiff_t last_at(Str s)
{
    ptrdiff_t i = s.len - 1;
    while (i >= 0 && s.ptr[i] != '@')
        i--;
    return i;
}

/* Digits up to what ends a port: else it may be a password whose @ is missing. */
static bool is_port(Str rest)
{
    ptrdiff_t i = 0;
    while (i < rest.len && rest.ptr[i] >= '0' && rest.ptr[i] <= '9')
        i++;
    return i == rest.len || strchr("/?,", rest.ptr[i]);
}

/* End of the bracket of an IPv6 address that begins here, or 0. */
static ptrdiff_t skip_bracket(Str s)
{
    ptrdiff_t end = s.len && s.ptr[0] == '[' ? str_find_char(s, ']') : -1;
    return end < 0 ? 0 : end + 1;
}

/* host:port,host:port/database */
static void add_hosts(StrBuf *b, Str s)
{
    while (s.len) {
        ptrdiff_t from = skip_bracket(s);
        Str rest = str_slice(s, from, s.len);
        ptrdiff_t next = str_find_char(rest, ':');
        if (next < 0) {
            strbuf_add(b, s);
            return;
        }
        Str port = str_slice(rest, next + 1, rest.len);
        strbuf_add(b, str_slice(s, 0, from + next + 1));
        if (!is_port(port)) {
            strbuf_addz(b, "***");
            return;
        }
        s = port;
    }
}

static bool in_list(Str key, const char *const *list)
{
    for (; *list; list++)
        if (str_eqz(key, *list))
            return true;
    return false;
}

/* Nothing of the value can be trusted to be harmless unless its name is known to be. */
static bool is_harmless(Str key)
{
    static const char *const known[] = { "host",
                                         "hostaddr",
                                         "port",
                                         "dbname",
                                         "user",
                                         "sslmode",
                                         "connect_timeout",
                                         "application_name",
                                         "passfile",
                                         "sslrootcert",
                                         "target_session_attrs",
                                         NULL };
    return in_list(key, known);
}

/* A parameter's name, or a piece of a password that should have been escaped? */
static bool is_name(Str key, Str one)
{
    for (ptrdiff_t i = 0; i < key.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_%", key.ptr[i]))
            return false;
    return key.len < one.len;
}

static void add_params(StrBuf *b, Str params, const char *const *only)
{
    char before = '?';
    Str one;
    while (str_cut(&params, '&', &one)) {
        Str value = one, key;
        str_cut(&value, '=', &key);
        if (one.len == 0 || (only && !in_list(key, only)))
            continue;
        strbuf_addc(b, before);
        if (is_harmless(key) && last_at(one) < 0)
            strbuf_add(b, one);
        else
            strbuf_addf(b, STR_FMT "=***", STR_ARG(is_name(key, one) ? key : STR("***")));
        before = '&';
    }
}

/* Where the user's name ends, and where the hosts begin. */
typedef struct User {
    ptrdiff_t end, hosts;
} User;

/* A password may hold signs that should have been escaped, so it ends at the last @ that can end
 * it; where there is none, what begins like one goes as a port that is none. */
static User find_user(Str s)
{
    ptrdiff_t first = (ptrdiff_t)0, mark = str_find_char(s, '?');
    while (first < s.len && !strchr(":@/?[", s.ptr[first]))
        first++;
    char c = first < s.len ? s.ptr[first] : '/';
    if (c == '@')
        return (User){ first, first + 1 };
    if (c != ':')
        return (User){ 0, 0 };
    ptrdiff_t at = last_at(str_slice(s, 0, mark < 0 ? s.len : mark));
    if (at < 0 && !is_port(str_slice(s, first + 1, s.len)))
        at = last_at(s);
    return at < 0 ? (User){ 0, 0 } : (User){ first, at + 1 };
}

const char *postgres_shown_url(Arena *a, const char *url)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Str s = str(url);
    ptrdiff_t from = start_of_authority(s);
    Str rest = str_slice(s, from, s.len);
    User user = find_user(rest);
    Str hosts = str_slice(rest, user.hosts, rest.len);
    ptrdiff_t mark = str_find_char(hosts, '?');
    strbuf_add(&b, str_slice(s, 0, from));
    strbuf_add(&b, str_slice(rest, 0, user.end));
    if (user.hosts)
        strbuf_addc(&b, '@');
    add_hosts(&b, str_slice(hosts, 0, mark < 0 ? hosts.len : mark));
    if (mark >= 0)
        add_params(&b, str_slice(hosts, mark + 1, hosts.len), NULL);
    return arena_str(a, strbuf_str(&b));
}

const char *postgres_database_url(Arena *a, const char *shown)
{
    static const char *const where[] = { "host", "hostaddr", "port", "dbname", NULL };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Str s = str(shown);
    Str rest = str_slice(s, start_of_authority(s), s.len);
    Str hosts = str_slice(rest, find_user(rest).hosts, rest.len);
    ptrdiff_t mark = str_find_char(hosts, '?');
    strbuf_addz(&b, "postgresql://");
    strbuf_add(&b, str_slice(hosts, 0, mark < 0 ? hosts.len : mark));
    if (mark >= 0)
        add_params(&b, str_slice(hosts, mark + 1, hosts.len), where);
    return arena_str(a, strbuf_str(&b));
}
