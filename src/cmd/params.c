#include "cmd/params.h"

#include <errno.h>
#include <math.h>

int params_collect(Arena *a, const StrList *given, StrMap *ret, Err *err)
{
    for (ptrdiff_t i = 0; i < given->n; i++) {
        Str rest = str(given->v[i]), key;
        str_cut(&rest, '=', &key);
        if (!rest.ptr || key.len == 0)
            return err_set(err, -EINVAL, "--param: '%s' is not of the form name=value",
                           given->v[i]);
        const char *name = arena_str(a, key);
        if (strmap_get(ret, name))
            return err_set(err, -EINVAL, "--param %s: given twice; write %s=a,b", name, name);
        strmap_set(a, ret, name, arena_str(a, rest));
    }
    return 0;
}

bool params_mentioned(const char *text, const char *name)
{
    CLEANUP(strbuf_done) StrBuf ref = { 0 };
    strbuf_addf(&ref, "{%s}", name);
    return text && str_find(str(text), strbuf_str(&ref)) >= 0;
}

static int scan_values(Arena *a, Str name, Str from_text, Str rest, StrList *out, Err *err)
{
    double from, to, step = 1;
    Str to_text;
    str_cut(&rest, ':', &to_text);
    bool bad = str_to_f64(from_text, &from) < 0 || str_to_f64(to_text, &to) < 0 ||
               (rest.ptr && str_to_f64(rest, &step) < 0);
    if (bad)
        return err_set(err, -EINVAL,
                       "--param " STR_FMT ": a scan is FROM..TO or FROM..TO:STEP in numbers",
                       STR_ARG(name));
    if (step <= 0 || to < from || (to - from) / step > PARAM_GRID_MAX)
        return err_set(err, -EINVAL,
                       "--param " STR_FMT ": the scan is empty or has more than %d values",
                       STR_ARG(name), PARAM_GRID_MAX);
    ptrdiff_t n = (ptrdiff_t)floor((to - from) / step + 1e-9);
    for (ptrdiff_t i = 0; i <= n; i++) {
        char buf[FMT_MAX];
        double v = from + (double)i * step;
        strlist_add(a, out, arena_strdup(a, fmt_f64_exact(buf, round(v * 1e9) / 1e9)));
    }
    return 0;
}

static int values_of(Arena *a, const StrPair *p, StrList *out, Err *err)
{
    Str text = str(p->value), piece;
    ptrdiff_t dots = str_find(text, STR(".."));
    if (dots > 0)
        return scan_values(a, str(p->key), str_slice(text, 0, dots),
                           str_slice(text, dots + 2, text.len), out, err);
    while (str_cut(&text, ',', &piece))
        strlist_add(a, out, arena_str(a, piece));
    if (out->n == 1 && out->v[0][0] == '\0')
        return err_set(err, -EINVAL, "--param %s has no values", p->key);
    return 0;
}

/* Every combination so far, once for each value of one more parameter. */
static int widen(Arena *a, ParamGrid *grid, const char *key, const StrList *values, Err *err)
{
    if (grid->n * values->n > PARAM_GRID_MAX)
        return err_set(err, -EINVAL, "the parameters make more than %d combinations",
                       PARAM_GRID_MAX);
    StrMap *wide = ARENA_ARRAY(a, StrMap, grid->n * values->n);
    ptrdiff_t n = 0;
    for (ptrdiff_t g = 0; g < grid->n; g++) {
        for (ptrdiff_t i = 0; i < values->n; i++, n++) {
            for (ptrdiff_t k = 0; k < grid->v[g].n; k++)
                strmap_set(a, &wide[n], grid->v[g].v[k].key, grid->v[g].v[k].value);
            strmap_set(a, &wide[n], key, values->v[i]);
        }
    }
    *grid = (ParamGrid){ wide, n };
    return 0;
}

int params_grid(Arena *a, const StrMap *params, ParamGrid *ret, Err *err)
{
    *ret = (ParamGrid){ ARENA_NEW(a, StrMap), 1 };
    for (ptrdiff_t i = 0; i < params->n; i++) {
        StrList values = { 0 };
        TRY(values_of(a, &params->v[i], &values, err));
        TRY(widen(a, ret, params->v[i].key, &values, err));
    }
    return 0;
}

/* Length of "{NAME}" or "${NAME}" at the head of s when NAME is known, with its value; else 0. */
static ptrdiff_t reference_at(Str s, const StrMap *params, const char **value)
{
    ptrdiff_t open = s.ptr[0] == '$' ? 1 : 0;
    if (open >= s.len || s.ptr[open] != '{')
        return 0;
    ptrdiff_t close = str_find_char(s, '}');
    for (ptrdiff_t i = 0; close > 0 && i < params->n; i++) {
        if (!str_eqz(str_slice(s, open + 1, close), params->v[i].key))
            continue;
        *value = params->v[i].value;
        return close + 1;
    }
    return 0;
}

const char *params_fill(Arena *a, const char *text, const StrMap *params)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    Str s = str(text);
    while (s.len) {
        const char *value = NULL;
        ptrdiff_t n = reference_at(s, params, &value);
        if (n)
            strbuf_addz(&out, value);
        else
            strbuf_addc(&out, s.ptr[0]);
        s = str_slice(s, MAX(n, (ptrdiff_t)1), s.len);
    }
    return arena_strdup(a, strbuf_z(&out));
}

const char *params_label(Arena *a, const char *label, const StrMap *params)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    strbuf_addz(&out, label);
    for (ptrdiff_t i = 0; i < params->n; i++)
        strbuf_addf(&out, "%c%s=%s", i ? ',' : '/', params->v[i].key, params->v[i].value);
    return arena_strdup(a, strbuf_z(&out));
}
