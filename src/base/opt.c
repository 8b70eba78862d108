/* Values of option rows: defaults, parsing, lookup. The command line is in opt_args.c, help in
 * opt_help.c. */
#include "base/opt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void strlist_add(Arena *a, StrList *l, const char *s)
{
    ARENA_PUSH(a, l->v, l->n, l->cap, s);
}

void strmap_set(Arena *a, StrMap *m, const char *key, const char *value)
{
    for (ptrdiff_t i = 0; i < m->n; i++) {
        if (strcmp(m->v[i].key, key) == 0) {
            m->v[i].value = value;
            return;
        }
    }
    StrPair p = { key, value };
    ARENA_PUSH(a, m->v, m->n, m->cap, p);
}

const char *strmap_get(const StrMap *m, const char *key)
{
    for (ptrdiff_t i = 0; i < m->n; i++)
        if (strcmp(m->v[i].key, key) == 0)
            return m->v[i].value;
    return NULL;
}

static bool same_name(Str a, const char *row_name)
{
    ptrdiff_t i = 0;
    for (; i < a.len && row_name[i]; i++) {
        char x = a.ptr[i] == '-' ? '_' : a.ptr[i];
        char y = row_name[i] == '-' ? '_' : row_name[i];
        if (x != y)
            return false;
    }
    return i == a.len && row_name[i] == '\0';
}

const Opt *opt_find(const Opt *rows, Str name)
{
    OPT_EACH (o, rows) {
        if (o->type != OPT_HEAD && same_name(name, o->name))
            return o;
    }
    return NULL;
}

static int parse_bool(Str s, bool *ret, Err *err)
{
    bool yes = str_eqz(s, "true") || str_eqz(s, "yes") || str_eqz(s, "on");
    bool no = str_eqz(s, "false") || str_eqz(s, "no") || str_eqz(s, "off");
    if (!yes && !no)
        return err_set(err, -EINVAL, "'" STR_FMT "' is neither true nor false", STR_ARG(s));
    *ret = yes;
    return 0;
}

static int parse_count(Str s, double max, uint64_t *ret, Err *err)
{
    if (str_to_u64(s, ret) == 0 && (double)*ret <= max)
        return 0;
    double v;
    TRY(fmt_parse_number(s, &v, err));
    if (v != (double)(uint64_t)MIN(v, 9e18))
        return err_set(err, -EINVAL, "'" STR_FMT "' is not a whole number", STR_ARG(s));
    if (v > max)
        return err_set(err, -ERANGE, "'" STR_FMT "' is too large (at most %.0f)", STR_ARG(s), max);
    *ret = (uint64_t)v;
    return 0;
}

static int parse_choice(const Opt *o, Str s, int *ret, Err *err)
{
    ptrdiff_t n = 0;
    for (; o->choices[n]; n++) {
        if (same_name(s, o->choices[n])) {
            *ret = (int)n;
            return 0;
        }
    }
    CLEANUP(strbuf_done) StrBuf list = { .max = 512 };
    for (ptrdiff_t i = 0; i < n; i++)
        strbuf_addf(&list, "%s%s", i ? ", " : "", o->choices[i]);
    return err_set(err, -EINVAL, "'" STR_FMT "' is none of %s", STR_ARG(s), strbuf_z(&list));
}

static int parse_pair(Arena *a, Str s, StrMap *map, Err *err)
{
    ptrdiff_t eq = str_find_char(s, '=');
    if (eq <= 0)
        return err_set(err, -EINVAL, "'" STR_FMT "' is not of the form name=value", STR_ARG(s));
    strmap_set(a, map, arena_str(a, str_slice(s, 0, eq)),
               arena_str(a, str_slice(s, eq + 1, s.len)));
    return 0;
}

/* Shares are not rounded: 0.9999 is not 100 %. */
static const char *show_end(char buf[FMT_MAX], double v, OptType type)
{
    const char *unit = type == OPT_NS      ? "ns"
                       : type == OPT_BYTES ? "bytes"
                       : type == OPT_RATE  ? "1/s"
                                           : "count";
    if (type != OPT_SHARE)
        return fmt_value(buf, v, unit);
    snprintf(buf, FMT_MAX, "%.10g%%", v * 100);
    return buf;
}

static int check_range(const Opt *o, double v, Str s, Err *err)
{
    if (!(o->min < o->max) || (v >= o->min && v <= o->max))
        return 0;
    char lo[FMT_MAX], hi[FMT_MAX];
    return err_set(err, -ERANGE, "'" STR_FMT "' is outside %s … %s", STR_ARG(s),
                   show_end(lo, o->min, o->type), show_end(hi, o->max, o->type));
}

static int set_whole(const Opt *o, void *field, Str s, Err *err)
{
    uint64_t u = 0;
    if (o->type == OPT_NS)
        TRY(fmt_parse_duration(s, &u, err));
    else if (o->type == OPT_BYTES)
        TRY(fmt_parse_size(s, &u, err));
    else
        TRY(parse_count(s, o->type == OPT_U32 ? (double)UINT32_MAX : 9e18, &u, err));
    TRY(check_range(o, (double)u, s, err));
    if (o->type == OPT_U32)
        *(uint32_t *)field = (uint32_t)u;
    else
        *(uint64_t *)field = u;
    return 0;
}

static int set_real(const Opt *o, double *field, Str s, Err *err)
{
    double v = 0;
    if (o->type == OPT_RATE)
        TRY(fmt_parse_rate(s, &v, err));
    else if (o->type == OPT_SHARE)
        TRY(fmt_parse_share(s, false, &v, err));
    else
        TRY(fmt_parse_number(s, &v, err));
    TRY(check_range(o, v, s, err));
    *field = v;
    return 0;
}

static int set_field(Arena *a, const Opt *o, void *field, Str s, Err *err)
{
    switch (o->type) {
    case OPT_BOOL:
        return parse_bool(s, field, err);
    case OPT_U32:
    case OPT_U64:
    case OPT_NS:
    case OPT_BYTES:
        return set_whole(o, field, s, err);
    case OPT_F64:
    case OPT_RATE:
    case OPT_SHARE:
        return set_real(o, field, s, err);
    case OPT_STR:
        *(const char **)field = arena_str(a, s);
        return 0;
    case OPT_LIST:
        strlist_add(a, field, arena_str(a, s));
        return 0;
    case OPT_MAP:
        return parse_pair(a, s, field, err);
    case OPT_ENUM:
        return parse_choice(o, s, field, err);
    case OPT_END:
    case OPT_HEAD:
        break;
    }
    assert(!"an option row without a value");
    return -EINVAL;
}

int opt_set(Arena *a, const Opt *row, void *dst, Str value, Err *err)
{
    if (str_find_char(value, '\0') >= 0)
        return err_set(err, -EINVAL, "%s: value holds a NUL byte", row->name);
    int r = set_field(a, row, (char *)dst + row->offset, value, err);
    return r < 0 ? err_wrap(err, "%s", row->name) : 0;
}

void opt_defaults(Arena *a, const Opt *rows, void *dst)
{
    OPT_EACH (o, rows) {
        if (!o->dflt)
            continue;
        Err err = { 0 };
        int r = opt_set(a, o, dst, str(o->dflt), &err);
        assert(r == 0);
        (void)r;
    }
}
