#include "cmd/against.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "launch/git.h"

static int open_revision(Ctx *ctx, const Suite *suite, const char *ref, Against *ret, Err *err)
{
    GitState git;
    git_read(&ctx->arena, suite->dir, &git);
    if (!git.top)
        return err_set(err, -ENOENT, "--against %s: not a folder, and '%s' is in no git repository",
                       ref, suite->dir);
    char *temp;
    TRY(fs_make_temp(&ctx->arena, "assay-against", &temp, err));
    const char *tree = arena_printf(&ctx->arena, "%s/tree", temp);
    int r = git_checkout(&ctx->arena, suite->dir, ref, tree, &ret->commit, err);
    if (r < 0) {
        rmdir(temp);
        return err_wrap(err, "--against");
    }
    ret->tree = tree;
    ret->repo = git.top;
    ret->dir = arena_printf(&ctx->arena, "%s%s", tree, git_inside(git.top, suite->dir));
    return 0;
}

int against_open(Ctx *ctx, const Suite *suite, const char *what, Against *ret, Err *err)
{
    *ret = (Against){ .label = what };
    if (!fs_is_dir(what))
        return open_revision(ctx, suite, what, ret, err);
    char *real = realpath(what, NULL);
    if (!real)
        return err_errno(err, -errno, "--against %s", what);
    ret->dir = arena_strdup(&ctx->arena, real);
    free(real);
    return 0;
}

static bool built_before(const Suite *suite, ptrdiff_t i)
{
    for (ptrdiff_t k = 0; k < i; k++)
        if (suite->cases[k].build && strcmp(suite->cases[k].build, suite->cases[i].build) == 0)
            return true;
    return suite->build && strcmp(suite->build, suite->cases[i].build) == 0;
}

int against_build(Ctx *ctx, Launcher *l, const Suite *suite, const char *dir, Err *err)
{
    StrMap env = { 0 };
    if (suite->build) {
        log_note(&ctx->log, "building in %s", dir);
        TRY(command_hook(l, suite->build, dir, &env, err));
    }
    for (ptrdiff_t i = 0; i < suite->n_cases; i++)
        if (suite->cases[i].build && !built_before(suite, i))
            TRY(command_hook(l, suite->cases[i].build, dir, &env, err));
    return 0;
}

/* A path below the suite's folder, moved to the other side's; others stay. */
static const char *move(Ctx *ctx, const Suite *suite, const Against *base, const char *path)
{
    Str dir = str(suite->dir), p = str(path);
    bool below = path && str_starts(p, dir) && (p.len == dir.len || path[dir.len] == '/');
    return below ? arena_printf(&ctx->arena, "%s%s", base->dir, path + dir.len) : path;
}

/* Only the program itself may lie below the suite's folder; arguments are left as they are. */
static StrList move_argv(Ctx *ctx, const Suite *suite, const Against *base, const StrList *argv)
{
    StrList out = { 0 };
    for (ptrdiff_t i = 0; i < argv->n; i++)
        strlist_add(&ctx->arena, &out, i ? argv->v[i] : move(ctx, suite, base, argv->v[0]));
    return out;
}

CommandSpec against_command(Ctx *ctx, const Suite *suite, const Against *base,
                            const CommandSpec *head)
{
    CommandSpec c = *head;
    c.cwd = head->cwd ? move(ctx, suite, base, head->cwd) : base->dir;
    c.argv = move_argv(ctx, suite, base, &head->argv);
    return c;
}

FunctionSpec against_function(Ctx *ctx, const Suite *suite, const Against *base,
                              const FunctionSpec *head)
{
    FunctionSpec f = *head;
    f.cwd = head->cwd ? move(ctx, suite, base, head->cwd) : base->dir;
    f.argv = move_argv(ctx, suite, base, &head->argv);
    return f;
}

static bool shares_port(const Suite *a, const Suite *b)
{
    for (ptrdiff_t i = 0; i < a->ports.n; i++)
        for (ptrdiff_t k = 0; k < b->ports.n; k++)
            if (strcmp(a->ports.v[i].value, b->ports.v[k].value) == 0)
                return true;
    return false;
}

static int check_addresses(const Suite *a, const Suite *b, Err *err)
{
    for (ptrdiff_t i = 0; i < a->n_targets; i++) {
        const SuiteTarget *x = &a->targets[i], *y = &b->targets[i];
        if (x->service.start && x->url && y->url && strcmp(x->url, y->url) == 0)
            return err_set(
                err, -EINVAL,
                "%s:%d: targets.%s: --against starts both sides, and both would be at %s; "
                "write ${port.%s} for the port in 'url' and 'start'",
                a->path, x->line, x->name, x->url, x->name);
    }
    return 0;
}

int against_suite(Ctx *ctx, const Suite *suite, const Against *base, const SuiteVocab *vocab,
                  const SuiteFlags *flags, Suite **ret, Err *err)
{
    const char *slash = strrchr(suite->path, '/');
    const char *path =
        arena_printf(&ctx->arena, "%s/%s", base->dir, slash ? slash + 1 : suite->path);
    Suite *s = NULL;
    do {
        suite_free(s);
        TRY(suite_parse_text(&s, suite->text, path, vocab, flags, err));
    } while (shares_port(suite, s)); /* free ports are drawn at random */
    int r = check_addresses(suite, s, err);
    if (r < 0)
        suite_free(s);
    else
        *ret = s;
    return r;
}

void against_close(const Against *a)
{
    if (!a->tree)
        return;
    git_checkout_remove(a->repo, a->tree);
    CLEANUP(arena_done) Arena scratch = { 0 };
    rmdir(fs_dirname(&scratch, a->tree));
}
