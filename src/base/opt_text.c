/* Values back as the text a user would have written. */
#include <string.h>

#include "base/opt.h"

static const char *number_text(Arena *a, const Opt *o, const void *field)
{
    char buf[FMT_MAX];
    if (o->type == OPT_U32)
        return arena_printf(a, "%u", *(const uint32_t *)field);
    if (o->type == OPT_U64)
        return arena_printf(a, "%llu", (unsigned long long)*(const uint64_t *)field);
    if (o->type == OPT_NS)
        return arena_strdup(a, fmt_duration_exact(buf, *(const uint64_t *)field));
    if (o->type == OPT_BYTES)
        return arena_strdup(a, fmt_size_exact(buf, *(const uint64_t *)field));
    if (o->type == OPT_RATE)
        return arena_strdup(a, fmt_rate_exact(buf, *(const double *)field));
    if (o->type == OPT_SHARE)
        return arena_strdup(a, fmt_share_exact(buf, *(const double *)field));
    return arena_strdup(a, fmt_f64_exact(buf, *(const double *)field));
}

static const char *list_text(Arena *a, const StrList *l)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    for (ptrdiff_t i = 0; i < l->n; i++)
        strbuf_addf(&b, "%s%s", i ? "," : "", l->v[i]);
    return l->n ? arena_strdup(a, strbuf_z(&b)) : NULL;
}

static const char *map_text(Arena *a, const StrMap *m)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    for (ptrdiff_t i = 0; i < m->n; i++)
        strbuf_addf(&b, "%s%s=%s", i ? "," : "", m->v[i].key, m->v[i].value);
    return m->n ? arena_strdup(a, strbuf_z(&b)) : NULL;
}

const char *opt_text(Arena *a, const Opt *o, const void *src)
{
    const void *field = (const char *)src + o->offset;
    switch (o->type) {
    case OPT_BOOL:
        return *(const bool *)field ? "true" : "false";
    case OPT_U32:
    case OPT_U64:
    case OPT_F64:
    case OPT_NS:
    case OPT_BYTES:
    case OPT_RATE:
    case OPT_SHARE:
        return number_text(a, o, field);
    case OPT_STR:
        return *(const char *const *)field;
    case OPT_LIST:
        return list_text(a, field);
    case OPT_MAP:
        return map_text(a, field);
    case OPT_ENUM:
        return o->choices[*(const int *)field];
    case OPT_END:
    case OPT_HEAD:
        break;
    }
    return NULL;
}

bool opt_is_default(Arena *a, const Opt *rows, const Opt *o, const void *src, ptrdiff_t size)
{
    void *fresh = arena_alloc(a, size);
    opt_defaults(a, rows, fresh);
    const char *now = opt_text(a, o, src), *dflt = opt_text(a, o, fresh);
    return now && dflt ? strcmp(now, dflt) == 0 : now == dflt;
}
