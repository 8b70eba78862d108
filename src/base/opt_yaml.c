#include "base/opt_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml_json.h"

const char *yaml_path(Arena *a, const char *path, Str key)
{
    return *path ? arena_printf(a, "%s.%.*s", path, (int)MIN(key.len, (ptrdiff_t)100), key.ptr)
                 : arena_str(a, str_slice(key, 0, 100));
}

/* Complain about a value: the message of opt_set begins with the row's name, which the path says.
 */
static int refuse_value(Arena *a, const Opt *row, const YamlNode *value, const YamlContext *c,
                        const char *msg)
{
    const char *path = yaml_path(a, c->path, str(row->name));
    ptrdiff_t name = (ptrdiff_t)strlen(row->name);
    if (strncmp(msg, row->name, (size_t)name) == 0 && msg[name] == ':')
        msg += name + 2;
    if (!value->from)
        return yaml_refuse(c->diag, value, path, "%s", msg);
    return yaml_refuse(c->diag, value, path, "%s (from '%.60s'%s%s)", msg, value->from->text.ptr,
                       c->of ? ", " : "", c->of ? c->of : "");
}

static int refuse_shape(Arena *a, const Opt *row, const YamlNode *value, const YamlContext *c,
                        const char *wanted)
{
    char found[YAML_SHOW_MAX], msg[160];
    snprintf(msg, sizeof msg, "wants %s, found %s", wanted, yaml_show(found, value));
    return refuse_value(a, row, value, c, msg);
}

static int set_scalar(Arena *a, const Opt *row, void *dst, const YamlNode *v, const YamlContext *c)
{
    if (v->kind != YAML_SCALAR)
        return refuse_shape(a, row, v, c,
                            row->type == OPT_LIST ? "texts in its list" : "one value");
    if (yaml_is_null(v))
        return refuse_value(a, row, v, c, "has no value; leave the key out, or write \"\"");
    Err err = { 0 };
    int r = opt_set(a, row, dst, v->text, &err);
    return r < 0 ? refuse_value(a, row, v, c, err.msg) : 0;
}

static int set_list(Arena *a, const Opt *row, void *dst, const YamlNode *v, const YamlContext *c)
{
    StrList *field = (StrList *)(void *)((char *)dst + row->offset), before = *field;
    *field = (StrList){ 0 };
    int r = 0;
    if (v->kind == YAML_SEQ) {
        for (ptrdiff_t i = 0; i < v->n && r == 0; i++)
            r = set_scalar(a, row, dst, v->items[i], c);
    } else if (v->kind == YAML_SCALAR) {
        r = set_scalar(a, row, dst, v, c);
    } else {
        r = refuse_shape(a, row, v, c, "a list");
    }
    if (r < 0)
        *field = before;
    return r;
}

static int set_map(Arena *a, const Opt *row, void *dst, const YamlNode *v, const YamlContext *c)
{
    if (v->kind != YAML_MAP)
        return refuse_shape(a, row, v, c, "a mapping (name: value)");
    StrMap made = { 0 };
    YAML_EACH (p, v) {
        const YamlContext inner = { c->diag, yaml_path(a, c->path, str(row->name)), c->of };
        const Opt entry = { .type = OPT_STR, .name = p->key->text.ptr };
        const char *text = NULL;
        TRY(set_scalar(a, &entry, &text, p->value, &inner));
        strmap_set(a, &made, arena_str(a, p->key->text), text);
    }
    *(StrMap *)(void *)((char *)dst + row->offset) = made;
    return 0;
}

static int set_json(Arena *a, const Opt *row, void *dst, const YamlNode *v)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    assert(row->type == OPT_STR);
    yaml_to_json(v, &b);
    *(const char **)(void *)((char *)dst + row->offset) = arena_strdup(a, strbuf_z(&b));
    return 0;
}

int opt_set_yaml(Arena *a, const Opt *row, void *dst, const YamlNode *value, const YamlContext *c)
{
    if (row->type == OPT_LIST)
        return set_list(a, row, dst, value, c);
    if (row->type == OPT_MAP)
        return set_map(a, row, dst, value, c);
    if (row->json && value->kind != YAML_SCALAR)
        return set_json(a, row, dst, value);
    return set_scalar(a, row, dst, value, c);
}

static const Opt *find_row(const OptSet *sets, Str key, void **dst)
{
    for (const OptSet *s = sets; s->rows; s++) {
        const Opt *o = opt_find(s->rows, key);
        if (o) {
            *dst = s->dst;
            return o;
        }
    }
    return NULL;
}

static bool is_other(const char *const *others, Str key)
{
    for (; others && *others; others++)
        if (str_eqz(key, *others))
            return true;
    return false;
}

static int refuse_unknown(const OptSet *sets, const char *const *others, const YamlNode *key,
                          const YamlContext *c)
{
    const char *names[256];
    ptrdiff_t n = 0;
    for (; others && *others && n < ARRAY_LEN(names); others++)
        names[n++] = *others;
    for (const OptSet *s = sets; s->rows; s++)
        OPT_EACH (o, s->rows)
            if (n < ARRAY_LEN(names) && o->type != OPT_HEAD && !o->hidden)
                names[n++] = o->name;
    const char *near = str_nearest(key->text, names, n);
    if (near)
        return yaml_refuse(c->diag, key, c->path, "unknown key '%.60s'; did you mean '%s'?",
                           key->text.ptr, near);
    CLEANUP(strbuf_done) StrBuf list = { .max = 160 };
    for (ptrdiff_t i = 0; i < n && !list.overflow; i++)
        strbuf_addf(&list, "%s%s", i ? ", " : "", names[i]);
    return yaml_refuse(c->diag, key, c->path, "unknown key '%.60s' (known: %s%s)", key->text.ptr,
                       strbuf_z(&list), list.overflow ? " …" : "");
}

/* '-' and '_' are the same in a key, which the YAML reader can't know. */
static bool is_doubled(const OptSet *sets, const YamlNode *map, const YamlPair *p)
{
    void *dst;
    const Opt *row = find_row(sets, p->key->text, &dst);
    for (const YamlPair *q = map->pairs; q < p; q++)
        if (find_row(sets, q->key->text, &dst) == row)
            return true;
    return false;
}

static int apply_pair(Arena *a, const OptSet *sets, const char *const *others, const YamlNode *map,
                      const YamlPair *p, const YamlContext *c)
{
    void *dst = NULL;
    const Opt *row = find_row(sets, p->key->text, &dst);
    if (!row)
        return is_other(others, p->key->text) ? 0 : refuse_unknown(sets, others, p->key, c);
    if (str_find_char(p->key->text, '-') >= 0 || str_find_char(p->key->text, '_') >= 0) {
        if (is_doubled(sets, map, p))
            return yaml_refuse(c->diag, p->key, c->path, "key '%s' stands twice; keep one",
                               row->name);
    }
    return opt_set_yaml(a, row, dst, p->value, c);
}

static int check_required(const OptSet *sets, const YamlNode *map, const YamlContext *c)
{
    int r = 0;
    for (const OptSet *s = sets; s->rows; s++)
        OPT_EACH (o, s->rows)
            if (o->required && !yaml_get(map, o->name))
                r = yaml_refuse(c->diag, map, c->path, "key '%s' is missing: %s", o->name,
                                o->help ? o->help : "required");
    return r;
}

int opt_apply_yaml(Arena *a, const OptSet *sets, const char *const *others, const YamlNode *map,
                   const YamlContext *c)
{
    char found[YAML_SHOW_MAX];
    if (map->kind != YAML_MAP && !yaml_is_null(map))
        return yaml_refuse(c->diag, map, c->path, "wants a mapping (key: value), found %s",
                           yaml_show(found, map));
    int r = 0;
    if (map->kind == YAML_MAP) {
        YAML_EACH (p, map) {
            if (apply_pair(a, sets, others, map, p, c) < 0)
                r = -EINVAL;
            if (yaml_diag_full(c->diag))
                return -EINVAL;
        }
    }
    int missing = check_required(sets, map, c);
    return r < 0 ? r : missing;
}
