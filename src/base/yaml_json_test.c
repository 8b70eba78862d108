#include "base/yaml_json.h"

#include "tap.h"

int main(void)
{
    static const struct {
        const char *yaml, *json;
    } rows[] = {
        { "a: 1\nb: -2.5e3\nc: 007\n", "{\"a\":1,\"b\":-2.5e3,\"c\":\"007\"}" },
        { "[true, false, null, ~, yes, '', x]", "[true,false,null,null,\"yes\",\"\",\"x\"]" },
        { "['1', \"true\", 'null']", "[\"1\",\"true\",\"null\"]" },
        { "a: \"q\\\"\\\\\\n\\t\\x01ä\"", "{\"a\":\"q\\\"\\\\\\u000a\\u0009\\u0001ä\"}" },
        { "a: ${uniform(1,9)}\nb: \"${uniform(1,9)}\"\nc: ${uuid()}\nd: ${seq()} x\n",
          "{\"a\":${uniform(1,9)},\"b\":\"${uniform(1,9)}\",\"c\":\"${uuid()}\",\"d\":\"${seq()} "
          "x\"}" },
        { "a: {}\nb: []\nc: [[1], {d: [2]}]\n", "{\"a\":{},\"b\":[],\"c\":[[1],{\"d\":[2]}]}" },
        { "\"k\\\"\": [.inf, nan, 0x10]", "{\"k\\\"\":[\".inf\",\"nan\",\"0x10\"]}" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        const YamlNode *n = NULL;
        Err err = { 0 };
        if (!CHECK(yaml_parse(&a, str(rows[i].yaml), "f", 1 << 16, &n, &err) == 0, "parses: %s",
                   err.msg))
            continue;
        yaml_to_json(n, &b);
        CHECK_STR(strbuf_z(&b), rows[i].json, "row %td", i);
    }
    return tap_done();
}
