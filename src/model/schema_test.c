/* The schema is what is checked in at test/suites/suite.schema.json (ASSAY_REGEN=1 writes it),
 * takes every good suite and refuses those bad ones whose fault a schema can see. */
#include "model/schema.h"

#include "model/suite_test_vocab.h"
#include "tap.h"

static const char *root(void)
{
    const char *r = getenv("ASSAY_ROOT");
    return r ? r : ".";
}

static void test_checked_in(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    CLEANUP(json_free) json_t *schema = suite_schema(&test_vocab);
    const char *path = arena_printf(&a, "%s/test/suites/suite.schema.json", root());
    Str want = { 0 };
    Err err = { 0 };
    CHECK(json_print(schema, &text, &err) == 0, "it prints");
    if (getenv("ASSAY_REGEN"))
        CHECK(fs_write(path, strbuf_str(&text), &err) == 0, "wrote %s", path);
    CHECK(fs_read(&a, path, 1 << 20, &want, &err) == 0, "%s is there", path);
    CHECK(str_eq(want, strbuf_str(&text)), "and equals what the rows give");
}

static json_t *property(const char *map, const char *key)
{
    CLEANUP(json_free) json_t *schema = suite_schema(&test_vocab);
    const json_t *d = json_object_get(json_object_get(schema, "definitions"), map);
    json_t *first = json_array_get(json_object_get(d, "anyOf"), 0); /* a load's mapping */
    return json_incref(json_object_get(json_object_get(first ? first : d, "properties"), key));
}

static void test_rows(void)
{
    CLEANUP(json_free) json_t *duration = property("benchmark", "duration");
    CHECK(json_get_text(duration, "pattern") && json_get_text(duration, "description"),
          "a duration has a pattern and its help");
    CLEANUP(json_free) json_t *users = property("load", "connections");
    CHECK(json_get_num(users, "maximum") > 0, "a count has its range");
    CLEANUP(json_free) json_t *overload = property("load", "overload");
    json_t *names = json_object_get(json_array_get(json_object_get(overload, "anyOf"), 0), "enum");
    CHECK_INT(json_array_size(names), 3, "a choice has its names");
    CLEANUP(json_free) json_t *argv = property("benchmark", "argv");
    CHECK(argv == NULL, "what is no row is no key");
}

int main(void)
{
    test_checked_in();
    test_rows();
    return tap_done();
}
