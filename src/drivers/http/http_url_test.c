#include "drivers/http/http_url.h"

#include <errno.h>

#include "tap.h"

static const struct {
    const char *text, *host, *port, *path, *why;
} good[] = {
    { "http://h", "h", "80", "/", "host only" },
    { "http://h/", "h", "80", "/", "root" },
    { "http://h:8080/a/b?c=d", "h", "8080", "/a/b?c=d", "port, path, query" },
    { "http://h?x=1", "h", "80", "/?x=1", "a query without a path" },
    { "http://h/a#frag", "h", "80", "/a", "a fragment stays here" },
    { "http://[::1]:99/x", "::1", "99", "/x", "an IPv6 literal" },
    { "http://[fe80::1%25eth0]/", "fe80::1%25eth0", "80", "/", "with a zone" },
    { "HTTP://h/", "h", "80", "/", "a scheme in capitals" },
    { "https://h/", "h", "443", "/", "another default port" },
};

static const struct {
    const char *text, *word, *why;
} bad[] = {
    { "h:80", "not a URL", "no scheme" },
    { "ftp://h/", "not a URL", "another scheme" },
    { "http://", "no host", "nothing" },
    { "http://:80/", "no host", "a port only" },
    { "http://h:0/", "1 to 65535", "port 0" },
    { "http://h:65536/", "1 to 65535", "port too large" },
    { "http://h:x/", "1 to 65535", "port no number" },
    { "http://::1/", "brackets", "IPv6 without brackets" },
    { "http://[::1/", "without ']'", "half a bracket" },
    { "http://[::1]80/", "':port'", "no colon" },
    { "http://u:p@h/", "authorization", "credentials" },
    { "http://h/a b", "percent-encode", "a blank" },
    { "http://h/\xc3\xa9", "percent-encode", "not ASCII" },
    { "http://h/\r\nX: y", "percent-encode", "a header in disguise" },
};

int main(void)
{
    Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(good); i++) {
        HttpUrl u;
        Err err = { 0 };
        CHECK_INT(http_url_parse(&a, good[i].text, &u, &err), 0, "%s (%s)", good[i].why, err.msg);
        CHECK_STR(u.host, good[i].host, "… its host");
        CHECK_STR(u.port, good[i].port, "… its port");
        CHECK_STR(u.path, good[i].path, "… its path");
    }
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        HttpUrl u;
        Err err = { 0 };
        CHECK_INT(http_url_parse(&a, bad[i].text, &u, &err), -EINVAL, "refused: %s", bad[i].why);
        CHECK(strstr(err.msg, bad[i].word) != NULL, "… saying why");
    }
    arena_done(&a);
    return tap_done();
}
