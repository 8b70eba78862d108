/* `params`: lists and scans of values, and their product. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/suite_read.h"

static int check_scalar(SuiteReader *r, const YamlNode *n, const char *path)
{
    char found[YAML_SHOW_MAX];
    if (n->kind == YAML_SCALAR && !yaml_is_null(n))
        return 0;
    return yaml_refuse(&r->diag, n, path, "a value must be one text or number, found %s",
                       yaml_show(found, n));
}

static int read_list(SuiteReader *r, const YamlNode *list, const char *path, Param *p)
{
    if (list->n == 0)
        return yaml_refuse(&r->diag, list, path, "an empty matrix: give at least one value");
    if (list->n > PARAM_VALUES_MAX)
        return yaml_refuse(&r->diag, list, path, "%td values; at most 10000", list->n);
    for (ptrdiff_t i = 0; i < list->n; i++)
        TRY(check_scalar(r, list->items[i], path));
    p->values = list->items;
    p->n = list->n;
    return 0;
}

/* ---------------------------------------------------------------------------------- scans */

typedef struct Bound {
    double v;
    Str unit;
} Bound;

typedef struct Scan {
    SuiteReader *r;
    const YamlNode *map;
    const char *path;
    Bound from, to;
} Scan;

static int read_bound(const Scan *s, const char *key, Bound *ret)
{
    const YamlNode *n = yaml_get(s->map, key);
    if (!n)
        return yaml_refuse(&s->r->diag, s->map, s->path,
                           "a scan wants 'from', 'to', and 'step' or "
                           "'times'; '%s' is missing",
                           key);
    TRY(check_scalar(s->r, n, s->path));
    ptrdiff_t i = 0;
    while (i < n->text.len && strchr("0123456789.+-", n->text.ptr[i]))
        i++;
    ret->unit = str_slice(n->text, i, n->text.len);
    char found[YAML_SHOW_MAX];
    if (str_to_f64(str_slice(n->text, 0, i), &ret->v) < 0)
        return yaml_refuse(&s->r->diag, n, s->path,
                           "'%s' wants a number, maybe with a unit, found %s", key,
                           yaml_show(found, n));
    return 0;
}

static int check_bounds(const Scan *s)
{
    if (!str_eq(s->from.unit, s->to.unit))
        return yaml_refuse(&s->r->diag, yaml_get(s->map, "to"), s->path,
                           "'from' and 'to' must be in the same unit");
    if (s->to.v < s->from.v)
        return yaml_refuse(&s->r->diag, yaml_get(s->map, "to"), s->path,
                           "'to' is less than 'from'");
    return 0;
}

/* The growth per value, and whether it is a factor. */
static int read_growth(const Scan *s, Bound *ret, bool *is_factor)
{
    bool step = yaml_get(s->map, "step"), times = yaml_get(s->map, "times");
    if (step == times)
        return yaml_refuse(&s->r->diag, s->map, s->path,
                           "a scan grows either by 'step' or by 'times'%s",
                           step ? "; keep one" : "");
    TRY(read_bound(s, step ? "step" : "times", ret));
    const YamlNode *at = yaml_get(s->map, step ? "step" : "times");
    if (step && (ret->v <= 0 || (ret->unit.len && !str_eq(ret->unit, s->from.unit))))
        return yaml_refuse(&s->r->diag, at, s->path,
                           "'step' must be more than 0, in the unit of "
                           "'from'");
    if (times && (ret->v <= 1 || ret->unit.len || s->from.v <= 0))
        return yaml_refuse(&s->r->diag, at, s->path,
                           "'times' must be a plain number more than 1, and 'from' more than 0");
    *is_factor = times;
    return 0;
}

static double scan_value(const Scan *s, double growth, bool is_factor, ptrdiff_t i)
{
    return is_factor ? s->from.v * pow(growth, (double)i) : s->from.v + growth * (double)i;
}

static int read_scan(Scan *s, Param *p)
{
    static const char *const keys[] = { "from", "to", "step", "times", NULL };
    const OptSet none[] = { { 0 } };
    const YamlContext c = { &s->r->diag, s->path, NULL };
    Bound growth;
    bool is_factor = false;
    TRY(opt_apply_yaml(&s->r->s->arena, none, keys, s->map, &c));
    TRY(read_bound(s, "from", &s->from));
    TRY(read_bound(s, "to", &s->to));
    TRY(check_bounds(s));
    TRY(read_growth(s, &growth, &is_factor));
    Arena *a = &s->r->s->arena;
    ptrdiff_t cap = 0;
    double last = s->to.v + 1e-9 * fabs(s->to.v); /* 0.1 + 0.1 + 0.1 reaches 0.3 */
    for (ptrdiff_t i = 0; scan_value(s, growth.v, is_factor, i) <= last; i++) {
        if (i == PARAM_VALUES_MAX)
            return yaml_refuse(&s->r->diag, s->map, s->path, "a scan of more than 10000 values");
        const char *text = arena_printf(a, "%.12g%.*s", scan_value(s, growth.v, is_factor, i),
                                        STR_ARG(s->from.unit));
        YamlNode *n = yaml_new_scalar(a, str(text), s->map->origin);
        n->line = s->map->line;
        n->column = s->map->column;
        ARENA_PUSH(a, p->values, p->n, cap, n);
    }
    return 0;
}

/* -------------------------------------------------------------------------------- product */

static int read_values(SuiteReader *r, const YamlNode *n, const char *path, Param *p)
{
    if (n->kind == YAML_SEQ)
        return read_list(r, n, path, p);
    if (n->kind == YAML_MAP) {
        Scan s = { .r = r, .map = n, .path = path };
        return read_scan(&s, p);
    }
    TRY(check_scalar(r, n, path));
    p->values = ARENA_NEW(&r->s->arena, const YamlNode *);
    p->values[0] = n;
    p->n = 1;
    return 0;
}

int params_read(SuiteReader *r, const YamlNode *map, const char *path, Params *ret)
{
    *ret = (Params){ .n_cases = 1 };
    if (!map)
        return 0;
    TRY(suite_want_map(r, map, path));
    if (map->n > PARAMS_MAX)
        return yaml_refuse(&r->diag, map, path, "%td parameters; at most 32", map->n);
    int bad = 0;
    YAML_EACH (pair, map) {
        Param *p = &ret->v[ret->n++];
        p->name = arena_str(&r->s->arena, pair->key->text);
        p->key = pair->key;
        const char *where = yaml_path(&r->s->arena, path, pair->key->text);
        if (!suite_name_ok(pair->key->text) || str_find_char(pair->key->text, '.') >= 0)
            bad = yaml_refuse(&r->diag, pair->key, path,
                              "'%.60s' is no name for a parameter: letters, digits, '_' and '-'",
                              p->name);
        else if (read_values(r, pair->value, where, p) < 0)
            bad = -EINVAL;
        if (__builtin_mul_overflow(ret->n_cases, (uint64_t)MAX(p->n, (ptrdiff_t)1), &ret->n_cases))
            ret->n_cases = UINT64_MAX;
    }
    return bad;
}

void params_choose(Params *p, uint64_t i)
{
    for (ptrdiff_t k = p->n; k-- > 0;) {
        p->v[k].at = (ptrdiff_t)(i % (uint64_t)p->v[k].n);
        i /= (uint64_t)p->v[k].n;
    }
}

const char *params_case_name(Arena *a, const char *benchmark, const Params *p)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    strbuf_addz(&b, benchmark);
    for (ptrdiff_t k = 0; k < p->n; k++)
        strbuf_addf(&b, "%c%s=" STR_FMT, k ? ',' : '/', p->v[k].name, STR_ARG(p->v[k].text));
    return arena_str(a, strbuf_str(&b));
}
