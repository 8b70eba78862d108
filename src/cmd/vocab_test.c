/* What the build's drivers add to the suite language: their keys do not clash with others, and the
 * schema that is checked in for editors is the one that `assay init --schema` writes (ASSAY_REGEN=1
 * writes it here). */
#include "cmd/vocab.h"

#include <glob.h>
#include <string.h>

#include "base/fs.h"
#include "model/schema.h"
#include "tap.h"

static void test_clashes(const SuiteVocab *v)
{
    for (const DriverVocab *d = v->drivers; d->name; d++) {
        CHECK(!d->default_path_key || opt_find(d->request_opts, str(d->default_path_key)),
              "%s: what a bare request sets is one of its keys", d->name);
        OPT_EACH (o, d->target_opts)
            CHECK(!opt_find(service_opts, str(o->name)) && strcmp(o->name, "driver") != 0,
                  "%s: target key '%s' is the driver's alone", d->name, o->name);
    }
}

/* `stream` has the rows of the stream, of its driver and of the load in one mapping. */
static void test_stream_clashes(const SuiteVocab *v)
{
    ptrdiff_t n = 0;
    OPT_EACH (o, stream_opts)
        n += o->type != OPT_HEAD &&
             (opt_find(load_opts, str(o->name)) || opt_find(stage_opts, str(o->name)));
    for (const DriverVocab *d = v->drivers; d->name; d++)
        for (const Opt *o = d->stream_opts; o && o->type != OPT_END; o++)
            n += opt_find(load_opts, str(o->name)) || opt_find(stage_opts, str(o->name)) ||
                 opt_find(stream_opts, str(o->name)) || opt_find(d->target_opts, str(o->name));
    CHECK_INT(n, 0, "keys of streams clash with no others");
}

static void test_schema(const SuiteVocab *v)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    CLEANUP(json_free) json_t *schema = suite_schema(v);
    const char *root = getenv("ASSAY_ROOT");
    const char *path = arena_printf(&a, "%s/docs/schema/suite.schema.json", root ? root : ".");
    Str want = { 0 };
    Err err = { 0 };
    CHECK(json_print(schema, &text, &err) == 0, "it prints");
    if (getenv("ASSAY_REGEN"))
        CHECK(fs_write(path, strbuf_str(&text), &err) == 0, "wrote %s", path);
    CHECK(fs_read(&a, path, 1 << 20, &want, &err) == 0, "docs/schema/suite.schema.json is there");
    CHECK(str_eq(want, strbuf_str(&text)), "and is what this build's rows give "
                                           "(assay init --schema docs/schema/suite.schema.json)");
}

static void test_suite(const SuiteVocab *v)
{
    static const char text[] = "assay: 1\n"
                               "targets:\n"
                               "  web: { url: 'http://127.0.0.1:1/' }\n"
                               "  idle: { driver: null, delay: 1ms }\n"
                               "benchmarks:\n"
                               "  a: { target: web, load: { rate: 5/s }, request: /x }\n"
                               "  b: { target: idle, load: { users: 3 } }\n";
    Suite *s = NULL;
    Err err = { 0 };
    int r = suite_parse_text(&s, str(text), "t.yaml", v, NULL, &err);
    CHECK(r == 0 && s->n_cases == 2, "a suite over these drivers is read: %s", err.msg);
    CHECK(s && strcmp(s->targets[0].driver->name, "http") == 0, "the scheme chooses the driver");
    suite_free(s);
}

static int next_port(void *user, uint16_t *ret, Err *err)
{
    (void)err;
    *ret = (*(uint16_t *)user)++;
    return 0;
}

/* Suites that ship with the program need nothing but what this build has. */
static void test_shipped(const SuiteVocab *v)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(globfree) glob_t found = { 0 };
    uint16_t port = 9000;
    const char *root = getenv("ASSAY_ROOT");
    SuiteFlags flags = { .free_port = next_port, .user = &port };
    glob(arena_printf(&a, "%s/suites/*/*.yaml", root ? root : "."), 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        Suite *s = NULL;
        Err err = { 0 };
        int r = suite_load(&s, found.gl_pathv[i], v, &flags, &err);
        CHECK(r == 0 && s->warnings.n == 0, "%s is read without a warning: %s",
              strstr(found.gl_pathv[i], "suites/"), r < 0 ? err.msg : "");
        suite_free(s);
    }
    CHECK(found.gl_pathc > 0, "%zu suites are shipped", found.gl_pathc);
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    SuiteVocab v = drivers_vocab(&a);
    test_clashes(&v);
    test_stream_clashes(&v);
    test_schema(&v);
    test_suite(&v);
    test_shipped(&v);
    return tap_done();
}
