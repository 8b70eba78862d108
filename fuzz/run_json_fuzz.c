/* assay.run/1 from outside: whatever is read is written as a document that reads back to the same
 * document. */
#include "fuzz.h"
#include "model/run_json.h"

static void print(const Run *r, StrBuf *out)
{
    CLEANUP(json_free) json_t *j = run_to_json(r);
    FUZZ_HOLDS(json_print(j, out, NULL) == 0);
}

/* Long series are thinned when written: only then two documents differ. */
static bool has_long_series(const Run *r)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t t = 0; t < r->cases[i]->n_trials; t++)
            for (ptrdiff_t s = 0; s < r->cases[i]->trials[t]->series.n; s++)
                if (r->cases[i]->trials[t]->series.v[s].n > 600)
                    return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    CLEANUP(json_free) json_t *j = NULL, *again = NULL;
    CLEANUP(run_freep) Run *r = NULL, *back = NULL;
    CLEANUP(strbuf_done) StrBuf first = { 0 }, second = { 0 };
    Err err = { 0 };
    if (json_parse((Str){ (const char *)bytes, (ptrdiff_t)n }, "fuzz", &j, &err) < 0 ||
        run_from_json(j, "fuzz", &r, &err) < 0)
        return 0;
    print(r, &first);
    FUZZ_HOLDS(json_parse(strbuf_str(&first), "again", &again, &err) == 0);
    FUZZ_HOLDS(run_from_json(again, "again", &back, &err) == 0);
    print(back, &second);
    FUZZ_HOLDS(has_long_series(r) || str_eq(strbuf_str(&first), strbuf_str(&second)));
    return 0;
}
