/* What replies hold for later requests: cookies (one a line) and form fields. */
#include <string.h>

#include "drivers/http/html_form.h"
#include "drivers/http/http_jar.h"
#include "fuzz.h"

static void cookies(Str text)
{
    HttpJar jar = { 0 };
    Str rest = text, line;
    while (rest.len && str_cut(&rest, '\n', &line)) {
        FUZZ_HOLDS(jar_take(&jar, line, STR("/shop/cart?x"), 1700000000) == 0);
        FUZZ_HOLDS(jar.n <= JAR_COOKIES_MAX);
    }
    Str sent;
    FUZZ_HOLDS(jar_line(&jar, STR("/shop/cart"), true, &sent) == 0);
    FUZZ_HOLDS(!memchr(sent.ptr, '\n', (size_t)sent.len));
    jar_clear(&jar);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Str text = { n ? (const char *)bytes : "", (ptrdiff_t)n };
    cookies(text);
    Str value = html_form_value(text, STR("t"));
    if (!value.ptr)
        return 0;
    FUZZ_HOLDS(value.len == 0 ||
               (value.ptr >= text.ptr && value.ptr + value.len <= text.ptr + text.len));
    char *buf = malloc((size_t)value.len + 1);
    FUZZ_HOLDS(html_unescape(value, buf) <= value.len);
    free(buf);
    return 0;
}
