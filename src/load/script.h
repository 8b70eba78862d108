/* Lua beside the steps of a scenario, for what they can't say: a signature over a request, a next
 * page that has to be worked out, a reply that only code can judge. LuaJIT, where the build has it.
 *
 *     function setup(user) user.key = read_key(user.id) end          -- once for each user
 *     function sign(user) user.vars.sig = hmac(user.key, user.vars.path) end    -- { script: sign }
 *     function fresh(user, reply) return reply.body:find("new"), "stale" end   -- check: { script:
 * fresh }
 *
 *     user.id, user.users   its number, from 0, and how many there are
 *     user.vars.NAME        the scenario's variables: text; nil when empty. Assign text or numbers
 *     user.anything         the user's own, kept over its passes
 *     reply.status, .body, .time (seconds), .header("name")
 *
 * A function that returns nothing, or something true, went well; false, or nil with a text, is a
 * failure, and so is an error. The file runs once for each thread, which shares its globals among
 * its users.
 *
 * A function runs on the thread's stack, not on the user's, and nothing else runs on the thread
 * meanwhile: it costs about half a microsecond, and what waits for something holds up all. */
#pragma once

#include "base/arena.h"
#include "load/driver.h"

typedef struct Script Script;           /* a file, compiled; shared by all threads, read only */
typedef struct ScriptState ScriptState; /* one thread's */

/* Runs the file once, so that what is wrong with it shows now. In the arena, but for what
 * script_release frees; `vars` borrowed. -ENOENT …, -EINVAL: "flow.lua:3: …"; -ENOTSUP. */
MUST_CHECK int script_prepare(Arena *a, const char *path, const StrList *vars, Script **ret,
                              Err *err);
/* NULL is fine. */
void script_release(Script *s);
/* Number of one of its functions. -EINVAL; also when `s` is NULL. */
MUST_CHECK int script_find(Script *s, Str name, Err *err);

/* When every function has been found. Owned, script_state_free. -EINVAL, -ENOMEM. */
MUST_CHECK int script_state_new(const Script *s, ScriptState **ret, Err *err);
void script_state_free(ScriptState *s);

typedef struct ScriptReply {
    int status;
    Str body;
    uint64_t took_ns;
    Str (*header)(void *user, Str name); /* ptr NULL: it has none; the name in lower case */
    void *user;
} ScriptReply;

/* On a user whose draw has a state: call the function. NULL: it went well; else why not, which
 * lasts as long as the state. */
const char *script_step(VuIo *io, int fn);
const char *script_check(VuIo *io, int fn, const ScriptReply *reply);
