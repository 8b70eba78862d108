#include "load/script.h"

#include <ctype.h>
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "load/reactor.h"
#include "load/template.h"

enum {
    FILE_BYTES_MAX = 16 << 20,
    WHYS_MAX = 16, /* different texts that a thread keeps */
    WHY_BYTES = 160,
    HEADER_NAME_MAX = 128,
};

struct Script {
    Arena *a;
    const char *path, *chunk; /* "@flow.lua": how Lua calls it */
    Str text;
    const StrList *vars;
    StrList names; /* functions that were asked for, by their numbers */
    ScriptState *probe;
};

struct ScriptState {
    const Script *script;
    lua_State *lua;
    /* Of the call at hand: */
    Draw *draw;
    const ScriptReply *reply;
    char *whys[WHYS_MAX]; /* owned */
    int n_whys;
};

/* One call, on its way to the thread's stack. */
typedef struct Call {
    ScriptState *s;
    Draw *draw;
    int fn;
    const ScriptReply *reply; /* NULL: a step */
    const char *why;
} Call;

/* ---- what Lua sees ---- */

static ScriptState *state_of(lua_State *lua)
{
    return lua_touserdata(lua, lua_upvalueindex(1));
}

static Str text_at(lua_State *lua, int index)
{
    size_t n;
    const char *s = luaL_checklstring(lua, index, &n);
    return (Str){ s, (ptrdiff_t)n };
}

static ptrdiff_t variable_at(lua_State *lua, const ScriptState *s, int index)
{
    ptrdiff_t var = template_var(s->script->vars, text_at(lua, index));
    if (var < 0)
        luaL_error(lua, "no variable is called '%s'; 'extract' or 'sets' of a step names them",
                   lua_tostring(lua, index));
    return var;
}

static int get_variable(lua_State *lua)
{
    ScriptState *s = state_of(lua);
    Str value = draw_get(s->draw, variable_at(lua, s, 2));
    if (value.len)
        lua_pushlstring(lua, value.ptr, (size_t)value.len);
    else
        lua_pushnil(lua);
    return 1;
}

static int set_variable(lua_State *lua)
{
    ScriptState *s = state_of(lua);
    ptrdiff_t var = variable_at(lua, s, 2);
    if (!lua_isnil(lua, 3) && !lua_isstring(lua, 3)) /* numbers are, too */
        luaL_error(lua, "variable '%s' takes text or a number, not a %s", lua_tostring(lua, 2),
                   luaL_typename(lua, 3));
    Str value = lua_isnil(lua, 3) ? (Str){ 0 } : text_at(lua, 3);
    if (draw_set(s->draw, var, value) < 0)
        luaL_error(lua, "no memory for a variable");
    return 0;
}

static int get_header(lua_State *lua)
{
    const ScriptState *s = state_of(lua);
    Str name = text_at(lua, 1), value = { 0 };
    char lower[HEADER_NAME_MAX];
    for (ptrdiff_t i = 0; i < MIN(name.len, (ptrdiff_t)sizeof lower); i++)
        lower[i] = (char)tolower((unsigned char)name.ptr[i]);
    if (s->reply && name.len <= (ptrdiff_t)sizeof lower)
        value = s->reply->header(s->reply->user, (Str){ lower, name.len });
    if (value.ptr)
        lua_pushlstring(lua, value.ptr, (size_t)value.len);
    else
        lua_pushnil(lua);
    return 1;
}

static void push_closure(lua_State *lua, ScriptState *s, lua_CFunction f)
{
    lua_pushlightuserdata(lua, s);
    lua_pushcclosure(lua, f, 1);
}

/* One table for all users: it looks at the call at hand. Registered as "assay.vars". */
static void make_vars(lua_State *lua, ScriptState *s)
{
    lua_newtable(lua);
    lua_newtable(lua);
    push_closure(lua, s, get_variable);
    lua_setfield(lua, -2, "__index");
    push_closure(lua, s, set_variable);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    lua_setfield(lua, LUA_REGISTRYINDEX, "assay.vars");
}

static void make_user(lua_State *lua, const Draw *d)
{
    lua_newtable(lua);
    lua_pushinteger(lua, (lua_Integer)d->user);
    lua_setfield(lua, -2, "id");
    lua_pushinteger(lua, (lua_Integer)d->n_users);
    lua_setfield(lua, -2, "users");
    lua_getfield(lua, LUA_REGISTRYINDEX, "assay.vars");
    lua_setfield(lua, -2, "vars");
}

/* The user's table on top; made, and set up, when it is not there yet. */
static void push_user(lua_State *lua, const Draw *d)
{
    lua_getfield(lua, LUA_REGISTRYINDEX, "assay.users");
    lua_rawgeti(lua, -1, (int)d->user + 1);
    if (!lua_isnil(lua, -1))
        return;
    make_user(lua, d);
    lua_getglobal(lua, "setup");
    if (lua_isfunction(lua, -1)) {
        lua_pushvalue(lua, -2);
        lua_call(lua, 1, 0);
    } else {
        lua_pop(lua, 1);
    }
    lua_pushvalue(lua, -1);
    lua_rawseti(lua, -4, (int)d->user + 1);
}

static void push_reply(lua_State *lua, ScriptState *s)
{
    const ScriptReply *r = s->reply;
    lua_createtable(lua, 0, 4);
    lua_pushinteger(lua, r->status);
    lua_setfield(lua, -2, "status");
    lua_pushlstring(lua, r->body.ptr ? r->body.ptr : "", (size_t)r->body.len);
    lua_setfield(lua, -2, "body");
    lua_pushnumber(lua, (double)r->took_ns / 1e9);
    lua_setfield(lua, -2, "time");
    push_closure(lua, s, get_header);
    lua_setfield(lua, -2, "header");
}

/* ---- calls ---- */

/* Each different text is kept once: counts of causes go by it. */
static const char *keep_why(ScriptState *s, const Call *c, const char *text)
{
    char why[WHY_BYTES];
    snprintf(why, sizeof why, "%sscript %s: %s", c->reply ? "check failed: " : "",
             s->script->names.v[c->fn], text);
    for (int i = 0; i < s->n_whys; i++)
        if (strcmp(s->whys[i], why) == 0)
            return s->whys[i];
    char *kept = s->n_whys < WHYS_MAX ? strdup(why) : NULL;
    if (!kept)
        return "a script failed in many ways";
    s->whys[s->n_whys] = kept;
    s->n_whys++;
    return kept;
}

static void judge_results(lua_State *lua, int first, Call *c)
{
    int n = lua_gettop(lua) - first + 1;
    const char *text = n > 1 && lua_isstring(lua, first + 1) ? lua_tostring(lua, first + 1) : NULL;
    bool failed = n > 0 && !lua_toboolean(lua, first) && (text || lua_isboolean(lua, first));
    if (failed)
        c->why = keep_why(c->s, c, text ? text : "returned false");
}

static int call_protected(lua_State *lua)
{
    Call *c = lua_touserdata(lua, 1);
    push_user(lua, c->draw);
    int user = lua_gettop(lua);
    lua_getglobal(lua, c->s->script->names.v[c->fn]);
    lua_pushvalue(lua, user);
    if (c->reply)
        push_reply(lua, c->s);
    lua_call(lua, c->reply ? 2 : 1, LUA_MULTRET);
    judge_results(lua, user + 1, c);
    return 0;
}

static const char *error_text(lua_State *lua)
{
    const char *text = lua_tostring(lua, -1);
    return text ? text : "an error that is no text";
}

static void carry_out(void *arg)
{
    Call *c = arg;
    ScriptState *s = c->s;
    s->draw = c->draw;
    s->reply = c->reply;
    if (lua_cpcall(s->lua, call_protected, c))
        c->why = keep_why(s, c, error_text(s->lua));
    lua_settop(s->lua, 0);
    s->reply = NULL;
}

static const char *call(VuIo *io, int fn, const ScriptReply *reply)
{
    Call c = { .s = io->draw->script, .draw = io->draw, .fn = fn, .reply = reply };
    coro_outside(io->coro, carry_out, &c);
    return c.why;
}

const char *script_step(VuIo *io, int fn)
{
    return call(io, fn, NULL);
}

const char *script_check(VuIo *io, int fn, const ScriptReply *reply)
{
    return call(io, fn, reply);
}

/* ---- states ---- */

static int begin_protected(lua_State *lua)
{
    ScriptState *s = lua_touserdata(lua, 1);
    luaL_openlibs(lua);
    make_vars(lua, s);
    lua_newtable(lua);
    lua_setfield(lua, LUA_REGISTRYINDEX, "assay.users");
    const Script *of = s->script;
    if (luaL_loadbuffer(lua, of->text.ptr, (size_t)of->text.len, of->chunk))
        return lua_error(lua);
    lua_call(lua, 0, 0);
    return 0;
}

int script_state_new(const Script *script, ScriptState **ret, Err *err)
{
    ScriptState *s = calloc(1, sizeof *s);
    if (s)
        s->lua = luaL_newstate();
    if (!s || !s->lua) {
        free(s);
        return err_set(err, -ENOMEM, "%s: no memory for Lua", script->path);
    }
    s->script = script;
    if (lua_cpcall(s->lua, begin_protected, s)) {
        err_set(err, -EINVAL, "script: %s", error_text(s->lua));
        script_state_free(s);
        return -EINVAL;
    }
    lua_settop(s->lua, 0);
    *ret = s;
    return 0;
}

void script_state_free(ScriptState *s)
{
    if (!s)
        return;
    lua_close(s->lua);
    for (int i = 0; i < s->n_whys; i++)
        free(s->whys[i]);
    free(s);
}

/* ---- files ---- */

int script_prepare(Arena *a, const char *path, const StrList *vars, Script **ret, Err *err)
{
    Script *s = ARENA_NEW(a, Script);
    Str text;
    TRY(fs_read(a, path, FILE_BYTES_MAX, &text, err));
    *s = (Script){ .a = a,
                   .path = arena_strdup(a, path),
                   .chunk = arena_printf(a, "@%s", path),
                   .text = text,
                   .vars = vars };
    TRY(script_state_new(s, &s->probe, err));
    *ret = s;
    return 0;
}

void script_release(Script *s)
{
    if (s)
        script_state_free(s->probe);
}

int script_find(Script *s, Str name, Err *err)
{
    if (!s)
        return err_set(
            err, -EINVAL,
            "script: the scenario has no file of functions; say 'script: FILE.lua' beside 'steps'");
    const char *z = arena_str(s->a, name);
    lua_getglobal(s->probe->lua, z);
    bool there = lua_isfunction(s->probe->lua, -1);
    lua_settop(s->probe->lua, 0);
    if (!there)
        return err_set(err, -EINVAL, "script: %s has no global function '%.60s'", s->path, z);
    for (ptrdiff_t i = 0; i < s->names.n; i++)
        if (strcmp(s->names.v[i], z) == 0)
            return (int)i;
    strlist_add(s->a, &s->names, z);
    return (int)s->names.n - 1;
}
