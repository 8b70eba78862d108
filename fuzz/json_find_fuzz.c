/* A value out of JSON: jansson's opinion where it reads the text at all. The first line is the
 * pointer. */
#include "base/json_find.h"

#include <jansson.h>
#include <string.h>

#include "fuzz.h"

/* What jansson finds by the pointer; NULL: nothing. */
static const json_t *walk(const json_t *j, Str pointer)
{
    Str token;
    if (!pointer.len)
        return j;
    pointer = str_slice(pointer, 1, pointer.len);
    while (j && str_cut(&pointer, '/', &token)) {
        uint64_t index;
        bool number =
            token.len && (token.len == 1 || token.ptr[0] != '0') && str_to_u64(token, &index) == 0;
        if (json_is_array(j))
            j = number ? json_array_get(j, (size_t)index) : NULL;
        else
            j = json_is_object(j) ? json_object_getn(j, token.ptr, (size_t)token.len) : NULL;
    }
    return j;
}

static void compare(Str text, Str pointer, int r, Str raw)
{
    json_error_t error;
    json_t *all = json_loadb(text.ptr, (size_t)text.len,
                             JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    bool nul = memchr(text.ptr, '\0', (size_t)text.len); /* blank to jansson */
    if (!all || nul || memchr(pointer.ptr, '~', (size_t)pointer.len)) {
        json_decref(all);
        return;
    }
    const json_t *want = walk(all, pointer);
    FUZZ_HOLDS((r == 0) == (want != NULL));
    if (json_is_string(want)) {
        char *buf = malloc((size_t)raw.len);
        ptrdiff_t n = json_unquote(raw, buf);
        FUZZ_HOLDS(n == (ptrdiff_t)json_string_length(want));
        FUZZ_HOLDS(memcmp(buf, json_string_value(want), (size_t)n) == 0);
        free(buf);
    }
    json_decref(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Str text = { (const char *)bytes, (ptrdiff_t)n }, pointer, raw = { 0 };
    if (!n || !str_cut(&text, '\n', &pointer) || !text.ptr || !json_pointer_ok(pointer))
        return 0;
    int r = json_find(text, pointer, &raw);
    FUZZ_HOLDS(r != 0 ||
               (raw.len > 0 && raw.ptr >= text.ptr && raw.ptr + raw.len <= text.ptr + text.len));
    if (r == 0) {
        char *buf = malloc((size_t)raw.len);
        FUZZ_HOLDS(json_unquote(raw, buf) <= raw.len);
        free(buf);
    }
    compare(text, pointer, r, raw);
    return 0;
}
