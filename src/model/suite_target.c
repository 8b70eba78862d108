/* `targets`: which driver, its options, and the server behind it.
 *
 * A server is started once for all cases, so that parameters may stand in the driver's keys only;
 * those are read again for every case that needs it. */
#include <errno.h>
#include <string.h>

#include "model/suite_read.h"

static const DriverVocab *driver_named(const SuiteVocab *v, Str name)
{
    for (const DriverVocab *d = v->drivers; d && d->name; d++)
        if (str_eqz(name, d->name))
            return d;
    return NULL;
}

static bool has_scheme(const DriverVocab *d, Str scheme)
{
    Str rest = str(d->schemes), word;
    while (str_cut(&rest, ' ', &word))
        if (word.len && str_eq(word, scheme))
            return true;
    return false;
}

static const DriverVocab *driver_for_url(const SuiteVocab *v, Str url)
{
    ptrdiff_t end = str_find(url, STR("://"));
    for (const DriverVocab *d = v->drivers; end > 0 && d && d->name; d++)
        if (has_scheme(d, str_slice(url, 0, end)))
            return d;
    return NULL;
}

static int refuse_driver(SuiteReader *r, const YamlNode *n, const char *path)
{
    const char *names[64];
    ptrdiff_t count = 0;
    CLEANUP(strbuf_done) StrBuf list = { .max = 200 };
    for (const DriverVocab *d = r->vocab->drivers; d && d->name && count < 64; d++) {
        names[count++] = d->name;
        strbuf_addf(&list, "%s%s", count > 1 ? ", " : "", d->name);
    }
    const char *near = str_nearest(n->text, names, count);
    if (near)
        return yaml_refuse(&r->diag, n, path, "no driver '%.40s'; did you mean '%s'?", n->text.ptr,
                           near);
    return yaml_refuse(&r->diag, n, path, "no driver '%.40s' in this build (there are: %s)",
                       n->text.ptr, strbuf_z(&list));
}

/* NULL in *ret: no driver was asked for. */
static int find_driver(SuiteReader *r, const YamlNode *map, const char *path,
                       const DriverVocab **ret)
{
    Arena *a = &r->s->arena;
    const YamlNode *name = yaml_get(map, "driver"), *url = yaml_get(map, "url");
    char found[YAML_SHOW_MAX];
    *ret = NULL;
    /* `driver: null` is meant as a name where there is a driver called so. */
    bool is_name = name && name->kind == YAML_SCALAR &&
                   (!yaml_is_null(name) || driver_named(r->vocab, name->text));
    if (name && !is_name)
        return yaml_refuse(&r->diag, name, yaml_path(a, path, STR("driver")),
                           "wants a driver's name, found %s", yaml_show(found, name));
    if (name) {
        *ret = driver_named(r->vocab, name->text);
        return *ret ? 0 : refuse_driver(r, name, yaml_path(a, path, STR("driver")));
    }
    if (!url)
        return 0;
    *ret = url->kind == YAML_SCALAR ? driver_for_url(r->vocab, url->text) : NULL;
    if (*ret)
        return 0;
    return yaml_refuse(&r->diag, url, yaml_path(a, path, STR("url")),
                       "no driver goes by %s; write a URL such as http://127.0.0.1:8080/, or name "
                       "the 'driver'",
                       yaml_show(found, url));
}

static const char *const *names_of(Arena *a, const Opt *rows)
{
    ptrdiff_t n = 0;
    if (rows)
        OPT_EACH (o, rows)
            n++;
    const char **names = ARENA_ARRAY(a, const char *, n + 2);
    n = 0;
    names[n++] = "driver";
    if (rows)
        OPT_EACH (o, rows)
            if (o->type != OPT_HEAD)
                names[n++] = o->name;
    return names;
}

static int check_service(SuiteReader *r, SuiteTarget *t, const YamlNode *map, const char *path)
{
    int kinds = (t->service.start != NULL) + (t->service.pid != 0) + (t->service.pidfile != NULL);
    t->has_service = kinds == 1;
    if (kinds > 1)
        return yaml_refuse(&r->diag, map, path,
                           "'start', 'pid' and 'pidfile' exclude each other; keep one");
    if (kinds == 0)
        YAML_EACH (p, map)
            if (opt_find(service_opts, p->key->text))
                return yaml_refuse(&r->diag, p->key, path,
                                   "'%.40s' needs a server: give 'start', 'pid' or 'pidfile', too",
                                   p->key->text.ptr);
    if (!t->has_service && !t->driver)
        return yaml_refuse(&r->diag, map, path,
                           "nothing to reach and nothing to start: give 'url' or 'driver', or "
                           "'start'");
    return 0;
}

static int read_service(SuiteReader *r, SuiteTarget *t, const YamlNode *map, const char *path)
{
    Arena *a = &r->s->arena;
    const Opt *driver_rows = t->driver ? t->driver->target_opts : NULL;
    Vars v = { .r = r,
               .path = path,
               .why_no_params = "parameters can't stand here: a server is "
                                "started once for all cases" };
    const YamlNode *own = vars_expand(&v, a, suite_pick(a, map, driver_rows, false));
    if (!own)
        return -EINVAL;
    const OptSet sets[] = { { service_opts, &t->service }, { 0 } };
    const YamlContext c = { &r->diag, path, NULL };
    opt_defaults(a, service_opts, &t->service);
    TRY(opt_apply_yaml(a, sets, names_of(a, driver_rows), own, &c));
    Err err = { 0 };
    if (service_spec_check(&t->service, &err) < 0)
        return suite_refuse_spec(r, own, path, err.msg);
    return check_service(r, t, map, path);
}

static int fill(SuiteReader *r, const SuiteTarget *t, const YamlNode *map, Vars *v, const char *of,
                Arena *scratch, const void **ret)
{
    const DriverVocab *d = t->driver;
    if (!d || !d->target_opts) {
        *ret = NULL;
        return 0;
    }
    const YamlNode *own = vars_expand(v, scratch, suite_pick(scratch, map, d->target_opts, true));
    if (!own)
        return -EINVAL;
    Arena *a = &r->s->arena;
    void *opts = arena_alloc(a, d->target_size);
    const OptSet sets[] = { { d->target_opts, opts }, { 0 } };
    const YamlContext c = { &r->diag, yaml_path(a, "targets", str(t->name)), of };
    opt_defaults(a, d->target_opts, opts);
    TRY(opt_apply_yaml(a, sets, NULL, own, &c));
    *ret = opts;
    return 0;
}

static int read_driver(SuiteReader *r, SuiteTarget *t, const YamlNode *map, const char *path)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    Vars v = { .r = r, .path = path };
    const YamlNode *url = yaml_get(map, "url");
    if (url && !vars_has_params(&scratch, url)) { /* a server's ready check needs it */
        url = vars_expand(&v, &r->s->arena, url);
        t->url = url && url->kind == YAML_SCALAR ? arena_str(&r->s->arena, url->text) : NULL;
    }
    if (vars_has_params(&scratch, map))
        return 0;
    return fill(r, t, map, &v, NULL, &scratch, &t->opts);
}

static int read_target(SuiteReader *r, const YamlPair *p)
{
    Arena *a = &r->s->arena;
    const char *path = yaml_path(a, "targets", p->key->text);
    SuiteTarget t = { .name = arena_str(a, p->key->text), .line = p->key->line };
    if (!suite_name_ok(p->key->text))
        return yaml_refuse(&r->diag, p->key, "targets",
                           "'%.60s' is no name: letters, digits, '_', '-' and '.'", t.name);
    TRY(suite_want_map(r, p->value, path));
    TRY(find_driver(r, p->value, path, &t.driver));
    int bad = read_service(r, &t, p->value, path);
    TRY(read_driver(r, &t, p->value, path));
    r->target_nodes[r->s->n_targets] = p->value;
    r->s->targets[r->s->n_targets++] = t;
    return bad;
}

int targets_read(SuiteReader *r)
{
    const YamlNode *map = yaml_get(r->root, "targets");
    if (!map)
        return 0;
    TRY(suite_want_map(r, map, "targets"));
    Arena *a = &r->s->arena;
    r->s->cap_targets = map->n;
    r->s->targets = ARENA_ARRAY(a, SuiteTarget, map->n);
    r->target_nodes = ARENA_ARRAY(a, const YamlNode *, map->n);
    r->target_used = ARENA_ARRAY(a, bool, map->n);
    int bad = 0;
    YAML_EACH (p, map)
        if (read_target(r, p) < 0)
            bad = -EINVAL;
    return bad;
}

ptrdiff_t targets_find(const SuiteReader *r, Str name)
{
    for (ptrdiff_t i = 0; i < r->s->n_targets; i++)
        if (str_eqz(name, r->s->targets[i].name))
            return i;
    return -1;
}

int target_fill(SuiteReader *r, ptrdiff_t i, Vars *v, const char *of, Arena *scratch,
                const void **ret)
{
    const SuiteTarget *t = &r->s->targets[i];
    r->target_used[i] = true;
    if (t->opts) {
        *ret = t->opts;
        return 0;
    }
    const char *path = v->path;
    v->path = yaml_path(&r->s->arena, "targets", str(t->name));
    int r2 = fill(r, t, r->target_nodes[i], v, of, scratch, ret);
    v->path = path;
    return r2;
}
