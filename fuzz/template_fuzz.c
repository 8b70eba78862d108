/* Templates over a feed: the input is `template NUL rows`. What compiles renders within its bound,
 * and can't break out of what it stands in. */
#include "load/template.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void render(const Template *t, Feed *f, TemplateQuote quote, ptrdiff_t text)
{
    Draw d = { .rng = rng_new(1, "fuzz", 0), .n_users = 3 };
    char *buf = malloc((size_t)template_max(t) + 1);
    for (int i = 0; i < 3 && template_max(t) < 1 << 20; i++) {
        draw_next(&d, f);
        ptrdiff_t n = template_render(t, &d, buf);
        FUZZ_HOLDS(n >= 0 && n <= template_max(t));
        if (quote == QUOTE_HEADER && text == 0)
            FUZZ_HOLDS(!memchr(buf, '\n', (size_t)n) && !memchr(buf, '\r', (size_t)n));
    }
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Str in = { (const char *)bytes, (ptrdiff_t)n }, rows = { 0 };
    ptrdiff_t end = str_find_char(in, '\0');
    Feed *f = NULL;
    Err err;
    CLEANUP(arena_done) Arena a = { 0 };
    if (end >= 0) {
        rows = str_slice(in, end + 1, in.len);
        in = str_slice(in, 0, end);
    }
    if (feed_parse(&a, rows, n % 2 ? "x.csv" : "x.jsonl", (FeedOrder)(n % 3), &f, &err) < 0)
        f = NULL;
    bool lines =
        in.len && (memchr(in.ptr, '\n', (size_t)in.len) || memchr(in.ptr, '\r', (size_t)in.len));
    for (int q = QUOTE_NONE; q <= QUOTE_JSON; q++) {
        Template *t = NULL;
        if (template_compile(&a, in, (TemplateQuote)q, (TemplateEnv){ .feed = f }, &t, &err) == 0)
            render(t, f, (TemplateQuote)q, lines);
    }
    return 0;
}
