#include "launch/git_range.h"

#include <errno.h>

#include "base/str.h"

/* Fields of a line of the log, split by a byte that no subject holds. */
#define FORMAT "--format=%H%x1f%s%x1f%an%x1f%cI"

static int resolve(Arena *a, const char *dir, const char *ref, const char **ret, Err *err)
{
    const char *argv[] = { "git",       "-C",       dir,
                           "rev-parse", "--verify", arena_printf(a, "%s^{commit}", ref),
                           NULL };
    Str out;
    if (capture(a, argv, false, &out, NULL) < 0)
        return err_set(err, -ENOENT, "'%s' is no revision that git knows in '%s'", ref, dir);
    *ret = arena_str(a, str_trim(out));
    return 0;
}

static GitCommit read_line(Arena *a, Str line)
{
    const char *field[4] = { "", "", "", "" };
    Str part;
    for (int i = 0; i < 4 && str_cut(&line, '\x1f', &part); i++)
        field[i] = arena_str(a, part);
    return (GitCommit){ field[0], field[1], field[2], field[3] };
}

int git_range(Arena *a, const char *dir, const char *text, GitRange *ret, Err *err)
{
    Str all = str(text);
    ptrdiff_t dots = str_find(all, STR(".."));
    const char *good = arena_str(a, str_slice(all, 0, dots < 0 ? all.len : dots));
    const char *bad = dots < 0 || dots + 2 == all.len ? "HEAD" : text + dots + 2;
    const char *end;
    *ret = (GitRange){ 0 };
    TRY(resolve(a, dir, *good ? good : "HEAD", &ret->good, err));
    TRY(resolve(a, dir, bad, &end, err));
    const char *argv[] = { "git",
                           "-C",
                           dir,
                           "log",
                           "--first-parent",
                           "--reverse",
                           FORMAT,
                           arena_printf(a, "%s..%s", ret->good, end),
                           NULL };
    Str out, line;
    TRY(capture(a, argv, false, &out, err));
    while (out.len && str_cut(&out, '\n', &line))
        if (line.len)
            ARENA_PUSH(a, ret->v, ret->n, ret->cap, read_line(a, line));
    if (ret->n == 0)
        return err_set(err, -EINVAL, "no commit lies between %s and %s", *good ? good : "HEAD",
                       bad);
    return 0;
}
