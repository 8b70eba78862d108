/* Starting suites from command lines. */
#include "model/start.h"

#include <string.h>

#include "tap.h"

static void check_curl(const char *command, const char *part, const char *absent)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    Err err = { 0 };
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    CHECK_INT(start_curl(&a, str(command), &out, &notes, &err), 0, "%s %s", command, err.msg);
    CHECK(strstr(strbuf_z(&out), part), "   has %s", part);
    CHECK(!absent || !strstr(strbuf_z(&out), absent), "   hides its secret");
    arena_done(&a);
}

static void check_bad(const char *command, const char *part)
{
    Arena a = { 0 };
    StrList notes = { 0 };
    Err err = { 0 };
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    CHECK(start_curl(&a, str(command), &out, &notes, &err) < 0, "refuses %s", command);
    CHECK(strstr(err.msg, part), "   naming %s: %s", part, err.msg);
    arena_done(&a);
}

int main(void)
{
    check_curl("curl h:8/a?b#c", "url: \"http://h:8\"", "#c");
    check_curl("curl \\\n -X PUT 'http://h/x'", "method: \"PUT\"", NULL);
    check_curl("curl h -d $'it\\'s ${x}'", "body: \"it's $${x}\"", NULL);
    check_curl("curl h -H 'Authorization: Bearer hush'", "${env.AUTHORIZATION}", "hush");
    check_curl("curl h -b sid=hush", "${env.COOKIE}", "hush");
    check_curl("curl -u me:hush h", "${env.USER_PASSWORD}", "hush");
    check_curl("curl http://me:hush@h/", "${env.USER_PASSWORD}", "hush");
    check_curl("curl 'h/?api_key=hush&a=1'", "/?api_key=${env.API_KEY}&a=1", "hush");
    check_curl("curl h --json '{\"password\": \"hush\"}'", "${env.PASSWORD}", "hush");
    check_curl("curl -G h -d a=1 --data-urlencode 'b=x y'", "path: \"/?a=1&b=x%20y\"", NULL);
    check_curl("curl -skLF f=@pic.png h", "\"f\": \"@pic.png\"", NULL);
    check_curl("curl h -F 'f=@p.png;type=image/png'", "\"@p.png\"", ";type");
    check_bad("curl h -F 'f=<x'", "'<'");
    check_bad("curl -u a:b -u c:d h", "twice");
    check_bad("curl --frob h", "--frob");
    check_bad("curl -sZ h", "-Z");
    check_bad("curl -H", "--header");
    check_bad("wget h", "curl");
    check_bad("curl 'h", "closed");
    return tap_done();
}
