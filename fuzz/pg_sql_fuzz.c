/* The text of a query: what compiles is cut into statements whose pieces stand around their values,
 * and none of them is empty. */
#include "drivers/postgresql/pg_sql.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Str in = { (const char *)bytes, (ptrdiff_t)n };
    CLEANUP(arena_done) Arena a = { 0 };
    SqlScript s = { 0 };
    Err err;
    if (sql_compile(&a, in, (TemplateEnv){ 0 }, &s, &err) < 0)
        return 0;
    for (ptrdiff_t i = 0; i < s.n; i++) {
        const SqlStatement *st = &s.v[i];
        ptrdiff_t pieces = 0;
        FUZZ_HOLDS(st->text[0] && st->name && st->n_values <= SQL_PARAMS_MAX);
        for (ptrdiff_t k = 0; k <= st->n_values; k++)
            pieces += st->pieces[k].len;
        FUZZ_HOLDS(pieces <= in.len);
        for (ptrdiff_t k = 0; k < st->n_values; k++)
            FUZZ_HOLDS(template_max(st->values[k]) >= 0);
    }
    return 0;
}
