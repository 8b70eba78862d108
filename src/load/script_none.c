/* A build without LuaJIT. */
#include <errno.h>

#include "load/script.h"

int script_prepare(Arena *a, const char *path, const StrList *vars, Script **ret, Err *err)
{
    (void)a;
    (void)vars;
    (void)ret;
    return err_set(err, -ENOTSUP,
                   "script: %s: scripts are not in this build (libluajit-5.1-dev was missing)",
                   path);
}

void script_release(Script *s)
{
    assert(!s);
    (void)s;
}

int script_find(Script *s, Str name, Err *err)
{
    (void)s;
    return err_set(err, -EINVAL,
                   "script: no function '" STR_FMT "': the scenario has no file of functions",
                   STR_ARG(name));
}

int script_state_new(const Script *s, ScriptState **ret, Err *err)
{
    (void)s;
    (void)ret;
    return err_set(err, -ENOTSUP, "scripts are not in this build");
}

void script_state_free(ScriptState *s)
{
    assert(!s);
    (void)s;
}

const char *script_step(VuIo *io, int fn)
{
    (void)io;
    (void)fn;
    return "scripts are not in this build";
}

const char *script_check(VuIo *io, int fn, const ScriptReply *reply)
{
    (void)reply;
    return script_step(io, fn);
}
