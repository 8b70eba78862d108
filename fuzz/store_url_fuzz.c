/* What is shown of a store's URL: the password in front of an @, or in a parameter, is never there,
 * whatever stands around it; and showing twice is showing once. */
#include "store/postgres_url.h"

#include <string.h>

#include "fuzz.h"

static void show(Arena *a, const char *url)
{
    const char *shown = postgres_shown_url(a, url);
    FUZZ_HOLDS(!strstr(shown, "S3CRET"));
    FUZZ_HOLDS(!strstr(postgres_database_url(a, shown), "S3CRET"));
    FUZZ_HOLDS(strcmp(postgres_shown_url(a, shown), shown) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *text = arena_str(&a, (Str){ (const char *)bytes, (ptrdiff_t)n });
    if (strstr(text, "S3CRET"))
        return 0;
    show(&a, arena_printf(&a, "postgresql://me:S3CRET%s@h/db", text));
    show(&a, arena_printf(&a, "postgresql://me:%sS3CRET@%s", text, text));
    show(&a, arena_printf(&a, "postgresql://h/db?user=me&password=S3CRET%s", text));
    show(&a, arena_printf(&a, "postgresql://%s", text));
    return 0;
}
