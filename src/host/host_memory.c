/* What was found about a testbed, kept for later runs on it. */
#include <errno.h>
#include <stdlib.h>

#include "base/fmt.h"
#include "base/fs.h"
#include "host/host.h"

/* NULL when this user has no home. */
static const char *place(Arena *a, const Testbed *t)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (!t->fingerprint)
        return NULL;
    if (state && *state == '/')
        return arena_printf(a, "%s/assay/host-%s.json", state, t->fingerprint);
    if (home && *home == '/')
        return arena_printf(a, "%s/.local/state/assay/host-%s.json", home, t->fingerprint);
    return NULL;
}

int host_remember(Arena *a, const HostReport *r, Err *err)
{
    const char *path = place(a, &r->testbed);
    CLEANUP(json_free) json_t *j = host_json(r);
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    if (!path)
        return err_set(err, -ENOENT, "there is no folder to keep this in (HOME is not set)");
    TRY(json_print(j, &text, err));
    TRY(fs_mkdirs(fs_dirname(a, path), err));
    return fs_write(path, strbuf_str(&text), err);
}

const char *host_recall(Arena *a, const Testbed *t)
{
    static const char *const names[] = { "command", "function", "request" };
    const char *path = place(a, t);
    Str text;
    Err err;
    CLEANUP(json_free) json_t *j = NULL;
    if (!path || fs_read(a, path, 1 << 20, &text, &err) < 0 || json_parse(text, path, &j, &err) < 0)
        return NULL;
    const char *grade = json_get_text(json_object_get(j, "noise"), "grade");
    const json_t *effects = json_object_get(j, "smallest_effect");
    if (!grade || !effects)
        return NULL;
    CLEANUP(strbuf_done) StrBuf b = { .max = 256 };
    strbuf_addf(&b, "%.20s; smallest effect:", grade);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++) {
        char share[FMT_MAX];
        strbuf_addf(&b, "%s %s %s", i ? "," : "", names[i],
                    fmt_share(share, json_get_num(effects, names[i])));
    }
    return arena_strdup(a, strbuf_z(&b));
}
