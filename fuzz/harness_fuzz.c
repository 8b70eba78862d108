/* Other harnesses' results: the first byte picks the format (or lets it be found), the rest is the
 * text. Whatever is read is a sound run that prints and reads back. */
#include <errno.h>
#include <math.h>

#include "fuzz.h"
#include "harness/harness.h"
#include "model/run_json.h"

static void check_run(Run *r)
{
    CLEANUP(json_free) json_t *j = run_to_json(r);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    FUZZ_HOLDS(r->id[0] && r->n_cases > 0 && r->started_wall_ns > 0);
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; k < r->cases[i]->n_trials; k++) {
            const Trial *t = r->cases[i]->trials[k];
            FUZZ_HOLDS(!t->has_outcomes || outcomes_conserved(&t->outcomes));
            for (ptrdiff_t m = 0; m < t->n_metrics; m++)
                FUZZ_HOLDS(isfinite(t->metrics[m].value) || t->metrics[m].hist);
        }
    FUZZ_HOLDS(j && json_print(j, &b, NULL) == 0);
}

static int check_each(Run *r, void *user, Err *err)
{
    int *left = user;
    check_run(r);
    return --*left > 0 ? 0 : err_set(err, -ECANCELED, "enough");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    enum { HISTORY_MAX = 8 };
    HarnessInput in;
    Err err = { 0 };
    Run *r = NULL;
    int n_formats = 0, left = HISTORY_MAX;
    while (harness_formats[n_formats])
        n_formats++;
    if (n == 0)
        return 0;
    int pick = bytes[0] == '?' ? n_formats : bytes[0] % (n_formats + 1);
    const HarnessFormat *f = harness_formats[pick]; /* NULL at the end: found by content */
    Str text = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    if (harness_open_text(&in, text, "fuzz", &err) == 0) {
        int got = harness_read(&in, f, &r, &err);
        FUZZ_HOLDS((got == 0) == (r != NULL) && (got == 0 || (got < 0 && err.msg[0])));
        if (r)
            check_run(r);
        f = f ? f : harness_recognise(&in);
        if (f && f->count)
            (void)!harness_read_history(&in, f, check_each, &left, &err);
    } else {
        FUZZ_HOLDS(err.code < 0);
    }
    run_free(r);
    harness_close(&in);
    return 0;
}
