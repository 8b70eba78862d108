/* One option row as a JSON Schema property. */
#include <string.h>

#include "model/schema.h"

#define NUMBER "[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?"
#define OR_REF "|\\$\\{"

/* The texts that base/fmt understands, or anything with a reference in it. */
static const char *pattern_of(OptType t)
{
    switch (t) {
    case OPT_BOOL:
        return "^(true|false|yes|no|on|off)$" OR_REF;
    case OPT_U32:
    case OPT_U64:
    case OPT_F64:
        return "^" NUMBER " ?[kMG]?$" OR_REF;
    case OPT_NS:
        return "^0$|^(" NUMBER " ?(ns|us|µs|μs|ms|s|min|m|h|d))+$" OR_REF;
    case OPT_BYTES:
        return "^" NUMBER " ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?$" OR_REF;
    case OPT_RATE:
        return "^" NUMBER " ?[kMG]?(/(s|m|min|h))?$" OR_REF;
    case OPT_SHARE:
        return "^" NUMBER " ?%?$" OR_REF;
    case OPT_STR:
    case OPT_LIST:
    case OPT_MAP:
    case OPT_ENUM:
    case OPT_HEAD:
    case OPT_END:
        break;
    }
    return NULL;
}

static json_t *scalar_ref(void)
{
    return json_pack("{s:s}", "$ref", "#/definitions/scalar");
}

/* A choice such as 1.1 is a number to YAML. */
static json_t *enum_of(const Opt *o)
{
    json_t *names = json_array();
    for (ptrdiff_t i = 0; o->choices[i]; i++) {
        double v;
        json_array_append_new(names, json_string(o->choices[i]));
        if (str_to_f64(str(o->choices[i]), &v) == 0)
            json_array_append_new(names, json_num(v));
    }
    return json_pack("{s:[{s:o},{s:s,s:s}]}", "anyOf", "enum", names, "type", "string", "pattern",
                     "\\$\\{");
}

static json_t *typed(const Opt *o)
{
    switch (o->type) {
    case OPT_BOOL:
        return json_pack("{s:[s,s]}", "type", "boolean", "string");
    case OPT_U32:
    case OPT_U64:
    case OPT_NS:
    case OPT_BYTES:
        return json_pack("{s:[s,s]}", "type", "integer", "string");
    case OPT_F64:
    case OPT_RATE:
    case OPT_SHARE:
        return json_pack("{s:[s,s]}", "type", "number", "string");
    case OPT_LIST:
        return json_pack("{s:[o,{s:s,s:o}]}", "anyOf", scalar_ref(), "type", "array", "items",
                         scalar_ref());
    case OPT_MAP:
        return json_pack("{s:s,s:o}", "type", "object", "additionalProperties", scalar_ref());
    case OPT_ENUM:
        return enum_of(o);
    case OPT_STR:
    case OPT_HEAD:
    case OPT_END:
        break;
    }
    return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
}

/* Bounds bind numbers only; a text's unit is the parser's business. A duration's only number is 0.
 */
static void add_range(json_t *j, const Opt *o)
{
    bool numeric = o->type == OPT_U32 || o->type == OPT_U64 || o->type == OPT_F64 ||
                   o->type == OPT_BYTES || o->type == OPT_RATE || o->type == OPT_SHARE;
    if (o->type == OPT_NS) {
        json_object_set_new(j, "minimum", json_integer(0));
        json_object_set_new(j, "maximum", json_integer(0));
    } else if (numeric) {
        bool ranged = o->min < o->max;
        json_object_set_new(j, "minimum", json_num(ranged ? o->min : 0));
        if (ranged)
            json_object_set_new(j, "maximum", json_num(o->max));
    }
}

static json_t *default_of(const Opt *o)
{
    double v;
    if (o->type == OPT_BOOL)
        return json_boolean(strcmp(o->dflt, "true") == 0);
    if (str_to_f64(str(o->dflt), &v) == 0 && o->type != OPT_STR && o->type != OPT_ENUM)
        return json_num(v);
    return json_string(o->dflt);
}

json_t *schema_row(const Opt *o)
{
    json_t *j = o->json ? json_pack("{s:[s,s,s,s,s]}", "type", "string", "number", "boolean",
                                    "object", "array")
                        : typed(o);
    const char *pattern = pattern_of(o->type);
    if (pattern)
        json_object_set_new(j, "pattern", json_string(pattern));
    add_range(j, o);
    if (o->help)
        json_object_set_new(j, "description", json_string(o->help));
    if (o->dflt && *o->dflt)
        json_object_set_new(j, "default", default_of(o));
    return j;
}

void schema_rows(json_t *properties, const Opt *rows)
{
    if (!rows)
        return;
    OPT_EACH (o, rows)
        if (o->type != OPT_HEAD && !o->hidden)
            json_object_set_new(properties, o->name, schema_row(o));
}
