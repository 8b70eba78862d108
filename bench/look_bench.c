/* What looking into replies costs: an iteration takes one value. Run it by
 * `assay bench build/bench/look_bench`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assay/bench.h"
#include "base/json_find.h"
#include "drivers/http/html_form.h"
#include "drivers/http/http_jar.h"
#include "drivers/regex.h"
#include "load/reactor.h"
#include "load/script.h"
#include "load/template.h"

/* 1 KiB of objects, with what is looked for at the very end. */
static Str document(void)
{
    static char text[1200];
    int n = snprintf(text, sizeof text, "{\"items\":[");
    for (int i = 0; n < 960; i++)
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "%s{\"id\":%d,\"name\":\"item %d\",\"tags\":[\"a\",\"b\"]}", i ? "," : "", i,
                      i);
    n +=
        snprintf(text + n, sizeof text - (size_t)n, "],\"auth\":{\"token\":\"abcdef0123456789\"}}");
    return (Str){ text, n };
}

static void pointer(AssayBench *b, const char *which)
{
    Str text = document(), raw = { 0 };
    char buf[64];
    ASSAY_LOOP(b)
    {
        assay_clobber();
        if (json_find(text, str(which), &raw) != 0)
            abort();
        ptrdiff_t n = json_unquote(raw, buf);
        assay_keep(n);
    }
}

ASSAY_BENCH(json_pointer_1kib_end)
{
    pointer(b, "/auth/token");
}

ASSAY_BENCH(json_pointer_1kib_begin)
{
    pointer(b, "/items/0/name");
}

ASSAY_BENCH(regex_1kib_end)
{
    Regex *r = NULL;
    RegexScratch *scratch = NULL;
    Err err;
    Str text = document(), found = { 0 };
    if (regex_compile("token\":\"(\\w+)", &r, &err) < 0)
        abort();
    ASSAY_LOOP(b)
    {
        bool there = regex_find(r, &scratch, text, &found);
        assay_keep(there);
        assay_clobber();
    }
    regex_scratch_free(scratch);
    regex_free(r);
}

ASSAY_BENCH(form_field)
{
    Str page =
        STR("<html><body><form action=/x><p>Name <input name=who value=''>"
            "<input type=hidden name=_csrf value=\"0123456789abcdef\"></form></body></html>");
    ASSAY_LOOP(b)
    {
        Str v = html_form_value(page, STR("_csrf"));
        assay_keep(v.len);
        assay_clobber();
    }
}

ASSAY_BENCH(cookie_line)
{
    HttpJar jar = { 0 };
    Str line;
    if (jar_take(&jar, STR("sid=0123456789abcdef; Path=/"), STR("/"), 0) < 0 ||
        jar_take(&jar, STR("theme=dark; Path=/"), STR("/"), 0) < 0)
        abort();
    ASSAY_LOOP(b)
    {
        int r = jar_line(&jar, STR("/item/42"), false, &line);
        assay_keep(r);
        assay_clobber();
    }
    jar_clear(&jar);
}

ASSAY_BENCH(variable)
{
    Arena a = { 0 };
    Err err;
    Template *t = NULL;
    const char *names[] = { "token" };
    StrList vars = { .v = names, .n = 1 };
    DrawVar value = { 0 };
    Draw d = { .rng = rng_new(1, "bench", 0), .n_users = 1, .vars = &value };
    if (template_compile(&a, STR("Bearer ${token}"), QUOTE_HEADER, (TemplateEnv){ .vars = &vars },
                         &t, &err) < 0 ||
        draw_set(&d, 0, STR("0123456789abcdef0123456789abcdef")) < 0)
        abort();
    char *buf = malloc((size_t)template_room(t, &d) + 1);
    ASSAY_LOOP(b)
    {
        draw_next(&d, NULL);
        ptrdiff_t n = template_render(t, &d, buf);
        assay_keep(n);
        assay_clobber();
    }
    free(buf);
    draw_forget(&d, 1, true);
    arena_done(&a);
}

/* A function that sets a variable, called from a user's coroutine. */
typedef struct ScriptBed {
    AssayBench *b;
    VuIo io;
    int fn;
} ScriptBed;

static void call_script(void *arg, Coro *self)
{
    ScriptBed *bed = arg;
    bed->io.coro = self;
    ASSAY_LOOP(bed->b)
    {
        const char *why = script_step(&bed->io, bed->fn);
        assay_keep(why);
    }
}

static void write_script(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f ||
        fputs("function next(user) user.vars.page = (tonumber(user.vars.page) or 0) + 1 end", f) <
            0 ||
        fclose(f) != 0)
        abort();
}

ASSAY_BENCH(script_sets_variable)
{
    static const char *names[] = { "page" };
    Arena a = { 0 };
    Err err;
    StrList vars = { .v = names, .n = 1 };
    DrawVar values[1] = { 0 };
    Script *script = NULL;
    CoroPool pool = { 0 };
    Coro *c;
    const char *path = arena_printf(&a, "%s/assay-bench-%d.lua", P_tmpdir, (int)getpid());
    write_script(path);
    int r = script_prepare(&a, path, &vars, &script, &err);
    unlink(path);
    if (r < 0)
        abort();
    ScriptBed bed = { .b = b, .fn = script_find(script, STR("next"), &err) };
    Draw draw = { .n_users = 1, .vars = values };
    bed.io.draw = &draw;
    if (script_state_new(script, &draw.script, &err) < 0 ||
        coro_new(&pool, call_script, &bed, &c, &err) < 0)
        abort();
    coro_resume(c);
    coro_free(&pool, c);
    coro_pool_done(&pool);
    script_state_free(draw.script);
    script_release(script);
    draw_forget(&draw, 1, true);
    arena_done(&a);
}

ASSAY_MAIN
