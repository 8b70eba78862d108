/* `scenarios` of a load: named lists of steps. A step is a request of the target's driver, or one
 * of the words that steer: think, loop, if, once, group, parallel,
 * script. */
#include <errno.h>
#include <string.h>

#include "model/suite_read.h"

typedef struct Reader {
    SuiteReader *r;
    Arena *a, *scratch;
    const DriverVocab *driver;
    const char *of;
    StrList names; /* of the requests and groups of the scenario at hand */
} Reader;

static int refuse(const Reader *rd, const YamlNode *at, const char *path, const char *msg)
{
    return yaml_refuse(&rd->r->diag, at, path, "%s", msg);
}

/* ---- short keys ---- */

static const RequestShort *find_short(const DriverVocab *d, Str key)
{
    for (const RequestShort *s = d->shorts; s && s->key; s++)
        if (str_eqz(key, s->key))
            return s;
    return NULL;
}

static int replace(SuiteReader *r, Arena *a, const RequestShort *s, const YamlPair *p,
                   const char *path, const YamlNode **map)
{
    if (yaml_get(*map, s->row) || (s->sets && yaml_get(*map, s->sets)))
        return yaml_refuse(&r->diag, p->key, path, "'%s' says '%s'%s%s, which stands there, too",
                           s->key, s->row, s->sets ? " and " : "", s->sets ? s->sets : "");
    *map = yaml_with(a, suite_without(a, *map, s->key), s->row, p->value);
    if (s->sets)
        *map = yaml_with(a, *map, s->sets, yaml_new_scalar(a, str(s->to), NULL));
    return 0;
}

/* A key that is nearly a short one; the rows' own are told by who reads them. */
static int check_key(SuiteReader *r, const DriverVocab *d, const YamlNode *key, const char *path)
{
    const char *names[32];
    ptrdiff_t n = 0;
    for (const RequestShort *s = d->shorts; s && s->key && n < ARRAY_LEN(names); s++)
        names[n++] = s->key;
    const char *near = str_nearest(key->text, names, n);
    if (!near || (d->request_opts && opt_find(d->request_opts, key->text)))
        return 0;
    return yaml_refuse(&r->diag, key, path, "unknown key '%.60s'; did you mean '%s'?",
                       key->text.ptr, near);
}

int request_spell_out(SuiteReader *r, Arena *a, const DriverVocab *d, const YamlNode **map,
                      const char *path)
{
    const YamlNode *written = *map;
    if (written->kind != YAML_MAP)
        return 0;
    YAML_EACH (p, written) {
        const RequestShort *s = find_short(d, p->key->text);
        TRY(s ? replace(r, a, s, p, path, map) : check_key(r, d, p->key, path));
    }
    return 0;
}

/* ---- names ---- */

static bool is_taken(const StrList *l, const char *name)
{
    for (ptrdiff_t i = 0; i < l->n; i++)
        if (strcmp(l->v[i], name) == 0)
            return true;
    return false;
}

/* "get_item" of `get: /item/${zipf(9)}`: what is written before anything varies. */
static const char *name_after(Reader *rd, const YamlNode *n)
{
    Str text = STR("step");
    CLEANUP(strbuf_done) StrBuf b = { .max = SCENARIO_NAME_MAX };
    if (n->kind == YAML_SCALAR)
        text = n->text;
    for (ptrdiff_t i = 0; n->kind == YAML_MAP && i < n->n; i++)
        if (find_short(rd->driver, n->pairs[i].key->text) &&
            n->pairs[i].value->kind == YAML_SCALAR) {
            strbuf_add(&b, n->pairs[i].key->text);
            text = n->pairs[i].value->text;
            break;
        }
    ptrdiff_t end = str_find(text, STR("${")), query = str_find_char(text, '?');
    text = str_slice(text, 0, end < 0 ? text.len : end);
    text = str_slice(text, 0, query < 0 ? text.len : MIN(query, text.len));
    bool gap = b.len > 0;
    for (ptrdiff_t i = 0; i < text.len && b.len < SCENARIO_NAME_MAX - 6; i++) {
        Str c = str_slice(text, i, i + 1);
        if (!scenario_name_ok(c)) {
            gap = b.len > 0;
            continue;
        }
        if (gap)
            strbuf_addc(&b, '_');
        gap = false;
        strbuf_add(&b, c);
    }
    return arena_strdup(rd->a, b.len ? strbuf_z(&b) : "step");
}

static const char *own_name(Reader *rd, const YamlNode *n)
{
    const char *base = name_after(rd, n), *name = base;
    for (int i = 2; is_taken(&rd->names, name); i++)
        name = arena_printf(rd->a, "%s_%d", base, i);
    strlist_add(rd->a, &rd->names, name);
    return name;
}

static int given_name(Reader *rd, const YamlNode *n, const char *path, const char **ret)
{
    if (n->kind != YAML_SCALAR || !scenario_name_ok(n->text))
        return refuse(rd, n, path, "a name has letters, digits, '_' and '-', at most 40");
    *ret = arena_str(rd->a, n->text);
    if (is_taken(&rd->names, *ret))
        return yaml_refuse(&rd->r->diag, n, path, "two steps are called '%s'", *ret);
    strlist_add(rd->a, &rd->names, *ret);
    return 0;
}

/* ---- steps ---- */

static int read_steps(Reader *rd, const YamlNode *list, const char *path, int depth, StepList *ret);

static int read_request(Reader *rd, const YamlNode *n, const char *path, StepSpec *s)
{
    const DriverVocab *d = rd->driver;
    const YamlNode *name = n->kind == YAML_MAP ? yaml_get(n, "name") : NULL;
    const YamlNode *map = n;
    s->kind = STEP_REQUEST;
    if (name)
        TRY(given_name(rd, name, path, &s->name));
    else
        s->name = own_name(rd, n);
    if (!d->request_opts)
        return yaml_refuse(&rd->r->diag, n, path, "driver '%s' takes no request", d->name);
    if (n->kind == YAML_SCALAR && !yaml_is_null(n) && d->default_path_key)
        map = yaml_with(rd->scratch, NULL, d->default_path_key, n);
    if (name)
        map = suite_without(rd->scratch, map, "name");
    TRY(request_spell_out(rd->r, rd->scratch, d, &map, path));
    void *opts = arena_alloc(rd->a, d->request_size);
    const OptSet sets[] = { { d->request_opts, opts }, { 0 } };
    const YamlContext c = { &rd->r->diag, path, rd->of };
    opt_defaults(rd->a, d->request_opts, opts);
    TRY(opt_apply_yaml(rd->a, sets, NULL, map, &c));
    s->request_opts = opts;
    return 0;
}

/* No keys but these beside the word that steers. */
static int only(Reader *rd, const YamlNode *n, const char *path, const char *word,
                const char *second, const char *third)
{
    YAML_EACH (p, n)
        if (!str_eqz(p->key->text, word) && !(second && str_eqz(p->key->text, second)) &&
            !(third && str_eqz(p->key->text, third)))
            return yaml_refuse(&rd->r->diag, p->key, path, "'%.40s' can't stand beside '%s'",
                               p->key->text.ptr, word);
    return 0;
}

static int read_inner(Reader *rd, const YamlNode *n, const char *path, const char *key, int depth,
                      StepList *ret)
{
    const YamlNode *list = yaml_get(n, key);
    if (!list)
        return yaml_refuse(&rd->r->diag, n, path, "key '%s' is missing: a list of steps", key);
    return read_steps(rd, list, yaml_path(rd->a, path, str(key)), depth + 1, ret);
}

static int read_text(Reader *rd, const YamlNode *n, const char *path, const char *key,
                     const char **ret)
{
    const YamlNode *v = yaml_get(n, key);
    if (v->kind != YAML_SCALAR || yaml_is_null(v))
        return yaml_refuse(&rd->r->diag, v, yaml_path(rd->a, path, str(key)), "wants one value");
    *ret = arena_str(rd->a, v->text);
    return 0;
}

static int read_think(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s)
{
    (void)depth;
    s->kind = STEP_THINK;
    TRY(only(rd, n, path, "think", NULL, NULL));
    return read_text(rd, n, path, "think", &s->think);
}

static int read_loop(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s)
{
    static const Opt row = {
        .type = OPT_U32, .name = "loop", .offset = offsetof(StepSpec, times), .min = 1, .max = 1e6
    };
    const YamlContext c = { &rd->r->diag, path, rd->of };
    s->kind = STEP_LOOP;
    TRY(only(rd, n, path, "loop", "steps", NULL));
    TRY(opt_set_yaml(rd->a, &row, s, yaml_get(n, "loop"), &c));
    return read_inner(rd, n, path, "steps", depth, &s->steps);
}

static int read_if(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s)
{
    s->kind = STEP_IF;
    TRY(only(rd, n, path, "if", "steps", "else"));
    TRY(read_text(rd, n, path, "if", &s->condition));
    TRY(read_inner(rd, n, path, "steps", depth, &s->steps));
    return yaml_get(n, "else") ? read_inner(rd, n, path, "else", depth, &s->otherwise) : 0;
}

static int read_once(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s)
{
    s->kind = STEP_ONCE;
    TRY(only(rd, n, path, "once", NULL, NULL));
    return read_inner(rd, n, path, "once", depth, &s->steps);
}

static int read_group(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s)
{
    s->kind = STEP_GROUP;
    TRY(only(rd, n, path, "group", "steps", NULL));
    TRY(given_name(rd, yaml_get(n, "group"), yaml_path(rd->a, path, STR("group")), &s->name));
    return read_inner(rd, n, path, "steps", depth, &s->steps);
}

static int read_parallel(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s)
{
    s->kind = STEP_PARALLEL;
    TRY(only(rd, n, path, "parallel", NULL, NULL));
    return read_inner(rd, n, path, "parallel", depth, &s->steps);
}

static int check_set(Reader *rd, const YamlNode *n, const char *path)
{
    if (n->kind == YAML_SEQ) {
        for (ptrdiff_t i = 0; i < n->n; i++)
            TRY(check_set(rd, n->items[i], path));
        return 0;
    }
    if (n->kind != YAML_SCALAR || !scenario_name_ok(n->text))
        return refuse(rd, n, path,
                      "names of variables have letters, digits, '_' and '-', at most 40");
    return 0;
}

static int read_script(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s)
{
    const YamlNode *sets = yaml_get(n, "sets");
    (void)depth;
    s->kind = STEP_SCRIPT;
    TRY(only(rd, n, path, "script", "sets", NULL));
    if (sets)
        TRY(check_set(rd, sets, yaml_path(rd->a, path, STR("sets"))));
    return read_text(rd, n, path, "script", &s->script);
}

static const struct {
    const char *word;
    int (*read)(Reader *rd, const YamlNode *n, const char *path, int depth, StepSpec *s);
} words[] = {
    { "think", read_think },   { "loop", read_loop },   { "if", read_if },
    { "once", read_once },     { "group", read_group }, { "parallel", read_parallel },
    { "script", read_script },
};

static int read_step(Reader *rd, const YamlNode *n, const char *path, int depth, StepList *ret)
{
    StepSpec s = { 0 };
    if (depth > SCENARIO_DEPTH_MAX)
        return refuse(rd, n, path, "steps stand within steps more than 8 deep");
    ptrdiff_t i = 0;
    while (i < ARRAY_LEN(words) && !(n->kind == YAML_MAP && yaml_get(n, words[i].word)))
        i++;
    TRY(i < ARRAY_LEN(words) ? words[i].read(rd, n, path, depth, &s)
                             : read_request(rd, n, path, &s));
    ARENA_PUSH(rd->a, ret->v, ret->n, ret->cap, s);
    return 0;
}

static int read_steps(Reader *rd, const YamlNode *list, const char *path, int depth, StepList *ret)
{
    if (list->kind != YAML_SEQ || list->n == 0)
        return refuse(rd, list, path, "wants a list of steps, such as [{ get: / }, { think: 1s }]");
    for (ptrdiff_t i = 0; i < list->n; i++)
        TRY(read_step(rd, list->items[i], arena_printf(rd->a, "%s[%td]", path, i), depth, ret));
    return 0;
}

/* ---- scenarios ---- */

static int read_scenario(Reader *rd, const YamlPair *p, const char *path, ScenarioList *list)
{
    static const char *const others[] = { "login", "steps", NULL };
    ScenarioSpec s = { .name = arena_str(rd->a, p->key->text) };
    const OptSet sets[] = { { scenario_opts, &s }, { 0 } };
    path = yaml_path(rd->a, path, p->key->text);
    const YamlContext c = { &rd->r->diag, path, rd->of };
    if (!scenario_name_ok(p->key->text))
        return refuse(rd, p->key, path, "a name has letters, digits, '_' and '-', at most 40");
    TRY(suite_want_map(rd->r, p->value, path));
    opt_defaults(rd->a, scenario_opts, &s);
    TRY(opt_apply_yaml(rd->a, sets, others, p->value, &c));
    rd->names = (StrList){ 0 };
    if (yaml_get(p->value, "login"))
        TRY(read_inner(rd, p->value, path, "login", -1, &s.login));
    TRY(read_inner(rd, p->value, path, "steps", -1, &s.steps));
    ARENA_PUSH(rd->a, list->v, list->n, list->cap, s);
    return 0;
}

static void add_name(Arena *a, Str name, StrList *names)
{
    if (!is_taken(names, name.ptr))
        strlist_add(a, names, arena_str(a, name));
}

/* What a step of the form { script: FUNCTION, sets: [NAME] } sets. */
static void add_sets(Arena *a, const YamlNode *step, StrList *names)
{
    const YamlNode *sets = yaml_get(step, "script") ? yaml_get(step, "sets") : NULL;
    if (sets && sets->kind == YAML_SCALAR)
        add_name(a, sets->text, names);
    for (ptrdiff_t i = 0; sets && sets->kind == YAML_SEQ && i < sets->n; i++)
        if (sets->items[i]->kind == YAML_SCALAR)
            add_name(a, sets->items[i]->text, names);
}

void scenarios_names(Arena *a, const YamlNode *n, StrList *names)
{
    if (n && n->kind == YAML_MAP)
        add_sets(a, n, names);
    for (ptrdiff_t i = 0; n && i < n->n; i++) {
        const YamlNode *inner = n->kind == YAML_MAP ? n->pairs[i].value : n->items[i];
        bool extracts = n->kind == YAML_MAP && str_eqz(n->pairs[i].key->text, "extract") &&
                        inner->kind == YAML_MAP;
        if (!extracts) {
            scenarios_names(a, inner, names);
            continue;
        }
        YAML_EACH (p, inner)
            add_name(a, p->key->text, names);
    }
}

int scenarios_read(SuiteReader *r, Arena *scratch, const DriverVocab *d, const YamlNode *map,
                   const char *path, const char *of, ScenarioList *ret)
{
    Reader rd = { .r = r, .a = &r->s->arena, .scratch = scratch, .driver = d, .of = of };
    Err err = { 0 };
    TRY(suite_want_map(r, map, path));
    if (map->n == 0)
        return refuse(&rd, map, path, "there is none; add one");
    scenarios_names(rd.a, map, &ret->vars);
    YAML_EACH (p, map)
        TRY(read_scenario(&rd, p, path, ret));
    return scenarios_check(ret, &err) < 0 ? suite_refuse_spec(r, map, path, err.msg) : 0;
}
