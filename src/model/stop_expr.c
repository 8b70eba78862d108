/* Conditions that end a load: expressions as expectations have them, joined by `or`. */
#include <errno.h>
#include <string.h>

#include "model/stop_expr.h"

static int check_clause(const Expect *e, Err *err)
{
    static const char *const known[] = { "error_rate", "latency", "throughput" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(e->metric, known[i]) == 0)
            return 0;
    return err_set(err, -EINVAL,
                   "'%s' is not watched while a load runs; error_rate, latency and "
                   "throughput are",
                   e->metric);
}

int stop_parse(Arena *a, const char *text, Expect *clauses, ptrdiff_t *ret_n, Err *err)
{
    Str rest = str(text);
    *ret_n = 0;
    for (bool more = true; more;) {
        ptrdiff_t at = str_find(rest, STR(" or "));
        Str one = at < 0 ? rest : str_slice(rest, 0, at);
        more = at >= 0;
        if (more)
            rest = str_slice(rest, at + 4, rest.len);
        if (*ret_n == STOP_CLAUSES_MAX)
            return err_set(err, -EINVAL, "more than %d conditions", (int)STOP_CLAUSES_MAX);
        TRY(expect_parse(a, str_trim(one), &clauses[*ret_n], err));
        TRY(check_clause(&clauses[*ret_n], err));
        ++*ret_n;
    }
    return 0;
}
