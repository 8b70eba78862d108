/* Suites: whatever the bytes, they are read into sound cases or refused with a place. */
#include "fuzz.h"
#include "model/suite_test_vocab.h"

static void check_case(const Suite *s, ptrdiff_t i)
{
    const SuiteCase *c = &s->cases[i];
    FUZZ_HOLDS(str_starts(str(c->name), str(c->benchmark)));
    FUZZ_HOLDS(i == 0 || strcmp(c->name, s->cases[i - 1].name) != 0);
    FUZZ_HOLDS(c->rival_of < s->n_cases && c->group < s->n_cases);
    if (c->kind == KIND_COMMAND) {
        FUZZ_HOLDS(c->command.argv.n > 0);
        return;
    }
    FUZZ_HOLDS(c->kind == KIND_LOAD);
    FUZZ_HOLDS((c->load.users > 0) + (c->load.rate > 0) + (c->load.stages.n > 0) == 1 ||
               c->load.find_rate);
    FUZZ_HOLDS(c->target && c->target->driver);
    FUZZ_HOLDS(!c->target->driver->target_opts || c->target_opts);
    FUZZ_HOLDS(!c->target->driver->request_opts || c->request_opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    CLEANUP(suite_freep) Suite *s = NULL;
    int port = 0;
    SuiteFlags flags = { .env = test_env, .free_port = test_port, .user = &port };
    Err err = { 0 };
    Str text = { (const char *)bytes, (ptrdiff_t)n };
    int r = suite_parse_text(&s, text, "f.yaml", &test_vocab, &flags, &err);
    if (r < 0) {
        FUZZ_HOLDS(!s && err.code == r);
        FUZZ_HOLDS(str_starts(str(err.msg), STR("f.yaml:")));
        FUZZ_HOLDS(utf8_invalid_at(str(err.msg)) < 0);
        return 0;
    }
    FUZZ_HOLDS(s->n_cases > 0 && s->n_cases <= (s->allow_large ? 1000000 : SUITE_CASES_MAX));
    for (ptrdiff_t i = 0; i < s->n_cases; i++)
        check_case(s, i);
    return 0;
}
