#include "base/yaml.h"

#include <errno.h>

#include "tap.h"

static const YamlNode *parse(Arena *a, const char *text, Err *err)
{
    const YamlNode *n = NULL;
    *err = (Err){ 0 };
    return yaml_parse(a, str(text), "f", 1 << 16, &n, err) < 0 ? NULL : n;
}

static void test_tree(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err;
    const YamlNode *n = parse(&a, "a: 1\nb:\n  - x\n  - 'y'\n  - ü: ${z}\n\"c\":\n", &err);
    if (!CHECK(n && n->kind == YAML_MAP && n->n == 3, "a map: %s", err.msg))
        return;
    const YamlNode *b = yaml_get(n, "b"), *z = yaml_get(b->items[2], "ü");
    CHECK(b->kind == YAML_SEQ && b->n == 3 && b->line == 3 && b->column == 3,
          "a list at its place");
    CHECK(!b->items[0]->quoted && b->items[1]->quoted, "quotes are kept");
    CHECK(z && z->line == 5 && z->column == 8, "columns count characters");
    CHECK(n->dollar && z->dollar && !b->items[0]->dollar, "a dollar is seen from above");
    CHECK(n->height == 3 && n->weight == 12, "height and weight");
    CHECK(yaml_is_null(yaml_get(n, "c")) && !yaml_is_null(z), "nothing is null");
    CHECK(!yaml_get(n, "d") && !yaml_get(NULL, "a") && !yaml_get(z, "a"), "absent");
    char show[YAML_SHOW_MAX];
    CHECK_STR(yaml_show(show, b), "a list", "shown");
    CHECK_STR(yaml_show(show, yaml_get(n, "a")), "'1'", "shown");
}

static void test_refusals(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "f:1:1: the file is empty" },
        { "a: 1\na: 2", "f:2:1: key 'a' stands twice (first in line 1); keep one" },
        { "{a: 1, b: {c: 1, d: 2, c: 3}}",
          "f:1:24: key 'c' stands twice (first in line 1); keep one" },
        { "a: [1, 2", "f:2:1: expected ',' or ']' here: the '[' of line 1 is still open" },
        { "? [a]\n: b", "f:1:3: a key must be plain text, not a mapping or a list" },
        { "a: !!binary x",
          "f:1:4: tags have no meaning here; leave out 'tag:yaml.org,2002:binary'" },
        { "a: &x [*x]", "f:1:8: alias '*x' stands inside its own anchor" },
        { "a: 1\n--- \nb: 1", "f:2:1: a second document begins; a file holds one" },
        { "a: \xc3(", "f:1:4: byte 0xc3 is not UTF-8; save the file as UTF-8" },
        { "ü: \xc3", "f:1:4: byte 0xc3 is not UTF-8; save the file as UTF-8" },
        { "a: 1\n\tb: 2", "f:2:1: a tab cannot indent; use spaces" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        Err err;
        CHECK(!parse(&a, rows[i].text, &err) && err.code == -EINVAL, "refused");
        CHECK_STR(err.msg, rows[i].want, "with the place");
    }
}

static void test_merge(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err;
    const YamlNode *n =
        parse(&a, "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {c: 3, <<: [*x, *y], d: 3}", &err);
    const YamlNode *z = yaml_get(n, "z");
    if (!CHECK(z && z->n == 4, "four keys: %s", err.msg))
        return;
    CHECK(str_eqz(yaml_get(z, "a")->text, "1") && str_eqz(yaml_get(z, "b")->text, "1"),
          "an earlier merge wins");
    CHECK(str_eqz(yaml_get(z, "c")->text, "3") && str_eqz(z->pairs[0].key->text, "c"),
          "own keys win");
    CHECK(parse(&a, "x: !!str 5\ny: !!int '7'\n", &err) != NULL, "plain types may be named");
    CHECK(parse(&a, "- '<<'\n- {'<<': 1}", &err) != NULL, "a quoted << is a key like others");
}

static int shout(void *user, Arena *a, const YamlNode *scalar, Str *ret)
{
    int *calls = user;
    ++*calls;
    if (str_eqz(scalar->text, "$bad"))
        return -EINVAL;
    *ret = str(arena_printf(a, STR_FMT "!", STR_ARG(scalar->text)));
    return 0;
}

static void test_expand(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err;
    int calls = 0;
    const YamlNode *n = parse(&a, "a: [$x, y]\nb: {c: 1}", &err);
    const YamlNode *e = yaml_expand(&a, n, shout, &calls);
    CHECK(e && calls == 1 && e != n, "only scalars with a dollar are asked for");
    CHECK(e && str_eqz(yaml_get(e, "a")->items[0]->text, "$x!"), "and replaced");
    CHECK(e && yaml_get(e, "a")->items[0]->from == yaml_get(n, "a")->items[0],
          "where from is kept");
    CHECK(e && yaml_get(e, "b") == yaml_get(n, "b"), "the rest is shared");
    n = parse(&a, "a: [$bad, $y]", &err);
    calls = 0;
    CHECK(!yaml_expand(&a, n, shout, &calls) && calls == 2, "a refusal does not hide the others");
}

static void test_with(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Err err;
    const YamlNode *n = parse(&a, "a: 1\nb_c: 2", &err);
    const YamlNode *v = yaml_new_scalar(&a, STR("$9"), "--set");
    const YamlNode *m = yaml_with(&a, n, "b-c", v);
    CHECK(m->n == 2 && yaml_get(m, "b_c") == v && m->dollar, "replaced");
    CHECK(yaml_get(n, "b_c") != v && !n->dollar, "the old one stays");
    CHECK(yaml_with(&a, n, "d", v)->n == 3 && yaml_with(&a, NULL, "d", v)->n == 1, "added");
}

static void test_diag(void)
{
    YamlDiag d = { .file = "f" };
    const YamlNode at = { .line = 3, .column = 4 };
    Err err = { 0 };
    CHECK(yaml_diag_end(&d, &err) == 0, "nothing to complain about");
    CHECK(yaml_refuse(&d, &at, "a.b", "x%sy", "\n") == -EINVAL, "a complaint");
    yaml_refuse(&d, &at, "a.b", "again");
    CHECK(yaml_diag_end(&d, &err) == -EINVAL && d.n == 1, "one per place");
    CHECK_STR(err.msg, "f:3:4: a.b: x y", "one line each");
    const YamlNode below = { .line = 4, .column = 1 };
    yaml_refuse(&d, &below, NULL, "%.1s", "\xc3\xbc");
    CHECK(yaml_diag_end(&d, &err) == -EINVAL, "a second");
    CHECK_STR(err.msg, "f:3:4: a.b: x y\nf:4:1: ?", "never half a character");
    for (int i = 0; i < 20; i++) {
        const YamlNode there = { .line = i, .column = 2 };
        yaml_refuse(&d, &there, NULL, "m");
    }
    CHECK(yaml_diag_full(&d) && d.n == 22 && yaml_diag_end(&d, &err) < 0, "ten are enough");
    CHECK(str_ends(str(err.msg), STR("\n… and more")), "the others are mentioned");
    yaml_diag_done(&d);
}

/* 2000 keys in random order, and one of them again. */
static void test_many_keys(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    Err err;
    for (int i = 0; i < 2000; i++)
        strbuf_addf(&b, "k%d: %d\n", i * 769 % 2000, i);
    const YamlNode *n = parse(&a, strbuf_z(&b), &err);
    CHECK(n && n->n == 2000 && str_eqz(n->pairs[1].key->text, "k769"), "order is kept");
    strbuf_addz(&b, "k0: 1\n");
    CHECK(!parse(&a, strbuf_z(&b), &err), "a double among many");
    CHECK_STR(err.msg, "f:2001:1: key 'k0' stands twice (first in line 1); keep one", "is found");
}

int main(void)
{
    test_tree();
    test_refusals();
    test_merge();
    test_expand();
    test_with();
    test_diag();
    test_many_keys();
    return tap_done();
}
