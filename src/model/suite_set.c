/* `--set key=value` edits the tree before anything is read from it, so that an override is checked
 * like a line of the file; its place in messages is "--set key".
 *
 * What a key means, in this order: a parameter of some benchmark; a key at the top of the suite; a
 * key of `defaults` (then no benchmark's own line stands against it); `NAME.key` of one benchmark
 * or one target; `port.NAME`. */
#include <errno.h>
#include <string.h>

#include "model/suite_read.h"

typedef struct Set {
    SuiteReader *r;
    Arena *a;
    Str key;
    Str value;
    const char *origin; /* "--set key" */
} Set;

static const YamlNode *scalar_of(const Set *s)
{
    return yaml_new_scalar(s->a, s->value, s->origin);
}

/* "1,10,100" is three values. */
static const YamlNode *values_of(const Set *s)
{
    const YamlNode **items = NULL;
    ptrdiff_t n = 0, cap = 0;
    Str rest = s->value.ptr ? s->value : STR(""), piece;
    while (str_cut(&rest, ',', &piece))
        ARENA_PUSH(s->a, items, n, cap, yaml_new_scalar(s->a, piece, s->origin));
    return yaml_new_seq(s->a, items, n, s->origin);
}

static const YamlNode *map_at(const YamlNode *parent, const char *key)
{
    const YamlNode *n = yaml_get(parent, key);
    return n && n->kind == YAML_MAP ? n : NULL;
}

static void put(const Set *s, const char *section, const YamlNode *value)
{
    s->r->root = yaml_with(s->a, s->r->root, section, value);
}

/* A parameter in one benchmark, under the name `key`. */
static bool set_param(const Set *s, const char *benchmark, Str key)
{
    const YamlNode *all = map_at(s->r->root, "benchmarks");
    const YamlNode *b = map_at(all, benchmark), *params = map_at(b, "params");
    const char *name = arena_str(s->a, key);
    if (!yaml_get(params, name))
        return false;
    params = yaml_with(s->a, params, name, values_of(s));
    put(s, "benchmarks", yaml_with(s->a, all, benchmark, yaml_with(s->a, b, "params", params)));
    return true;
}

static bool set_params(const Set *s)
{
    const YamlNode *all = map_at(s->r->root, "benchmarks");
    bool hit = false;
    for (ptrdiff_t i = 0; all && i < all->n; i++)
        hit |= set_param(s, all->pairs[i].key->text.ptr, s->key);
    return hit;
}

static bool set_top(const Set *s)
{
    const Opt *row = opt_find(suite_opts, s->key);
    if (row)
        put(s, row->name, scalar_of(s));
    return row != NULL;
}

/* The command line has the last word: lines of single benchmarks are replaced, too. */
static bool set_default(const Set *s)
{
    const Opt *row = opt_find(pace_opts, s->key);
    if (!row)
        return false;
    put(s, "defaults", yaml_with(s->a, map_at(s->r->root, "defaults"), row->name, scalar_of(s)));
    const YamlNode *all = map_at(s->r->root, "benchmarks");
    for (ptrdiff_t i = 0; all && i < all->n; i++) {
        const char *name = all->pairs[i].key->text.ptr;
        const YamlNode *now = map_at(s->r->root, "benchmarks"), *b = map_at(now, name);
        if (yaml_get(b, row->name))
            put(s, "benchmarks",
                yaml_with(s->a, now, name, yaml_with(s->a, b, row->name, scalar_of(s))));
    }
    return true;
}

static bool set_in_benchmark(const Set *s, const char *name, Str key)
{
    if (set_param(s, name, key))
        return true;
    const YamlNode *all = map_at(s->r->root, "benchmarks"), *b = map_at(all, name);
    const YamlNode *load = map_at(b, "load");
    const Opt *row = opt_find(pace_opts, key);
    row = row ? row : opt_find(benchmark_opts, key);
    row =
        row || load ? row : opt_find(yaml_get(b, "functions") ? function_opts : command_opts, key);
    const Opt *load_row = !row && load ? opt_find(load_opts, key) : NULL;
    if (row)
        b = yaml_with(s->a, b, row->name, scalar_of(s));
    else if (load_row)
        b = yaml_with(s->a, b, "load", yaml_with(s->a, load, load_row->name, scalar_of(s)));
    else
        return false;
    put(s, "benchmarks", yaml_with(s->a, all, name, b));
    return true;
}

static bool set_in_target(const Set *s, const char *name, Str key)
{
    const YamlNode *all = map_at(s->r->root, "targets"), *t = map_at(all, name);
    const Opt *row = opt_find(service_opts, key);
    for (const DriverVocab *d = s->r->vocab->drivers; d && d->name && !row; d++)
        row = d->target_opts ? opt_find(d->target_opts, key) : NULL;
    if (!row)
        return false;
    put(s, "targets", yaml_with(s->a, all, name, yaml_with(s->a, t, row->name, scalar_of(s))));
    return true;
}

/* Names may hold dots themselves: whichever section has an entry that the key begins with. */
static bool set_in(const Set *s, const char *section,
                   bool (*set)(const Set *s, const char *name, Str key))
{
    const YamlNode *all = map_at(s->r->root, section);
    for (ptrdiff_t i = 0; all && i < all->n; i++) {
        Str name = all->pairs[i].key->text;
        if (all->pairs[i].value->kind == YAML_MAP && str_starts(s->key, name) &&
            s->key.len > name.len + 1 && s->key.ptr[name.len] == '.' &&
            set(s, name.ptr, str_slice(s->key, name.len + 1, s->key.len)))
            return true;
    }
    return false;
}

static const char *nearest(const Set *s)
{
    const char *names[256];
    ptrdiff_t n = 0;
    OPT_EACH (o, suite_opts)
        names[n++] = o->name;
    OPT_EACH (o, pace_opts)
        if (o->type != OPT_HEAD && n < 64)
            names[n++] = o->name;
    const YamlNode *all = map_at(s->r->root, "benchmarks");
    for (ptrdiff_t i = 0; all && i < all->n; i++) {
        const YamlNode *params = map_at(all->pairs[i].value, "params");
        for (ptrdiff_t k = 0; params && k < params->n && n < ARRAY_LEN(names); k++)
            names[n++] = params->pairs[k].key->text.ptr;
    }
    return str_nearest(s->key, names, n);
}

static int refuse_unknown(const Set *s)
{
    YamlNode *at = yaml_new_scalar(s->a, s->key, s->origin);
    const char *near = nearest(s);
    if (near)
        return yaml_refuse(&s->r->diag, at, NULL,
                           "the suite has nothing of this name; did you mean "
                           "'%s'?",
                           near);
    return yaml_refuse(&s->r->diag, at, NULL,
                       "the suite has nothing of this name; a parameter, a key "
                       "of 'defaults', BENCHMARK.KEY, TARGET.KEY or port.NAME "
                       "can be set");
}

static int check_port(const Set *s)
{
    uint64_t port;
    Str name = str_slice(s->key, 5, s->key.len);
    if (suite_name_ok(name) && str_to_u64(s->value, &port) == 0 && port >= 1 && port <= 65535)
        return 0;
    YamlNode *at = yaml_new_scalar(s->a, s->key, s->origin);
    return yaml_refuse(&s->r->diag, at, NULL, "'%.40s' is no port (1 to 65535)", s->value.ptr);
}

static int apply(const Set *s)
{
    if (utf8_invalid_at(s->key) >= 0 || utf8_invalid_at(s->value) >= 0)
        return yaml_refuse(&s->r->diag, yaml_new_scalar(s->a, STR(""), "--set"), NULL,
                           "a key or value is not UTF-8");
    if (str_starts(s->key, STR("port.")))
        return check_port(s);
    if (set_params(s) || set_top(s) || set_default(s) ||
        set_in(s, "benchmarks", set_in_benchmark) || set_in(s, "targets", set_in_target))
        return 0;
    return refuse_unknown(s);
}

int suite_apply_sets(SuiteReader *r)
{
    int bad = 0;
    Arena *a = &r->s->arena;
    for (ptrdiff_t i = 0; i < r->flags->sets.n; i++) {
        const StrPair *p = &r->flags->sets.v[i];
        const char *key = arena_strdup(a, p->key), *value = arena_strdup(a, p->value);
        Set s = { r, a, str(key), str(value), arena_printf(a, "--set %s", key) };
        if (apply(&s) < 0)
            bad = -EINVAL;
        else
            strmap_set(a, &r->s->overrides, key, value);
    }
    return bad;
}

void suite_check_port_sets(SuiteReader *r)
{
    for (ptrdiff_t i = 0; i < r->flags->sets.n; i++) {
        const char *key = r->flags->sets.v[i].key;
        if (strncmp(key, "port.", 5) != 0 || strmap_get(&r->s->ports, key + 5))
            continue;
        Arena *a = &r->s->arena;
        YamlNode *at = yaml_new_scalar(a, str(key), arena_printf(a, "--set %s", key));
        yaml_refuse(&r->diag, at, NULL, "nothing in the suite refers to '${%s}'", key);
    }
}
