/* The mappings of a suite, from the top down. Keys that are no option rows are described here. */
#include "model/schema.h"

#include <stdio.h>

static json_t *ref(const char *name)
{
    char path[96];
    snprintf(path, sizeof path, "#/definitions/%s", name);
    return json_pack("{s:s}", "$ref", path);
}

static void put(json_t *obj, const char *key, json_t *value, const char *description)
{
    if (description)
        json_object_set_new(value, "description", json_string(description));
    json_object_set_new(obj, key, value);
}

/* A mapping of known keys only; takes `properties`. */
static json_t *closed(json_t *properties)
{
    return json_pack("{s:s,s:o,s:b}", "type", "object", "properties", properties,
                     "additionalProperties", 0);
}

static json_t *keys_of(json_t *properties)
{
    json_t *names = json_array();
    const char *key;
    json_t *value;
    json_object_foreach(properties, key, value) json_array_append_new(names, json_string(key));
    return names;
}

static void require(json_t *obj, const Opt *rows)
{
    json_t *names = json_array();
    if (rows)
        OPT_EACH (o, rows)
            if (o->required)
                json_array_append_new(names, json_string(o->name));
    if (json_array_size(names))
        json_object_set_new(obj, "required", names);
    else
        json_decref(names);
}

/* -------------------------------------------------------------------------- small shapes */

static json_t *scalar(void)
{
    return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
}

static json_t *scan(const char *growth)
{
    json_t *p = json_object();
    json_object_set_new(p, "from", ref("scalar"));
    json_object_set_new(p, "to", ref("scalar"));
    json_object_set_new(p, growth, ref("scalar"));
    json_t *s = closed(p);
    json_object_set_new(s, "required", json_pack("[s,s,s]", "from", "to", growth));
    return s;
}

static json_t *params(void)
{
    json_t *list =
        json_pack("{s:s,s:o,s:i}", "type", "array", "items", ref("scalar"), "minItems", 1);
    json_t *any = json_pack("[o,o,o,o]", ref("scalar"), list, scan("step"), scan("times"));
    return json_pack("{s:s,s:{s:s},s:i,s:{s:o}}", "type", "object", "propertyNames", "pattern",
                     "^[^\\s/:=,*?@.]+$", "maxProperties", 32, "additionalProperties", "anyOf",
                     any);
}

static json_t *expect(void)
{
    json_t *limit = json_pack("{s:s,s:s}", "type", "string", "pattern", "^ *(<|>|==)|\\$\\{");
    json_t *list = json_pack("{s:s,s:O,s:i}", "type", "array", "items", limit, "minItems", 1);
    return json_pack("{s:s,s:{s:[o,o]}}", "type", "object", "additionalProperties", "anyOf", limit,
                     list);
}

static json_t *rule(void)
{
    json_t *p = json_object();
    put(p, "action", json_pack("{s:[s,s,s]}", "enum", "block", "review", "log"),
        "what happens when a metric got this much worse");
    put(p, "min_change",
        json_pack("{s:s,s:s}", "type", "string", "pattern",
                  "^[0-9.]+ ?(ns|us|ms|s|m|h|d)|^0$|\\$\\{"),
        "times that differ by less than this don't count");
    put(p, "min_samples", json_pack("{s:[s,s]}", "type", "integer", "string"),
        "fewer pairs, or trials on a side, don't count");
    json_t *r = json_pack("{s:s,s:o,s:i}", "type", "object", "properties", p, "minProperties", 1);
    json_object_set_new(r, "additionalProperties",
                        json_pack("{s:[s,s],s:s}", "type", "string", "number", "pattern",
                                  "^[-+][0-9]*\\.?[0-9]+ ?%?$|\\$\\{"));
    return r;
}

/* A rule set's name, or several. */
static json_t *rule_use(void)
{
    json_t *names = json_array();
    for (ptrdiff_t i = 0; rules_names[i]; i++)
        json_array_append_new(names, json_string(rules_names[i]));
    json_t *one = json_pack("{s:o}", "enum", names);
    return json_pack("{s:[O,{s:s,s:o}]}", "anyOf", one, "type", "array", "items", one);
}

static json_t *exceptions(void)
{
    json_t *p = json_object();
    schema_rows(p, exception_opts);
    json_t *one = closed(p);
    json_object_set_new(one, "required", json_pack("[s]", "reason"));
    json_object_set_new(json_object_get(p, "until"), "pattern", json_string("^[0-9]|\\$\\{"));
    return json_pack("{s:s,s:o}", "type", "array", "items", one);
}

static json_t *rules(bool of_suite)
{
    json_t *p = json_object();
    put(p, "use", rule_use(), "rule sets known by their names");
    if (of_suite)
        put(p, "ignore", exceptions(), "what breaks no rule, and why");
    put(p, "critical", ref("rule"), NULL);
    put(p, "warning", ref("rule"), NULL);
    put(p, "notice", ref("rule"), NULL);
    return json_pack("{s:[o,o]}", "anyOf", rule_use(), closed(p));
}

/* ------------------------------------------------------------------------------- targets */

/* The driver called null is nothing to YAML unless it is quoted. */
static void add_name(json_t *names, const DriverVocab *d)
{
    json_array_append_new(names, json_string(d->name));
    if (str_eqz(str(d->name), "null"))
        json_array_append_new(names, json_null());
}

/* `driver: NAME`, or no driver and a URL of one of its schemes. */
static json_t *chosen(const DriverVocab *d)
{
    json_t *names = json_array();
    add_name(names, d);
    json_t *named = json_pack("{s:{s:{s:o}},s:[s]}", "properties", "driver", "enum", names,
                              "required", "driver");
    if (!d->schemes)
        return named;
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Str rest = str(d->schemes), word;
    while (str_cut(&rest, ' ', &word))
        strbuf_addf(&b, "%s" STR_FMT, b.len ? "|" : "^(", STR_ARG(word));
    strbuf_addz(&b, ")://");
    json_t *by_url = json_pack("{s:{s:{s:s}},s:[s],s:{s:[s]}}", "properties", "url", "pattern",
                               strbuf_z(&b), "required", "url", "not", "required", "driver");
    return json_pack("{s:[o,o]}", "anyOf", named, by_url);
}

/* What a target of this driver may say. */
static json_t *driver_case(const DriverVocab *d)
{
    json_t *own = json_object(), *all = json_object();
    schema_rows(own, d->target_opts);
    schema_rows(all, service_opts);
    json_object_update(all, own);
    json_object_set_new(all, "driver", json_true());
    json_t *then = json_pack("{s:{s:o}}", "propertyNames", "enum", keys_of(all));
    json_decref(all);
    json_object_set_new(then, "properties", own);
    require(then, d->target_opts);
    return json_pack("{s:o,s:o}", "if", chosen(d), "then", then);
}

/* All keys of all drivers are known; which of them belong together is said by `allOf`. A key that
 * several drivers have is described there alone. */
static json_t *target(const SuiteVocab *v)
{
    json_t *p = json_object(), *names = json_array(), *cases = json_array();
    for (const DriverVocab *d = v->drivers; d && d->name; d++) {
        add_name(names, d);
        json_array_append_new(cases, driver_case(d));
    }
    put(p, "driver", json_pack("{s:o}", "enum", names),
        "how to talk to it; else chosen by the scheme of 'url'");
    schema_rows(p, service_opts);
    for (const DriverVocab *d = v->drivers; d && d->name; d++)
        if (d->target_opts)
            OPT_EACH (o, d->target_opts)
                if (o->type != OPT_HEAD && !o->hidden && !json_object_get(p, o->name))
                    json_object_set_new(p, o->name, json_true());
    json_t *t = closed(p);
    json_object_set_new(t, "anyOf",
                        json_pack("[{s:[s]},{s:[s]},{s:[s]},{s:[s]},{s:[s]}]", "required", "driver",
                                  "required", "url", "required", "start", "required", "pid",
                                  "required", "pidfile"));
    json_object_set_new(t, "allOf", cases);
    if (json_array_size(cases) == 0)
        json_object_del(t, "allOf");
    return t;
}

/* ---------------------------------------------------------------------------- benchmarks */

static void shorts(json_t *p, const DriverVocab *d)
{
    for (const RequestShort *s = d->shorts; s && s->key; s++)
        json_object_set_new(p, s->key,
                            s->sets ? ref("scalar")
                                    : schema_row(opt_find(d->request_opts, str(s->row))));
}

/* Which driver's request it is depends on the target, which a schema can't follow. */
static json_t *request(const SuiteVocab *v)
{
    json_t *any = json_array();
    bool text = false;
    for (const DriverVocab *d = v->drivers; d && d->name; d++) {
        if (!d->request_opts)
            continue;
        json_t *p = json_object();
        schema_rows(p, d->request_opts);
        shorts(p, d);
        json_t *one = closed(p);
        require(one, d->request_opts);
        json_object_set_new(one, "title", json_string(d->name));
        json_array_append_new(any, one);
        text |= d->default_path_key != NULL;
    }
    if (text)
        json_array_append_new(any, json_pack("{s:s}", "type", "string"));
    if (json_array_size(any))
        return json_pack("{s:o}", "anyOf", any);
    json_decref(any);
    return json_object();
}

/* One text, or a list of them. */
static json_t *texts(void)
{
    json_t *list =
        json_pack("{s:s,s:o,s:i}", "type", "array", "items", ref("scalar"), "minItems", 1);
    return json_pack("{s:[o,o]}", "anyOf", ref("scalar"), list);
}

/* The rows of all drivers, their short keys, and the words that steer. */
static json_t *step(const SuiteVocab *v)
{
    static const char *const words[] = { "name", "think", "loop", "if", "group", "script" };
    static const char *const lists[] = { "steps", "else", "once", "parallel" };
    json_t *p = json_object();
    for (const DriverVocab *d = v->drivers; d && d->name; d++) {
        shorts(p, d);
        if (d->request_opts)
            schema_rows(p, d->request_opts);
    }
    for (ptrdiff_t i = 0; i < ARRAY_LEN(words); i++)
        json_object_set_new(p, words[i], ref("scalar"));
    for (ptrdiff_t i = 0; i < ARRAY_LEN(lists); i++)
        json_object_set_new(p, lists[i], ref("steps"));
    put(p, "sets", texts(), "script: variables that the function sets");
    return json_pack("{s:[o,{s:s}]}", "anyOf", closed(p), "type", "string");
}

static json_t *scenario(void)
{
    json_t *p = json_object();
    schema_rows(p, scenario_opts);
    put(p, "login", ref("steps"), "before a user's first pass, and again after a 401");
    put(p, "steps", ref("steps"), "what a pass is made of");
    json_t *s = closed(p);
    json_object_set_new(s, "required", json_pack("[s]", "steps"));
    return s;
}

static json_t *scenarios(void)
{
    return json_pack("{s:s,s:{s:s},s:o,s:i}", "type", "object", "propertyNames", "pattern",
                     "^[A-Za-z0-9_-]{1,40}$", "additionalProperties", ref("scenario"),
                     "minProperties", 1);
}

static void add_common(json_t *p)
{
    schema_rows(p, benchmark_opts);
    schema_rows(p, pace_opts);
    put(p, "params", ref("params"), "values to be tried: each combination is a case");
    put(p, "rules", rules(false), "instead of the suite's, for this benchmark");
    put(p, "expect", ref("expect"), "promises: METRIC or METRIC.STATISTIC and its limit");
}

/* `required` and the keys that go with it, as one side of a oneOf. */
static json_t *kind_of(json_t *properties, const char *key, const char *with)
{
    json_t *names = keys_of(properties);
    json_decref(properties);
    json_t *k = json_pack("{s:[s],s:{s:o}}", "required", key, "propertyNames", "enum", names);
    if (with)
        json_array_append_new(json_object_get(k, "required"), json_string(with));
    return k;
}

/* Keys of a benchmark for one of several loads at a time, or for all of them. */
static json_t *loads(const json_t *l)
{
    json_t *own = json_deep_copy(l);
    json_object_del(own, "params");
    json_object_del(own, "compare");
    return json_pack("{s:s,s:o,s:i}", "type", "object", "additionalProperties", closed(own),
                     "minProperties", 2);
}

/* The rows of streams, of all drivers' streams, and of the load that publishes. */
static json_t *stream(const SuiteVocab *v)
{
    json_t *p = json_object();
    schema_rows(p, load_opts);
    json_object_del(p, "users");
    json_object_del(p, "connections");
    schema_rows(p, stage_opts);
    for (const DriverVocab *d = v->drivers; d && d->name; d++)
        if (d->stream_opts)
            schema_rows(p, d->stream_opts);
    schema_rows(p, stream_opts);
    json_object_del(p, "users");
    put(p, "stages",
        json_pack("{s:s,s:o,s:i}", "type", "array", "items", ref("stage"), "minItems", 1),
        "one after the other, instead of a rate");
    return closed(p);
}

static json_t *benchmark(const SuiteVocab *v)
{
    json_t *c = json_object(), *f = json_object(), *h = json_object(), *l = json_object();
    json_t *p = json_object(), *s = json_object(), *t = json_object();
    add_common(c);
    schema_rows(c, command_opts);
    put(c, "command", texts(), "command line, or a list of program and arguments");
    add_common(f);
    schema_rows(f, function_opts);
    put(f, "functions", texts(), "benchmark program, or a list of it and its arguments");
    add_common(h);
    schema_rows(h, command_opts);
    schema_rows(h, harness_opts);
    put(h, "harness", texts(), "command of another harness, whose results are taken in");
    add_common(l);
    put(l, "load", ref("load"), "users (closed) or rate (open), or stages of them");
    put(l, "stop", ref("scalar"), "condition that ends the load early");
    put(l, "request", request(v), "what each operation asks for; keys depend on the driver");
    put(l, "scenarios", scenarios(), "what users do step by step, drawn by weight for each pass");
    add_common(t);
    put(t, "stream", stream(v), "publishers and subscribers around a broker");
    put(t, "stop", ref("scalar"), "condition that ends the load early");
    json_object_update(p, t);
    json_object_update(p, c);
    json_object_update(p, f);
    json_object_update(p, h);
    json_object_update(s, l);
    json_object_del(s, "load");
    put(s, "loads", loads(l),
        "loads that run at the same time, by name; the keys beside it are for all");
    json_object_update(p, l);
    json_object_update(p, s);
    json_t *b = closed(p);
    json_object_set_new(b, "oneOf",
                        json_pack("[o,o,o,o,o,o]", kind_of(c, "command", NULL),
                                  kind_of(f, "functions", NULL), kind_of(h, "harness", NULL),
                                  kind_of(l, "load", "target"), kind_of(s, "loads", NULL),
                                  kind_of(t, "stream", "target")));
    return b;
}

/* ----------------------------------------------------------------------------------- top */

static json_t *section(const Opt *rows)
{
    json_t *p = json_object();
    schema_rows(p, rows);
    return closed(p);
}

static json_t *stage(void)
{
    json_t *s = section(stage_opts);
    json_object_set_new(s, "oneOf",
                        json_pack("[{s:[s]},{s:[s]}]", "required", "rate", "required", "users"));
    return s;
}

/* One steady stage, one stage, or a list of them. */
static json_t *load(void)
{
    json_t *p = json_object();
    schema_rows(p, load_opts);
    schema_rows(p, stage_opts);
    json_t *list =
        json_pack("{s:s,s:o,s:i}", "type", "array", "items", ref("stage"), "minItems", 1);
    put(p, "stages", list, "one after the other, instead of a rate or users");
    json_t *map = closed(p);
    json_object_set_new(map, "not", json_pack("{s:[s,s]}", "required", "users", "rate"));
    return json_pack("{s:[o,{s:s,s:o,s:i}]}", "anyOf", map, "type", "array", "items", ref("stage"),
                     "minItems", 1);
}

static json_t *defaults(void)
{
    json_t *p = json_object();
    schema_rows(p, pace_opts);
    put(p, "command", section(command_opts), "for every command");
    put(p, "functions", section(function_opts), "for every benchmark program");
    put(p, "load", section(load_opts), "for every load");
    return closed(p);
}

static json_t *named(const char *what, bool some)
{
    json_t *m = json_pack("{s:s,s:{s:s},s:o}", "type", "object", "propertyNames", "pattern",
                          "^[^\\s/:=,*?@-][^\\s/:=,*?@]{0,99}$", "additionalProperties", ref(what));
    if (some)
        json_object_set_new(m, "minProperties", json_integer(1));
    return m;
}

static json_t *definitions(const SuiteVocab *v)
{
    json_t *d = json_object();
    put(d, "scalar", scalar(), NULL);
    put(d, "params", params(), NULL);
    put(d, "expect", expect(), NULL);
    put(d, "rule", rule(), NULL);
    put(d, "load", load(), NULL);
    put(d, "stage", stage(), NULL);
    put(d, "step", step(v), NULL);
    put(d, "steps",
        json_pack("{s:s,s:o,s:i}", "type", "array", "items", ref("step"), "minItems", 1), NULL);
    put(d, "scenario", scenario(), NULL);
    put(d, "target", target(v), NULL);
    put(d, "benchmark", benchmark(v), NULL);
    return d;
}

json_t *suite_schema(const SuiteVocab *vocab)
{
    json_t *p = json_object();
    put(p, "assay", json_pack("{s:[i,s]}", "enum", 1, "1"), "version of the suite language");
    schema_rows(p, suite_opts);
    put(p, "defaults", defaults(), "for benchmarks that do not say otherwise");
    put(p, "targets", named("target", false), "what is measured: servers, databases, URLs");
    put(p, "benchmarks", named("benchmark", true), "what to measure, by name");
    put(p, "rules", rules(true), "how much worse than the baseline is critical, warning, notice");
    json_t *s = json_pack("{s:s,s:s,s:s}", "$schema", "http://json-schema.org/draft-07/schema#",
                          "title", "assay suite", "type", "object");
    json_object_set_new(s, "required", json_pack("[s,s]", "assay", "benchmarks"));
    json_object_set_new(s, "additionalProperties", json_false());
    json_object_set_new(s, "properties", p);
    json_object_set_new(s, "definitions", definitions(vocab));
    assert(json_object_size(s) == 7);
    return s;
}
