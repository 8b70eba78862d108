/* Statements, and what in them is a value. */
#include "drivers/postgresql/pg_sql.h"

#include "tap.h"

static const struct {
    const char *text, *want; /* statements, each behind it its number of values; "!": refused */
} cases[] = {
    { "SELECT 1", "SELECT 1|0 " },
    { "a; b ;; c", "a|0 b|0 c|0 " },
    { " ; ", "" },
    { "SELECT ${uniform(1,9)}", "SELECT $1|1 " },
    { "x ${seq()} y ${seq()}; z ${seq()}", "x $1 y $2|2 z $1|1 " },
    { "x = 'k ${user()} it''s'", "x = $1|1 " },
    { "x = 'a;b' ; c", "x = 'a;b'|0 c|0 " },
    { "x = E'\\';' ; c", "x = E'\\';'|0 c|0 " },
    { "RULE (a; b); c", "RULE (a; b)|0 c|0 " },
    { "DO $$ a; b $$; c", "DO $$ a; b $$|0 c|0 " },
    { "DO $t$ a; $$ $t$", "DO $t$ a; $$ $t$|0 " },
    { "a -- b; c\n; d", "a -- b; c|0 d|0 " },
    { "a /* b; /* c; */ ; */; d", "a /* b; /* c; */ ; */|0 d|0 " },
    { "\"a;b\"", "\"a;b\"|0 " },
    { "a$b ${x}", "a$b ${x}|0 " },
    { "SELECT $1", "!" },
    { "SELECT 'a", "!" },
    { "SELECT \"a", "!" },
    { "a /* b", "!" },
    { "DO $$ a", "!" },
    { "SELECT \"${seq()}\"", "!" },
    { "E'${seq()}'", "!" },
    { "-- ${seq()}", "!" },
    { "DO $$ ${seq()} $$", "!" },
    { "SELECT ${uniform(1,", "!" },
    { "SELECT ${nothing()}", "!" },
};

int main(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        CLEANUP(strbuf_done) StrBuf b = { 0 };
        SqlScript s = { 0 };
        Err err;
        if (sql_compile(&a, str(cases[i].text), (TemplateEnv){ 0 }, &s, &err) < 0)
            strbuf_addz(&b, "!");
        else
            for (ptrdiff_t k = 0; k < s.n; k++)
                strbuf_addf(&b, "%s|%td ", s.v[k].text, s.v[k].n_values);
        CHECK_STR(strbuf_z(&b), cases[i].want, "%s", cases[i].text);
    }
    return tap_done();
}
