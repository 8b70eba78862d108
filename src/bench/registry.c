/* From registrations to cases. Registrations come from constructors, in an order that may put a
 * benchmark's arguments before the benchmark itself; so they are only kept, and joined at the first
 * question. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

/* The one state of a benchmark program: filled before main, then only read. */
static AssayReg_ *first, **last = &first;
static AssayCase *all;
static int n_all;
static char wrong[ASSAY_WHY_MAX * 2];

void assay_register_(AssayReg_ *reg, AssayFunction *function, const char *file, int line,
                     AssayRegKind_ kind, const char *name, const char *type, const int64_t *values,
                     uint64_t n, const char *const *words, AssaySetUp *set_up,
                     AssayTearDown *tear_down, AssayLaw *law)
{
    *reg = (AssayReg_){ NULL,   function, file,  line,   kind,      name, type,
                        values, n,        words, set_up, tear_down, law };
    *last = reg;
    last = &reg->next;
}

static bool refuse(const AssayReg_ *r, const char *what)
{
    if (!wrong[0])
        snprintf(wrong, sizeof wrong, "%s:%d: %s", r->file, r->line, what);
    return false;
}

static bool name_ok(const char *s)
{
    static const char more[] = "0123456789_-.";
    if (!s || !*s)
        return false;
    for (; *s; s++)
        if (!((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z') && !strchr(more, *s))
            return false;
    return true;
}

/* ---- the values of one argument ---- */

typedef struct Axis {
    const char *name;
    AssayArg *values; /* [n] owned */
    int n;
    bool threads;
} Axis;

static bool axis_add(Axis *a, const AssayReg_ *r, int64_t value, const char *word)
{
    if (a->n == ASSAY_CASES_MAX)
        return refuse(r, "too many values");
    AssayArg *v = realloc(a->values, sizeof *v * (size_t)(a->n + 1));
    if (!v)
        return refuse(r, "no memory");
    a->values = v;
    a->values[a->n++] = (AssayArg){ a->name, value, word };
    return true;
}

static bool axis_range(Axis *a, const AssayReg_ *r)
{
    int64_t low = r->values[0], high = r->values[1], factor = r->values[2];
    if (low < 1 || high < low || factor < 2)
        return refuse(r, "a range wants 1 <= low <= high and a factor of 2 or more");
    for (int64_t v = low; v < high; v *= factor) {
        if (!axis_add(a, r, v, NULL))
            return false;
        if (v > high / factor)
            break;
    }
    return axis_add(a, r, high, NULL);
}

static bool axis_fill(Axis *a, const AssayReg_ *r)
{
    a->name = r->name;
    a->threads = r->kind == ASSAY_REG_THREADS_;
    if (!name_ok(r->name))
        return refuse(r, "an argument's name may have letters, digits, '_', '-', '.'");
    if (r->kind == ASSAY_REG_RANGE_)
        return axis_range(a, r);
    for (uint64_t i = 0; i < r->n; i++) {
        if (r->words && !name_ok(r->words[i]))
            return refuse(r, "a choice may have letters, digits, '_', '-', '.'");
        if (a->threads && (r->values[i] < 1 || r->values[i] > ASSAY_THREADS_MAX))
            return refuse(r, "threads are 1 to 256");
        if (!axis_add(a, r, r->words ? (int64_t)i : r->values[i], r->words ? r->words[i] : NULL))
            return false;
    }
    return true;
}

/* ---- one benchmark ---- */

typedef struct Maker {
    const AssayReg_ *bench;
    Axis axes[ASSAY_ARGS_MAX];
    int n_axes;
    AssayCase like; /* what all its cases share */
} Maker;

static bool take(Maker *m, const AssayReg_ *r)
{
    switch (r->kind) {
    case ASSAY_REG_BENCH_:
        return true;
    case ASSAY_REG_FIXTURE_:
        m->like.set_up = r->set_up;
        m->like.tear_down = r->tear_down;
        return true;
    case ASSAY_REG_COMPLEXITY_:
        m->like.complexity = true;
        m->like.law_text = r->name;
        m->like.law = r->law;
        return true;
    case ASSAY_REG_ARGS_:
    case ASSAY_REG_RANGE_:
    case ASSAY_REG_CHOICES_:
    case ASSAY_REG_THREADS_:
        break;
    }
    for (int i = 0; i < m->n_axes; i++)
        if (strcmp(m->axes[i].name, r->name) == 0)
            return refuse(r, "this argument is registered twice");
    if (m->n_axes == ASSAY_ARGS_MAX)
        return refuse(r, "a benchmark has 8 arguments at most");
    return axis_fill(&m->axes[m->n_axes++], r);
}

static bool gather(Maker *m)
{
    if (!name_ok(m->bench->name))
        return refuse(m->bench, "a benchmark's name may have letters, digits, '_', '-', '.'");
    if (m->bench->type) {
        Axis *a = &m->axes[m->n_axes++];
        a->name = "type";
        if (!axis_add(a, m->bench, 0, m->bench->type))
            return false;
    }
    for (const AssayReg_ *r = first; r; r = r->next)
        if (r->function == m->bench->function && !take(m, r))
            return false;
    return true;
}

static bool write_name(AssayCase *c, const AssayReg_ *r)
{
    int n = snprintf(c->name, sizeof c->name, "%s", c->bench);
    for (int i = 0; i < c->n_args && n < ASSAY_NAME_MAX; i++) {
        const AssayArg *a = &c->args[i];
        n += snprintf(c->name + n, (size_t)(ASSAY_NAME_MAX - n), "%c%s=", i ? ',' : '/', a->name);
        if (n >= ASSAY_NAME_MAX)
            break;
        n += a->word
                 ? snprintf(c->name + n, (size_t)(ASSAY_NAME_MAX - n), "%s", a->word)
                 : snprintf(c->name + n, (size_t)(ASSAY_NAME_MAX - n), "%lld", (long long)a->value);
    }
    return n < ASSAY_NAME_MAX || refuse(r, "the case's name gets longer than 255 bytes");
}

/* Case number i of the product; the last argument varies fastest. */
static bool make_case(const Maker *m, int i, AssayCase *c)
{
    *c = m->like;
    c->bench = m->bench->name;
    c->function = m->bench->function;
    c->threads = 1;
    c->n_args = m->n_axes;
    for (int k = m->n_axes - 1; k >= 0; k--) {
        const Axis *a = &m->axes[k];
        c->args[k] = a->values[i % a->n];
        i /= a->n;
        if (a->threads)
            c->threads = (int)c->args[k].value;
    }
    return write_name(c, m->bench);
}

static bool make_cases(const Maker *m)
{
    int n = 1;
    for (int k = 0; k < m->n_axes; k++) {
        if (m->axes[k].n == 0)
            return refuse(m->bench, "an argument without values");
        n *= m->axes[k].n;
        if (n > ASSAY_CASES_MAX)
            return refuse(m->bench, "more than 4096 cases");
    }
    AssayCase *more =
        n_all + n <= ASSAY_CASES_MAX ? realloc(all, sizeof *all * (size_t)(n_all + n)) : NULL;
    if (!more)
        return refuse(m->bench, "more than 4096 cases, or no memory for them");
    all = more;
    for (int i = 0; i < n; i++)
        if (!make_case(m, i, &all[n_all++]))
            return false;
    return true;
}

static bool add_bench(const AssayReg_ *r)
{
    Maker m = { .bench = r };
    bool ok = gather(&m) && make_cases(&m);
    for (int i = 0; i < m.n_axes; i++)
        free(m.axes[i].values);
    return ok;
}

/* Two of one name would be one series in a store. */
static bool check_names(void)
{
    for (int i = 0; i < n_all; i++)
        for (int k = 0; k < i; k++)
            if (strcmp(all[i].name, all[k].name) == 0) {
                snprintf(wrong, sizeof wrong, "two benchmarks are called '%.200s'", all[i].name);
                return false;
            }
    return true;
}

const AssayCase *assay_cases(int *ret_n, const char **ret_why)
{
    if (!all && !wrong[0]) {
        bool ok = true;
        for (const AssayReg_ *r = first; r && ok; r = r->next)
            if (r->kind == ASSAY_REG_BENCH_)
                ok = add_bench(r);
        if (!ok || !check_names())
            n_all = 0;
    }
    *ret_n = n_all;
    *ret_why = wrong[0] ? wrong : NULL;
    return all;
}
