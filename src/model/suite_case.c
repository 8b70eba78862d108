/* One case: its own copy of the benchmark's mapping, with `${…}` replaced, read into specs. */
#include <errno.h>
#include <string.h>

#include "base/str_split.h"
#include "model/suite_read.h"

typedef struct BenchKeys {
    const char *component, *target, *compare, *build;
} BenchKeys;

const Opt benchmark_opts[] = {
    OPT(BenchKeys, component, STR, .help = "part of the system this belongs to, for reports"),
    OPT(BenchKeys, target, STR,
        .help = "name of a target: what a load or stream talks to, what must be up for a command"),
    OPT(BenchKeys, compare, STR, .arg = "PARAM",
        .help = "parameter whose values compete: cases that differ only in it are judged against "
                "its first value"),
    OPT(BenchKeys, build, STR, .arg = "COMMAND",
        .help = "shell text that makes a revision ready for --against, instead of the suite's"),
    { .type = OPT_END },
};

/* One case being made. */
typedef struct Maker {
    StreamSpec *stream;   /* KIND_STREAM, else NULL */
    const char *load_key; /* "load" or "stream": where its rows stand */
    Bench *b;
    SuiteReader *r;
    Arena *a;       /* the suite's */
    Arena *scratch; /* the case's */
    Vars vars;
    const char *of;       /* "case get-item/users=10"; NULL without parameters */
    const YamlNode *body; /* expanded */
    BenchKeys keys;
    SuiteCase c;
} Maker;

static YamlContext context(const Maker *m, const char *key)
{
    const char *path = key ? yaml_path(m->a, m->b->path, str(key)) : m->b->path;
    return (YamlContext){ &m->r->diag, path, m->of };
}

static int refuse(const Maker *m, const YamlNode *at, const char *key, const char *msg)
{
    return yaml_refuse(&m->r->diag, at, context(m, key).path, "%s", msg);
}

/* -------------------------------------------------------------------------------- commands */

static const char *command_key(const Maker *m)
{
    return m->b->kind == KIND_HARNESS ? "harness" : "command";
}

/* A list of program and arguments, into a field of that name. */
static int read_list(Maker *m, const YamlNode *list, const Opt *row, void *dst)
{
    if (list->n == 0)
        return refuse(m, list, row->name, "an empty list; give a program and its arguments");
    const YamlContext c = context(m, NULL);
    return opt_set_yaml(m->a, row, dst, list, &c);
}

static int read_argv(Maker *m, const YamlNode *list)
{
    if (m->c.command.shell && list->n)
        return refuse(m, list, command_key(m),
                      "a list is run as it is; for a shell write one text");
    const Opt row = { .type = OPT_LIST,
                      .name = command_key(m),
                      .offset = offsetof(CommandSpec, argv) };
    return read_list(m, list, &row, &m->c.command);
}

static int read_command_text(Maker *m, const YamlNode *n)
{
    char found[YAML_SHOW_MAX];
    if (n->kind != YAML_SCALAR || yaml_is_null(n))
        return yaml_refuse(&m->r->diag, n, context(m, command_key(m)).path,
                           "wants a command line, or a list of program and arguments; found %s",
                           yaml_show(found, n));
    if (str_trim(n->text).len == 0)
        return refuse(m, n, command_key(m), "an empty command");
    m->c.command_text = arena_str(m->a, n->text);
    m->c.command.argv = (StrList){ 0 };
    if (m->c.command.shell) {
        strlist_add(m->a, &m->c.command.argv, m->c.command_text);
        return 0;
    }
    Err err = { 0 };
    if (str_split_words(m->a, n->text, &m->c.command.argv, &err) < 0)
        return refuse(m, n, command_key(m), err.msg);
    return m->c.command.argv.n ? 0 : refuse(m, n, command_key(m), "an empty command");
}

static int check_pace(Maker *m)
{
    Err err = { 0 };
    if (pace_spec_check(&m->c.pace, &err) == 0)
        return 0;
    return suite_refuse_spec(m->r, m->body, m->b->path, err.msg);
}

static int check_command(Maker *m)
{
    Err err = { 0 };
    if (command_spec_check(&m->c.command, &err) == 0)
        return 0;
    return suite_refuse_spec(m->r, m->body, m->b->path, err.msg);
}

/* `command`, and `harness`, which is a command with an output that is read. */
static int read_command(Maker *m)
{
    bool harness = m->b->kind == KIND_HARNESS;
    const char *others[] = { command_key(m), "expect", "rules", NULL };
    const YamlContext c = context(m, NULL);
    const OptSet sets[] = { { benchmark_opts, &m->keys },
                            { pace_opts, &m->c.pace },
                            { command_opts, &m->c.command },
                            { harness ? harness_opts : NULL, &m->c.harness },
                            { 0 } };
    int bad = opt_apply_yaml(m->a, sets, others, m->body, &c);
    const YamlNode *n = yaml_get(m->body, command_key(m));
    assert(n);
    int r = n->kind == YAML_SEQ ? read_argv(m, n) : read_command_text(m, n);
    TRY(bad);
    int checked = check_command(m);
    return r < 0 ? r : checked;
}

/* ------------------------------------------------------------------------------- functions */

static int read_program_text(Maker *m, const YamlNode *n)
{
    char found[YAML_SHOW_MAX];
    Err err = { 0 };
    if (n->kind != YAML_SCALAR || yaml_is_null(n))
        return yaml_refuse(&m->r->diag, n, context(m, "functions").path,
                           "wants a benchmark program, or a list of it and its arguments; found %s",
                           yaml_show(found, n));
    m->c.function.argv = (StrList){ 0 };
    if (str_split_words(m->a, n->text, &m->c.function.argv, &err) < 0)
        return refuse(m, n, "functions", err.msg);
    return m->c.function.argv.n ? 0 : refuse(m, n, "functions", "an empty program name");
}

static int read_functions(Maker *m)
{
    static const char *const others[] = { "functions", "expect", "rules", NULL };
    const YamlContext c = context(m, NULL);
    const OptSet sets[] = { { benchmark_opts, &m->keys },
                            { pace_opts, &m->c.pace },
                            { function_opts, &m->c.function },
                            { 0 } };
    int bad = opt_apply_yaml(m->a, sets, others, m->body, &c);
    const YamlNode *n = yaml_get(m->body, "functions");
    const Opt row = { .type = OPT_LIST,
                      .name = "functions",
                      .offset = offsetof(FunctionSpec, argv) };
    int r = n->kind == YAML_SEQ ? read_list(m, n, &row, &m->c.function) : read_program_text(m, n);
    return bad < 0 ? bad : r;
}

/* ------------------------------------------------------------------------------------ load */

static int check_load(Maker *m, const YamlNode *map)
{
    if (m->c.load.stream)
        return 0; /* its publishers are the users, or the connections */
    LoadSpec *l = &m->c.load;
    const YamlNode *users = yaml_get(map, "users"), *rate = yaml_get(map, "rate");
    if (users && rate)
        return refuse(m, map, "load", "'users' (closed) and 'rate' (open) exclude each other");
    if (l->find_rate && !users)
        return 0;
    if (yaml_get(map, "replay")) {
        l->users = users ? l->users : 0; /* those of the defaults are not meant */
        l->rate = rate ? l->rate : 0;
        l->think = yaml_get(map, "think") ? l->think : NULL;
        return 0;
    }
    if (users)
        l->rate = 0;
    if (rate)
        l->users = 0;
    if ((l->users != 0) == (l->rate > 0))
        return refuse(m, map, "load",
                      "give 'users' (so many at a time) or 'rate' (so many per "
                      "second), more than 0");
    const YamlNode *odd = yaml_get(map, l->users ? "connections" : "think");
    if (odd && l->users)
        return refuse(m, odd, "load.connections",
                      "belongs to 'rate'; each of the 'users' has its "
                      "own connection");
    if (odd)
        return refuse(m, odd, "load.think",
                      "belongs to 'users'; a 'rate' does not wait for replies");
    return 0;
}

/* ---- stages ---- */

/* One stage; without `over` it lasts as long as the benchmark. */
static int read_stage(Maker *m, const YamlNode *map, const char *path)
{
    StageSpec spec = { 0 };
    Err err = { 0 };
    const YamlContext c = { &m->r->diag, path, m->of };
    const OptSet sets[] = { { stage_opts, &spec }, { 0 } };
    opt_defaults(m->a, stage_opts, &spec);
    TRY(suite_want_map(m->r, map, path));
    TRY(opt_apply_yaml(m->a, sets, NULL, map, &c));
    if (!spec.over && !spec.step)
        spec.over = m->c.pace.duration;
    if (stages_add(m->a, &spec, &m->c.load.stages, &err) == 0)
        return 0;
    return suite_refuse_spec(m->r, map, path, err.msg);
}

static int read_stage_list(Maker *m, const YamlNode *list, const char *path)
{
    if (list->kind != YAML_SEQ || list->n == 0)
        return yaml_refuse(&m->r->diag, list, path,
                           "wants a list of stages, such as "
                           "[{ rate: 0 -> 500/s, over: 1m }]");
    for (ptrdiff_t i = 0; i < list->n; i++)
        TRY(read_stage(m, list->items[i], arena_printf(m->a, "%s[%td]", path, i)));
    return 0;
}

static bool is_ramp(const YamlNode *n)
{
    return n && n->kind == YAML_SCALAR && str_find(n->text, STR("->")) >= 0;
}

/* A mapping that says more than a steady rate or number of users is one stage. */
static bool is_stage(const YamlNode *map)
{
    YAML_EACH (p, map)
        if (opt_find(stage_opts, p->key->text) && !opt_find(load_opts, p->key->text))
            return true;
    return is_ramp(yaml_get(map, "rate")) || is_ramp(yaml_get(map, "users"));
}

/* Keys of a stage, and those that hold for the whole load. */
static int read_staged(Maker *m, const YamlNode *map, const char *path)
{
    const YamlNode *list = yaml_get(map, "stages");
    const YamlNode *rest = suite_without(m->scratch, map, "stages");
    const YamlContext c = context(m, m->load_key);
    const OptSet sets[] = { { load_opts, &m->c.load },
                            { m->stream ? stream_opts : NULL, m->stream }, /* for what is near */
                            { 0 } };
    if (list && (yaml_get(map, "users") || yaml_get(map, "rate")))
        return refuse(m, map, m->load_key,
                      "'stages' say users and rates themselves; leave these out");
    if (!list)
        rest = suite_pick(m->scratch, map, stage_opts, false);
    if (rest->n)
        TRY(opt_apply_yaml(m->a, sets, NULL, rest, &c));
    return list ? read_stage_list(m, list, yaml_path(m->a, path, STR("stages")))
                : read_stage(m, suite_pick(m->scratch, map, stage_opts, true), path);
}

/* The stages' length is the trial's. */
static int read_stages(Maker *m, const YamlNode *n)
{
    LoadSpec *l = &m->c.load;
    const char *path = context(m, m->load_key).path;
    l->users = 0;
    l->rate = 0;
    TRY(n->kind == YAML_SEQ ? read_stage_list(m, n, path) : read_staged(m, n, path));
    m->c.pace.duration = stages_length_ns(&l->stages);
    return 0;
}

static int read_load_map(Maker *m, const YamlNode *map)
{
    const YamlContext c = context(m, m->load_key);
    const OptSet sets[] = { { load_opts, &m->c.load },
                            { m->stream ? stream_opts : NULL, m->stream }, /* for what is near */
                            { 0 } };
    bool staged = map->kind == YAML_SEQ ||
                  (map->kind == YAML_MAP && (yaml_get(map, "stages") || is_stage(map)));
    if (staged) {
        TRY(read_stages(m, map));
    } else {
        TRY(opt_apply_yaml(m->a, sets, NULL, map, &c));
        TRY(check_load(m, map));
    }
    return 0;
}

/* ---- streams ---- */

/* Those of the driver, whose target may be wrong in ways that are told later. */
static int read_driver_rows(Maker *m, const DriverVocab *d, const YamlNode *map, StreamSpec *s)
{
    const YamlContext c = context(m, "stream");
    void *opts = arena_alloc(m->a, d->stream_size);
    const OptSet sets[] = { { d->stream_opts, opts }, { 0 } };
    const YamlNode *own = suite_pick(m->scratch, map, d->stream_opts, true);
    opt_defaults(m->a, d->stream_opts, opts);
    s->driver_opts = opts;
    return own->n ? opt_apply_yaml(m->a, sets, NULL, own, &c) : 0;
}

static int read_stream_rows(Maker *m, const YamlNode *map, StreamSpec *s)
{
    const YamlContext c = context(m, "stream");
    const OptSet sets[] = { { stream_opts, s }, { 0 } };
    const YamlNode *own = suite_pick(m->scratch, map, stream_opts, true);
    Err err = { 0 };
    if (own->n)
        TRY(opt_apply_yaml(m->a, sets, NULL, own, &c));
    if (stream_spec_check(s, &err) < 0)
        return suite_refuse_spec(m->r, map, c.path, err.msg);
    return 0;
}

/* Rows of the stream, of its driver and of the load stand in one mapping. */
static int read_stream(Maker *m)
{
    const YamlNode *map = yaml_get(m->body, "stream"), *odd = NULL;
    const char *path = context(m, "stream").path;
    ptrdiff_t i = m->keys.target ? targets_find(m->r, str(m->keys.target)) : -1;
    const DriverVocab *d = i < 0 ? NULL : m->r->s->targets[i].driver;
    StreamSpec *s = ARENA_NEW(m->a, StreamSpec);
    opt_defaults(m->a, stream_opts, s);
    TRY(suite_want_map(m->r, map, path));
    if (d && !d->stream_opts)
        return yaml_refuse(&m->r->diag, map, path, "driver '%s' has no streams", d->name);
    TRY(read_stream_rows(m, map, s));
    if (d)
        TRY(read_driver_rows(m, d, map, s));
    if ((odd = yaml_get(map, "users")) || (odd = yaml_get(map, "connections")))
        return refuse(m, odd, "stream", "a stream has 'publishers' and 'subscribers'");
    map = suite_pick(m->scratch, map, stream_opts, false);
    map = d ? suite_pick(m->scratch, map, d->stream_opts, false) : map;
    m->c.load.stream = m->stream = s;
    m->c.load.users = 0;
    if (!yaml_get(map, "rate"))
        m->c.load.rate = 0;
    return map->n ? read_load_map(m, map) : 0;
}

/* `stop` may stand beside a list of stages, too. */
static int read_stop(Maker *m)
{
    const YamlNode *n = yaml_get(m->body, "stop");
    if (!n)
        return 0;
    if (n->kind != YAML_SCALAR || yaml_is_null(n))
        return refuse(m, n, "stop", "wants a condition, such as error_rate > 5%");
    m->c.load.stop = arena_str(m->a, n->text);
    return 0;
}

static int check_load_texts(Maker *m)
{
    Err err = { 0 };
    if (load_spec_check(&m->c.load, &err) == 0)
        return 0;
    bool beside = yaml_get(m->body, "stop") && str_starts(str(err.msg), STR("stop:"));
    const YamlNode *map = beside ? m->body : yaml_get(m->body, m->load_key);
    return suite_refuse_spec(m->r, map, beside ? m->b->path : context(m, m->load_key).path,
                             err.msg);
}

static const YamlNode *request_map(Maker *m, const DriverVocab *d)
{
    const YamlNode *n = yaml_get(m->body, "request");
    if (!n) { /* defaults may do; if not, the complaint belongs to the benchmark */
        YamlNode *none = yaml_new_scalar(m->scratch, STR("null"), NULL);
        none->quoted = false;
        none->line = m->body->line;
        none->column = m->body->column;
        return none;
    }
    bool text = n->kind == YAML_SCALAR && !yaml_is_null(n);
    return text && d->default_path_key ? yaml_with(m->scratch, NULL, d->default_path_key, n) : n;
}

static int read_request(Maker *m, const DriverVocab *d)
{
    const YamlNode *n = yaml_get(m->body, "request");
    if (!d->request_opts)
        return n ? yaml_refuse(&m->r->diag, n, context(m, "request").path,
                               "driver '%s' takes no request", d->name)
                 : 0;
    void *opts = arena_alloc(m->a, d->request_size);
    const OptSet sets[] = { { d->request_opts, opts }, { 0 } };
    const YamlContext c = context(m, "request");
    const YamlNode *map = request_map(m, d);
    opt_defaults(m->a, d->request_opts, opts);
    TRY(request_spell_out(m->r, m->scratch, d, &map, c.path));
    TRY(opt_apply_yaml(m->a, sets, NULL, map, &c));
    m->c.request_opts = opts;
    return 0;
}

static int read_scenarios(Maker *m, const DriverVocab *d)
{
    const YamlNode *n = yaml_get(m->body, "scenarios");
    if (yaml_get(m->body, "request"))
        return refuse(m, n, "scenarios", "steps say what is asked; leave 'request' out");
    return scenarios_read(m->r, m->scratch, d, n, context(m, "scenarios").path, m->of,
                          &m->c.load.scenarios);
}

static int read_asked(Maker *m, const DriverVocab *d)
{
    return yaml_get(m->body, "scenarios") ? read_scenarios(m, d) : read_request(m, d);
}

static int read_load(Maker *m)
{
    static const char *const others[] = { "load", "stream", "request", "scenarios",
                                          "stop", "expect", "rules",   NULL };
    const YamlContext c = context(m, NULL);
    const OptSet sets[] = { { benchmark_opts, &m->keys }, { pace_opts, &m->c.pace }, { 0 } };
    int bad = opt_apply_yaml(m->a, sets, others, m->body, &c);
    m->load_key = m->b->kind == KIND_STREAM ? "stream" : "load";
    int r =
        m->b->kind == KIND_STREAM ? read_stream(m) : read_load_map(m, yaml_get(m->body, "load"));
    TRY(bad);
    TRY(r);
    if (m->c.load.replay && !yaml_get(m->body, "duration"))
        m->c.pace.duration = 0; /* it ends with its last record */
    TRY(read_stop(m));
    return check_load_texts(m);
}

/* ---------------------------------------------------------------------------------- target */

static int refuse_target(const Maker *m, const YamlNode *at)
{
    const char *names[256], *path = context(m, "target").path;
    ptrdiff_t n = 0;
    for (; n < m->r->s->n_targets && n < ARRAY_LEN(names); n++)
        names[n] = m->r->s->targets[n].name;
    const char *near = str_nearest(str(m->keys.target), names, n);
    if (near)
        return yaml_refuse(&m->r->diag, at, path, "no target '%.60s'; did you mean '%s'?",
                           m->keys.target, near);
    return yaml_refuse(&m->r->diag, at, path, "no target '%.60s'; 'targets' has %s%s",
                       m->keys.target, n ? names[0] : "none", n > 1 ? " and others" : "");
}

static int read_target(Maker *m)
{
    bool load = kind_is_load(m->b->kind);
    if (!m->keys.target)
        return load ? yaml_refuse(&m->r->diag, m->body, m->b->path,
                                  "a %s needs a 'target', the name of what to talk to", m->load_key)
                    : 0;
    const YamlNode *at = yaml_get(m->body, "target");
    ptrdiff_t i = targets_find(m->r, str(m->keys.target));
    if (i < 0) /* a target that was refused is there, after all */
        return yaml_get(yaml_get(m->r->root, "targets"), m->keys.target) ? -EINVAL
                                                                         : refuse_target(m, at);
    const SuiteTarget *t = &m->r->s->targets[i];
    m->c.target = t;
    TRY(target_fill(m->r, i, &m->vars, m->of, m->scratch, &m->c.target_opts));
    if (load && !t->driver)
        return yaml_refuse(&m->r->diag, at, context(m, "target").path,
                           "target '%s' has no driver to load it with; give it a 'url' or 'driver'",
                           t->name);
    return m->b->kind == KIND_LOAD ? read_asked(m, t->driver) : 0;
}

/* ----------------------------------------------------------------------------------- cases */

/* A short look that still gives every figure. Sign tests need six rounds to say anything. */
static void cap_pace(PaceSpec *p, Kind kind)
{
    uint32_t most = kind_is_load(kind) ? 2 : 6;
    p->trials = p->trials ? MIN(p->trials, most) : most;
    p->duration = p->duration ? MIN(p->duration, NS_PER_S) : NS_PER_S;
    p->warmup = MIN(p->warmup, NS_PER_S / 5);
    p->warmups = MIN(p->warmups, (uint32_t)1);
    p->precision = 0;
    p->min_trials = MIN(p->min_trials, most);
    p->max_trials = p->max_trials ? MIN(p->max_trials, most) : 0;
}

/* All stages, in a few seconds: the same curve, played faster. */
static void cap_stages(SuiteCase *c)
{
    double length = (double)stages_length_ns(&c->load.stages), most = 3e9;
    if (length > most)
        stages_scale(&c->load.stages, most / length);
    c->pace.duration = stages_length_ns(&c->load.stages);
    c->pace.trials = 1;
}

static int read_body(Maker *m)
{
    int bad = kind_is_load(m->b->kind)      ? read_load(m)
              : m->b->kind == KIND_FUNCTION ? read_functions(m)
                                            : read_command(m);
    const char *path = context(m, "expect").path;
    int r = expects_read(m->r, yaml_get(m->body, "expect"), path, m->of, &m->c);
    TRY(read_target(m));
    TRY(bad);
    TRY(r);
    TRY(check_pace(m));
    if (m->c.load.find_rate && !m->c.pace.trials)
        m->c.pace.trials = 1; /* a search has many looks of its own */
    m->c.component = m->keys.component;
    m->c.build = m->keys.build ? m->keys.build : m->r->s->build;
    if (m->r->flags->quick)
        cap_pace(&m->c.pace, m->b->kind);
    if (m->r->flags->quick && m->c.load.stages.n)
        cap_stages(&m->c);
    return 0;
}

int case_make(Bench *b, uint64_t i)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    SuiteReader *r = b->r;
    Maker m = { .b = b, .r = r, .a = &r->s->arena, .scratch = &scratch };
    m.vars = (Vars){ .r = r, .params = &b->params, .path = b->path };
    params_choose(&b->params, i);
    TRY(vars_resolve(&m.vars, &scratch));
    m.c = (SuiteCase){ .benchmark = b->name,
                       .kind = b->kind,
                       .line = b->line,
                       .group = -1,
                       .rival_of = -1,
                       .beside = -1,
                       .pace = r->pace,
                       .command = r->command,
                       .function = r->function,
                       .load = r->load };
    m.c.name = params_case_name(m.a, b->name, &b->params);
    m.of = b->params.n ? arena_printf(&scratch, "case %s", m.c.name) : NULL;
    for (ptrdiff_t k = 0; k < b->params.n; k++)
        strmap_set(m.a, &m.c.params, b->params.v[k].name, arena_str(m.a, b->params.v[k].text));
    m.vars.request = yaml_get(b->body, "request");
    m.vars.scenarios = yaml_get(b->body, "scenarios");
    scenarios_names(&scratch, m.vars.scenarios, &m.vars.extracted);
    m.body = vars_expand(&m.vars, &scratch, b->body);
    if (!m.body)
        return -EINVAL;
    TRY(read_body(&m));
    ARENA_PUSH(m.a, r->s->cases, r->s->n_cases, r->s->cap_cases, m.c);
    return 0;
}
