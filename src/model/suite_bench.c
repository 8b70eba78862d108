/* `benchmarks`: each becomes one case per combination of its parameters.
 *
 * What concerns the benchmark as a whole (its kind, its matrix, what competes) is checked once;
 * then every case is read by itself (suite_case.c). The first case that is refused ends its
 * benchmark: the others would complain about the same lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/suite_read.h"

/* What says the kind of a benchmark. */
static const struct {
    const char *key;
    Kind kind;
} kinds[] = {
    { "command", KIND_COMMAND }, { "functions", KIND_FUNCTION }, { "harness", KIND_HARNESS },
    { "load", KIND_LOAD },       { "stream", KIND_STREAM },
};

static int check_later(const Bench *b)
{
    static const char *const later[] = { "feed", "publish", "consume" };
    int bad = 0;
    YAML_EACH (p, b->map)
        for (ptrdiff_t i = 0; i < ARRAY_LEN(later); i++)
            if (str_eqz(p->key->text, later[i]))
                bad = yaml_refuse(&b->r->diag, p->key, b->path, "'%s' is not in this build",
                                  later[i]);
    return bad;
}

static const char *key_of(Kind kind)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].key;
    return kind_name(kind);
}

/* Rows that stand beside the key of the kind. */
static const Opt *own_rows(Kind k)
{
    static const Opt none[] = { { .type = OPT_END } };
    return k == KIND_COMMAND || k == KIND_HARNESS ? command_opts
           : k == KIND_FUNCTION                   ? function_opts
                                                  : none;
}

/* A key of the other kind deserves better than "unknown". */
static int check_foreign(const Bench *b)
{
    int bad = 0;
    YAML_EACH (p, b->map) {
        const char *key = p->key->text.ptr;
        if (b->kind != KIND_LOAD &&
            (str_eqz(p->key->text, "request") || str_eqz(p->key->text, "scenarios")))
            bad = yaml_refuse(&b->r->diag, p->key, b->path, "'%s' belongs to 'load', not to '%s'",
                              key, key_of(b->kind));
        else if (opt_find(own_rows(b->kind), p->key->text) ||
                 (kind_is_load(b->kind) && str_eqz(p->key->text, "stop")))
            continue;
        else if (kind_is_load(b->kind) && opt_find(command_opts, p->key->text))
            bad = yaml_refuse(&b->r->diag, p->key, b->path,
                              "'%.40s' belongs to 'command', not to '%s'", key, key_of(b->kind));
        else if (opt_find(load_opts, p->key->text) && !opt_find(command_opts, p->key->text) &&
                 !opt_find(pace_opts, p->key->text))
            bad = yaml_refuse(&b->r->diag, p->key, b->path, "'%.40s' belongs inside '%s: {…}'", key,
                              b->kind == KIND_STREAM ? "stream" : "load");
    }
    return bad;
}

/* Nothing says what kind it is: a misspelt key of a kind is the likely reason. */
static int refuse_no_kind(const Bench *b)
{
    const char *keys[ARRAY_LEN(kinds)];
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kinds); i++)
        keys[i] = kinds[i].key;
    YAML_EACH (p, b->map) {
        const char *near = str_nearest(p->key->text, keys, ARRAY_LEN(keys));
        if (near && !opt_find(command_opts, p->key->text) && !opt_find(pace_opts, p->key->text))
            return yaml_refuse(&b->r->diag, p->key, b->path,
                               "unknown key '%.60s'; did you mean '%s'?", p->key->text.ptr, near);
    }
    return yaml_refuse(
        &b->r->diag, b->map, b->path,
        "nothing to measure: give 'command', 'functions', 'harness', 'load' or 'stream'");
}

static int find_kind(Bench *b)
{
    const char *found = NULL;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!yaml_get(b->map, kinds[i].key))
            continue;
        if (found)
            return yaml_refuse(&b->r->diag, b->map, b->path,
                               "'%s' and '%s' exclude each other; make two benchmarks", found,
                               kinds[i].key);
        found = kinds[i].key;
        b->kind = kinds[i].kind;
    }
    return found ? check_foreign(b) : refuse_no_kind(b);
}

static int find_rival(Bench *b)
{
    const YamlNode *n = yaml_get(b->map, "compare");
    b->rival = -1;
    if (!n || n->kind != YAML_SCALAR) /* its shape is told with the other keys */
        return 0;
    const char *names[PARAMS_MAX];
    for (ptrdiff_t i = 0; i < b->params.n; i++) {
        names[i] = b->params.v[i].name;
        if (str_eqz(n->text, names[i]))
            b->rival = i;
    }
    if (b->rival >= 0)
        return 0;
    const char *path = yaml_path(&b->r->s->arena, b->path, STR("compare"));
    const char *near = str_nearest(n->text, names, b->params.n);
    if (near)
        return yaml_refuse(&b->r->diag, n, path, "no parameter '%.40s'; did you mean '%s'?",
                           n->text.ptr, near);
    return yaml_refuse(&b->r->diag, n, path, "no parameter '%.40s' stands in 'params'",
                       n->text.ptr);
}

static int check_size(Bench *b)
{
    SuiteReader *r = b->r;
    const YamlNode *at = yaml_get(b->map, "params");
    at = at ? at : b->map;
    const char *path = yaml_path(&r->s->arena, b->path, STR("params"));
    uint64_t n = b->params.n_cases, total;
    if (__builtin_add_overflow(n, (uint64_t)r->s->n_cases, &total))
        total = UINT64_MAX;
    if (total > SUITE_CASES_MAX && !r->s->allow_large)
        return yaml_refuse(&r->diag, at, path,
                           "%llu cases; a suite may have 10000 unless it says 'allow_large: true' "
                           "(or --allow-large)",
                           (unsigned long long)total);
    if (total > CASES_HARD_MAX)
        return yaml_refuse(&r->diag, at, path, "%llu cases; at most 1000000",
                           (unsigned long long)total);
    ptrdiff_t each = b->map->weight;
    for (ptrdiff_t i = 0; i < r->s->n_targets; i++)
        each += r->s->targets[i].opts ? 0 : r->target_nodes[i]->weight;
    r->weight += (ptrdiff_t)n * each;
    if (r->weight > CASES_WEIGHT_MAX && n > 1)
        return yaml_refuse(&r->diag, at, path,
                           "so many cases of so long a benchmark would not fit "
                           "into memory; split the suite");
    return 0;
}

static void set_rivals(const Bench *b)
{
    if (b->rival < 0)
        return;
    uint64_t stride = 1;
    for (ptrdiff_t k = b->rival + 1; k < b->params.n; k++)
        stride *= (uint64_t)b->params.v[k].n;
    for (ptrdiff_t i = b->first; i < b->r->s->n_cases; i++) {
        SuiteCase *c = &b->r->s->cases[i];
        uint64_t nth = (uint64_t)(i - b->first);
        uint64_t choice = nth / stride % (uint64_t)b->params.v[b->rival].n;
        c->group = b->first + (ptrdiff_t)(nth - choice * stride);
        c->rival_of = choice ? c->group : -1;
    }
}

static int by_name(const void *pa, const void *pb)
{
    const char *const *a = pa, *const *b = pb;
    return strcmp(*a, *b);
}

static int check_names(const Bench *b)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    ptrdiff_t n = b->r->s->n_cases - b->first;
    const char **names = ARENA_ARRAY(&scratch, const char *, n);
    for (ptrdiff_t i = 0; i < n; i++)
        names[i] = b->r->s->cases[b->first + i].name;
    if (n > 1)
        qsort(names, (size_t)n, sizeof *names, by_name);
    for (ptrdiff_t i = 1; i < n; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return yaml_refuse(&b->r->diag, yaml_get(b->map, "params"), b->path,
                               "two cases are called '%.120s'; a value stands twice", names[i]);
    return 0;
}

static void warn(const Bench *b)
{
    Arena *a = &b->r->s->arena;
    for (ptrdiff_t i = 0; i < b->params.n; i++) {
        const Param *p = &b->params.v[i];
        if (!p->used && p->n > 1 && !b->member)
            strlist_add(a, &b->r->s->warnings,
                        arena_printf(a,
                                     "%s:%d:%d: %s.params.%s: nothing refers to ${%s}, so that its "
                                     "values make equal cases",
                                     b->r->diag.file, p->key->line, p->key->column, b->path,
                                     p->name, p->name));
        if (i == b->rival && p->n < 2)
            strlist_add(a, &b->r->s->warnings,
                        arena_printf(a, "%s:%d:%d: %s.params.%s: one value alone has no rival",
                                     b->r->diag.file, p->key->line, p->key->column, b->path,
                                     p->name));
    }
}

static int read_cases(Bench *b)
{
    TRY(check_later(b));
    TRY(find_kind(b));
    TRY(params_read(b->r, yaml_get(b->map, "params"),
                    yaml_path(&b->r->s->arena, b->path, STR("params")), &b->params));
    TRY(find_rival(b));
    TRY(check_size(b));
    b->body = suite_without(&b->r->s->arena, b->map, "params");
    b->first = b->r->s->n_cases;
    for (uint64_t i = 0; i < b->params.n_cases; i++)
        TRY(case_make(b, i));
    TRY(check_names(b));
    set_rivals(b);
    warn(b);
    return 0;
}

/* ---- loads side by side ---- */

/* The benchmark's keys, and over them those of one of its loads. */
static int member_map(const Bench *all, const YamlPair *p, const char *path, const YamlNode **ret)
{
    static const char *const shared[] = { "params", "compare", "loads" };
    Arena *a = &all->r->s->arena;
    const YamlNode *map = suite_without(a, all->map, "loads");
    TRY(suite_want_map(all->r, p->value, path));
    YAML_EACH (own, p->value) {
        for (ptrdiff_t i = 0; i < ARRAY_LEN(shared); i++)
            if (str_eqz(own->key->text, shared[i]))
                return yaml_refuse(&all->r->diag, own->key, path, "'%s' %s", shared[i],
                                   i ? "can't stand here"
                                     : "stands beside 'loads', for all of them");
        map =
            yaml_with(a, suite_without(a, map, own->key->text.ptr), own->key->text.ptr, own->value);
    }
    *ret = map;
    return 0;
}

static int read_member(const Bench *all, const YamlPair *p, ptrdiff_t first)
{
    SuiteReader *r = all->r;
    Arena *a = &r->s->arena;
    const char *path = yaml_path(a, yaml_path(a, all->path, STR("loads")), p->key->text);
    Bench b = { .r = r, .member = true, .line = p->key->line, .path = path };
    if (!suite_name_ok(p->key->text))
        return yaml_refuse(&r->diag, p->key, path,
                           "'%.60s' is no name: letters, digits, '_', '-' and '.'",
                           p->key->text.ptr);
    b.name = arena_printf(a, "%s.%s", all->name, p->key->text.ptr);
    TRY(member_map(all, p, path, &b.map));
    TRY(rules_read_own(r, yaml_get(b.map, "rules"), b.name, path));
    TRY(read_cases(&b));
    for (ptrdiff_t i = b.first; i < r->s->n_cases; i++) {
        SuiteCase *c = &r->s->cases[i];
        c->beside = first + (i - b.first);
        if (c->kind != KIND_LOAD || c->load.find_rate)
            return yaml_refuse(&r->diag, p->key, path,
                               "only loads run side by side, and a search for a rate runs alone");
    }
    return 0;
}

/* Each becomes a benchmark of its own, "mixed.reads", whose cases run beside those of the others
 * with the same parameters. */
static int read_members(const Bench *all, const YamlNode *loads)
{
    const char *path = yaml_path(&all->r->s->arena, all->path, STR("loads"));
    ptrdiff_t first = all->r->s->n_cases;
    TRY(suite_want_map(all->r, loads, path));
    if (yaml_get(all->map, "load"))
        return yaml_refuse(&all->r->diag, loads, path, "'load' and 'loads' exclude each other");
    if (loads->n < 2)
        return yaml_refuse(&all->r->diag, loads, path,
                           "wants two loads or more, each by its name; one alone is a 'load'");
    YAML_EACH (p, loads)
        TRY(read_member(all, p, first));
    return 0;
}

static int read_benchmark(SuiteReader *r, const YamlPair *p)
{
    Arena *a = &r->s->arena;
    Bench b = { .r = r, .name = arena_str(a, p->key->text), .map = p->value, .line = p->key->line };
    b.path = yaml_path(a, "benchmarks", p->key->text);
    if (!suite_name_ok(p->key->text))
        return yaml_refuse(&r->diag, p->key, "benchmarks",
                           "'%.60s' is no name: letters, digits, '_', '-' and '.'", b.name);
    TRY(suite_want_map(r, p->value, b.path));
    const YamlNode *loads = yaml_get(b.map, "loads");
    if (loads)
        return read_members(&b, loads);
    TRY(rules_read_own(r, yaml_get(b.map, "rules"), b.name, b.path));
    return read_cases(&b);
}

int benchmarks_read(SuiteReader *r)
{
    const YamlNode *map = yaml_get(r->root, "benchmarks");
    if (!map)
        return yaml_refuse(&r->diag, r->root, NULL, "key 'benchmarks' is missing: what to measure");
    TRY(suite_want_map(r, map, "benchmarks"));
    if (map->n == 0)
        return yaml_refuse(&r->diag, map, "benchmarks", "there is none; add one");
    int bad = 0;
    YAML_EACH (p, map) {
        if (read_benchmark(r, p) < 0)
            bad = -EINVAL;
        if (yaml_diag_full(&r->diag))
            return -EINVAL;
    }
    return bad;
}
