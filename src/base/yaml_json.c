#include "base/yaml_json.h"

#include "base/json.h"

static void put_string(Str s, StrBuf *out)
{
    strbuf_addz(out, "\"");
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\')
            strbuf_addf(out, "\\%c", c);
        else if (c < 0x20)
            strbuf_addf(out, "\\u%04x", c);
        else
            strbuf_add(out, str_slice(s, i, i + 1));
    }
    strbuf_addz(out, "\"");
}

/* One call and nothing else, of those that draw numbers. */
static bool is_number_call(Str s)
{
    static const char *const calls[] = { "${uniform(", "${zipf(", "${hotspot(",
                                         "${seq(",     "${user(", "${now(" };
    if (!str_ends(s, STR(")}")) || str_find_char(s, '}') != s.len - 1)
        return false;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(calls); i++)
        if (str_starts(s, str(calls[i])))
            return true;
    return false;
}

static bool is_json_value(Str s)
{
    json_error_t error;
    CLEANUP(json_free) json_t *j = json_loadb(s.ptr, (size_t)s.len, JSON_DECODE_ANY, &error);
    return json_is_number(j) || json_is_boolean(j) || json_is_null(j);
}

static void put_scalar(const YamlNode *n, StrBuf *out)
{
    if (yaml_is_null(n))
        strbuf_addz(out, "null");
    else if (!n->quoted && (is_number_call(n->text) || is_json_value(n->text)))
        strbuf_add(out, n->text);
    else
        put_string(n->text, out);
}

void yaml_to_json(const YamlNode *n, StrBuf *out)
{
    if (n->kind == YAML_SCALAR) {
        put_scalar(n, out);
        return;
    }
    strbuf_addz(out, n->kind == YAML_MAP ? "{" : "[");
    for (ptrdiff_t i = 0; i < n->n; i++) {
        strbuf_addz(out, i ? "," : "");
        if (n->kind == YAML_MAP) {
            put_string(n->pairs[i].key->text, out);
            strbuf_addz(out, ":");
        }
        yaml_to_json(n->kind == YAML_MAP ? n->pairs[i].value : n->items[i], out);
    }
    strbuf_addz(out, n->kind == YAML_MAP ? "}" : "]");
}
