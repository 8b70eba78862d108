/* Functions of a script, called from a coroutine as users do. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load/reactor.h"
#include "load/script.h"
#include "load/template.h"
#include "tap.h"

static const char *const lua =
    "function setup(user) user.n = 10 * user.id end\n"
    "function count(user) user.n = user.n + 1; user.vars.a = user.n end\n"
    "function join(user) user.vars.b = (user.vars.a or '-') .. (user.vars.none or '!') end\n"
    "function deep(user) local function f(n) return n == 0 and 0 or 1 + f(n - 1) end\n"
    "  user.vars.a = ('%d'):format(f(3000)) .. ('x'):rep(10):gsub('x', '%0%0') end\n"
    "function say(user, reply) return false, reply.status .. reply.header('A-b') .. #reply.body "
    "end\n"
    "function many(user) user.n = user.n + 1; return false, 'way ' .. user.n end\n"
    "function thrown() error({}) end\n"
    "function bad(user) user.vars.a = {} end\n"
    "function good() return 'text' end\n";

typedef struct Bed {
    Arena arena;
    const char *names[3];
    StrList vars;
    Script *script;
    ScriptState *state;
    DrawVar values[3];
    Draw draw;
    VuIo io;
    int fn;
    const ScriptReply *reply;
    const char *why;
} Bed;

static const char *write_file(Bed *b, const char *text)
{
    const char *path = arena_printf(&b->arena, "%s/assay-script-%d.lua", P_tmpdir, (int)getpid());
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        abort();
    return path;
}

static int prepare(Bed *b, const char *text, Err *err)
{
    static const char *const names[] = { "a", "b", "none" };
    memcpy(b->names, names, sizeof names);
    b->vars = (StrList){ .v = b->names, .n = 3 };
    const char *path = write_file(b, text);
    int r = script_prepare(&b->arena, path, &b->vars, &b->script, err);
    unlink(path);
    return r;
}

static int find(Bed *b, const char *name)
{
    Err err;
    return script_find(b->script, str(name), &err);
}

static void inside(void *arg, Coro *self)
{
    Bed *b = arg;
    b->io.coro = self;
    b->why = b->reply ? script_check(&b->io, b->fn, b->reply) : script_step(&b->io, b->fn);
}

static const char *call(Bed *b, const char *name, const ScriptReply *reply)
{
    CoroPool pool = { 0 };
    Coro *c;
    b->fn = find(b, name);
    b->reply = reply;
    if (coro_new(&pool, inside, b, &c, NULL) < 0)
        abort();
    coro_resume(c);
    coro_free(&pool, c);
    coro_pool_done(&pool);
    return b->why;
}

static const char *value(const Bed *b, ptrdiff_t var)
{
    static char text[80];
    Str v = draw_get(&b->draw, var);
    snprintf(text, sizeof text, STR_FMT, STR_ARG(v));
    return text;
}

static void as_user(Bed *b, uint32_t user)
{
    b->draw = (Draw){ .user = user, .n_users = 4, .vars = b->values, .script = b->state };
    b->io.draw = &b->draw;
}

static void test_steps(Bed *b)
{
    as_user(b, 2);
    CHECK(!call(b, "count", NULL), "a step");
    CHECK_STR(value(b, 0), "21", "set up, with its number, then called");
    CHECK(!call(b, "join", NULL), "another");
    CHECK_STR(value(b, 1), "21!", "what is empty is nil");
    as_user(b, 3);
    call(b, "count", NULL);
    CHECK_STR(value(b, 0), "31", "another user has a table of its own");
    as_user(b, 2);
    call(b, "count", NULL);
    CHECK_STR(value(b, 0), "22", "which each of them keeps");
    CHECK(!call(b, "deep", NULL), "deeper than a user's stack");
    CHECK_STR(value(b, 0), "3000xxxxxxxxxxxxxxxxxxxx", "and right");
    CHECK(!call(b, "good", NULL), "what is true went well");
}

static Str header(void *user, Str name)
{
    return str_eqz(name, "a-b") ? str(user) : (Str){ 0 };
}

static void test_failures(Bed *b)
{
    char of_header[] = "found";
    const ScriptReply r = {
        .status = 201, .body = STR("four"), .header = header, .user = of_header
    };
    CHECK_STR(call(b, "say", &r), "check failed: script say: 201found4", "a reply, looked at");
    CHECK(strstr(call(b, "bad", NULL), ".lua:9: variable 'a' takes text or a number, not a table"),
          "what a variable takes, and where");
    CHECK_STR(call(b, "thrown", NULL), "script thrown: an error that is no text", "thrown objects");
    const char *first = call(b, "many", NULL);
    for (int i = 0; i < 20; i++)
        call(b, "many", NULL);
    CHECK(strstr(first, "script many: way ") != NULL, "each failure has its text");
    CHECK_STR(call(b, "many", NULL), "a script failed in many ways", "but not without end");
    const char *again = call(b, "bad", NULL);
    CHECK(again == call(b, "bad", NULL), "the same text is the same pointer");
}

static void test_refusals(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = { { "x = = 1", ".lua:1: unexpected symbol near '='" },
                 { "\n\nerror('no')", ".lua:3: no" },
                 { "x.y = 1", ".lua:1: attempt to index global 'x' (a nil value)" } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        Bed b = { 0 };
        Err err = { 0 };
        CHECK(prepare(&b, rows[i].text, &err) == -EINVAL && strstr(err.msg, rows[i].why),
              "refused: %s", rows[i].why);
        arena_done(&b.arena);
    }
}

int main(void)
{
    Bed b = { 0 };
    Err err = { 0 };
    int r = prepare(&b, lua, &err);
    if (r == -ENOTSUP) {
        tap_skip("this build has no LuaJIT (libluajit-5.1-dev)");
        arena_done(&b.arena);
        return tap_done();
    }
    CHECK(r == 0, "a file of functions: %s", err.msg);
    static const char *const functions[] = { "count", "join", "deep", "say",
                                             "many",  "bad",  "good", "thrown" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(functions); i++)
        CHECK_INT(find(&b, functions[i]), i, "found, and numbered");
    CHECK_INT(find(&b, "nobody"), -EINVAL, "one that is not there");
    CHECK_INT(find(&b, "count"), 0, "found again");
    CHECK_INT(script_state_new(b.script, &b.state, &err), 0, "a thread's state");
    test_steps(&b);
    test_failures(&b);
    script_state_free(b.state);
    script_release(b.script);
    draw_forget(&b.draw, 3, true);
    arena_done(&b.arena);
    test_refusals();
    return tap_done();
}
