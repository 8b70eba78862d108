/* From options to a minder that can start workers, and to the text of calls. */
#include <errno.h>
#include <string.h>

#include "base/str_split.h"
#include "drivers/exec/exec_link.h"

enum { HEAD_MAX = 40, CALLS_MAX = 1 << 26 };

static int prepare_target(const ExecTargetOpts *o, ExecTarget *t, Err *err)
{
    StrList words = { 0 };
    if (!o->command)
        return err_set(err, -EINVAL,
                       "the exec driver needs a command, such as 'python3 worker.py'");
    TRY(str_split_words(&t->arena, str(o->command), &words, err));
    if (words.n == 0)
        return err_set(err, -EINVAL, "command: is empty");
    char **argv = ARENA_ARRAY(&t->arena, char *, words.n + 1);
    char ***programs = ARENA_ARRAY(&t->arena, char **, 2);
    programs[0] = argv;
    for (ptrdiff_t i = 0; i < words.n; i++)
        argv[i] = arena_strdup(&t->arena, words.v[i]);
    Minder *m = ARENA_NEW(&t->arena, Minder);
    t->program = (ChildProgram){ .speech = &exec_speech, .minder = m, .processes = o->processes };
    return minder_start(m, (char *const *const *)programs, err);
}

int exec_prepare_target(const void *opts, void *target, Err *err)
{
    ExecTarget *t = target;
    int r = prepare_target(opts, t, err);
    if (r < 0)
        arena_done(&t->arena);
    return r;
}

void exec_release_target(void *target)
{
    ExecTarget *t = target;
    minder_stop(t->program.minder);
    arena_done(&t->arena);
}

static int prepare_request(const ExecRequestOpts *o, TemplateEnv env, ExecRequest *r, Err *err)
{
    Str text = str(o->call ? o->call : "");
    if (o->feed && !template_varies(text, env.vars))
        return err_set(err, -EINVAL, "feed: no ${feed.COLUMN} in call");
    TRY(template_feed(&r->arena, o->feed, (FeedOrder)o->feed_order, &env, &r->feed, err));
    TRY(template_compile(&r->arena, text, QUOTE_NONE, env, &r->text, err));
    r->batch = o->batch;
    r->max = HEAD_MAX + 2 * template_max(r->text);
    if (r->max * r->batch > CALLS_MAX)
        return err_set(err, -EINVAL, "call: %u of up to %td bytes are more than 64 MiB", r->batch,
                       r->max);
    return 0;
}

int exec_prepare_request(const void *target, const void *opts, void *request, Err *err)
{
    return exec_prepare_step(target, opts, (TemplateEnv){ 0 }, request, err);
}

int exec_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                      Err *err)
{
    (void)target;
    int e = prepare_request(opts, env, request, err);
    if (e < 0)
        exec_release_request(request);
    return e;
}

void exec_release_request(void *request)
{
    arena_done(&((ExecRequest *)request)->arena);
}
