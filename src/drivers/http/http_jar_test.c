#include "drivers/http/http_jar.h"

#include "tap.h"

#define NOW 1700000000

static void take(HttpJar *j, const char *cookie, const char *path)
{
    CHECK(jar_take(j, str(cookie), str(path), NOW) == 0, "takes '%s'", cookie);
}

static void sends(HttpJar *j, const char *path, bool secure, const char *want, const char *why)
{
    Str line = STR("");
    CHECK(jar_line(j, str(path), secure, &line) == 0 && str_eqz(line, want),
          "%s: '" STR_FMT "' for %s", why, STR_ARG(line), path);
}

static void test_paths(void)
{
    CLEANUP(jar_clear) HttpJar j = { 0 };
    sends(&j, "/", false, "", "nothing at first");
    take(&j, "a=1; Path=/", "/x/y");
    take(&j, "b=2", "/shop/cart?x=/");
    take(&j, "c=3; path=/shop/cart; HttpOnly; SameSite=Lax", "/");
    sends(&j, "/", false, "a=1", "the root's");
    sends(&j, "/shop/cart", false, "c=3; b=2; a=1", "longer paths first");
    sends(&j, "/shop/carton", false, "b=2; a=1", "a prefix ends at a slash");
    sends(&j, "/shop/cart/1?q", false, "c=3; b=2; a=1", "below");
    sends(&j, "/shop", false, "b=2; a=1", "the folder itself");
    take(&j, "a=9; Path=/", "/");
    sends(&j, "/", false, "a=9", "a new value replaces the old");
    take(&j, "a=8; Path=nonsense", "/deep/er");
    sends(&j, "/deep/er", false, "a=8; a=9", "a path that is none is the request's");
}

static void test_ends(void)
{
    CLEANUP(jar_clear) HttpJar j = { 0 };
    static const char *const over[] = {
        "a=x; Max-Age=0",
        "a=x; Max-Age=-5",
        "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "a=x; expires=Thu, 01-Jan-1970 00:00:00 GMT",
        "a=x; Expires=Tue, 01 Jan 2030 00:00:00 GMT; Max-Age=0",
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(over); i++) {
        take(&j, "a=1", "/");
        sends(&j, "/", false, "a=1", "there");
        take(&j, over[i], "/");
        sends(&j, "/", false, "", "and gone");
    }
    take(&j, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9", "/");
    sends(&j, "/", false, "a=1", "Max-Age says more than Expires");
    take(&j, "a=2; Expires=soon", "/");
    sends(&j, "/", false, "a=2", "a date that is none says nothing");
}

static void test_others(void)
{
    CLEANUP(jar_clear) HttpJar j = { 0 };
    static const char *const odd[] = { "", ";", "=", "=x", "novalue", "; a=1" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(odd); i++)
        take(&j, odd[i], "/");
    sends(&j, "/", false, "", "none of them is a cookie");
    take(&j, "s=1; Secure", "/");
    take(&j, "e=", "/");
    take(&j, " q = \"x y\" ;Path=/", "/");
    sends(&j, "/", false, "e=; q=\"x y\"", "secure ones only through TLS");
    sends(&j, "/", true, "s=1; e=; q=\"x y\"", "there they go, too");
    CHECK(str_eqz(jar_find(&j, STR("q")), "\"x y\"") && !jar_find(&j, STR("z")).ptr, "by name");
    for (int i = 0; i < 2 * JAR_COOKIES_MAX; i++) {
        char text[32];
        snprintf(text, sizeof text, "n%d=1", i);
        CHECK(jar_take(&j, str(text), STR("/"), NOW) == 0, "one more");
    }
    CHECK_INT(j.n, JAR_COOKIES_MAX, "a full jar loses its oldest");
    CHECK(jar_find(&j, STR("n127")).ptr && !jar_find(&j, STR("q")).ptr, "and keeps the newest");
}

int main(void)
{
    test_paths();
    test_ends();
    test_others();
    return tap_done();
}
