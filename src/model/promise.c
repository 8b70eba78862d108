#include "model/promise.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* "p99<50ms" means latency.p99 < 50ms. */
static bool is_bare_stat(Str clause)
{
    ptrdiff_t n = 0;
    while (n < clause.len && !strchr("<>= ", clause.ptr[n]))
        n++;
    Err err;
    return expect_check_stat(str_slice(clause, 0, n), &err) == 0;
}

int promise_parse(Arena *a, const char *text, Promise *ret, Err *err)
{
    Str rest = str(text), one;
    Promise p = { 0 };
    while (str_cut(&rest, ',', &one)) {
        one = str_trim(one);
        if (p.n == PROMISES_MAX)
            return err_set(err, -EINVAL, "more than %d promises", (int)PROMISES_MAX);
        if (is_bare_stat(one))
            one = str(arena_printf(a, "latency." STR_FMT, STR_ARG(one)));
        TRY(expect_parse(a, one, &p.clauses[p.n], err));
        TRY(expect_check(&p.clauses[p.n], KIND_LOAD, err));
        p.n++;
    }
    if (p.n == 0)
        return err_set(err, -EINVAL, "no promise in '%s'; one reads p99<50ms", text);
    *ret = p;
    return 0;
}

const char *promise_broken(const Promise *p, Arena *a, const CaseResult *c)
{
    for (ptrdiff_t i = 0; i < p->n; i++) {
        const Expect *e = &p->clauses[i];
        const MetricSummary *m = case_find_metric(c, e->metric);
        double v = m ? summary_stat(m, e->stat) : (double)NAN;
        char text[FMT_MAX];
        if (!expect_holds(e, v))
            return arena_printf(a, "%s%s%s is %s", e->metric, e->stat ? "." : "",
                                e->stat ? e->stat : "", fmt_value(text, v, m ? m->unit : ""));
    }
    return NULL;
}

double promise_latency_limit(const Promise *p)
{
    for (ptrdiff_t i = 0; i < p->n; i++)
        if (strcmp(p->clauses[i].metric, "latency") == 0 && p->clauses[i].op <= EXPECT_LE)
            return p->clauses[i].limit;
    return (double)NAN;
}
