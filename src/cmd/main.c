/* The program: finds the sub-command, reads its options, runs it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/help.h"

/* The one place of run state outside the structs: signal handlers reach nothing else. */
static volatile sig_atomic_t signal_seen;
static volatile bool stop_flag;

int stop_signal(void)
{
    return signal_seen;
}

/* The first signal asks for an orderly end; the second one ends at once. */
static void on_signal(int sig)
{
    if (stop_flag)
        _exit(128 + sig);
    signal_seen = sig;
    stop_flag = true;
}

static void install_signals(void)
{
    struct sigaction sa = { .sa_handler = on_signal };
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    if (signal(SIGHUP, SIG_IGN) != SIG_IGN) /* nohup keeps what it asked for */
        sigaction(SIGHUP, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is an error from write(), like a full disk */
}

static int take_common(Ctx *ctx)
{
    ctx->log.level = ctx->common.quiet     ? LOG_ERROR
                     : ctx->common.debug   ? LOG_DEBUG
                     : ctx->common.verbose ? LOG_INFO
                                           : LOG_NOTE;
    ctx->log.colour = !ctx->common.no_color && term_wants_colour(STDERR_FILENO);
    ctx->log.live = term_is_live(STDERR_FILENO) && !ctx->common.quiet;
    return 0;
}

static ptrdiff_t count_sets(const OptSet *sets)
{
    ptrdiff_t n = 0;
    while (sets && sets[n].rows)
        n++;
    return n;
}

/* The command's own rows and the common ones behind them. */
static OptSet *join_sets(Ctx *ctx, const Cmd *cmd)
{
    const OptSet *own = cmd->sets ? cmd->sets(ctx) : NULL;
    ptrdiff_t n = count_sets(own);
    OptSet *all = ARENA_ARRAY(&ctx->arena, OptSet, n + 2);
    if (n)
        memcpy(all, own, (size_t)n * sizeof *all);
    all[n] = (OptSet){ common_opts, &ctx->common };
    for (OptSet *s = all; s->rows; s++)
        opt_defaults(&ctx->arena, s->rows, s->dst);
    return all;
}

static int run_command(Ctx *ctx, const Cmd *cmd, int argc, char **argv)
{
    ctx->argc = argc;
    ctx->argv = argv;
    OptSet *sets = join_sets(ctx, cmd);
    StrList pos = { 0 };
    ptrdiff_t dashdash;
    Err err = { 0 };
    int r = opt_parse(&ctx->arena, sets, argc, argv, &pos, &dashdash, &err);
    take_common(ctx);
    if (ctx->common.help) {
        help_command(cmd, sets);
        return ASSAY_OK;
    }
    if (r < 0) {
        err_wrap(&err, "%s", cmd->name);
        return cmd_fail(ctx, ASSAY_USAGE, &err);
    }
    return cmd->run(ctx, &pos, dashdash);
}

static int no_such_command(Ctx *ctx, const char *name)
{
    const char *names[64];
    ptrdiff_t n = 0;
    for (const Cmd *const *c = commands; *c && n < ARRAY_LEN(names); c++)
        names[n++] = (*c)->name;
    const char *near = str_nearest(str(name), names, n);
    Err err = { 0 };
    if (near)
        err_set(&err, -EINVAL, "unknown command '%s'; did you mean '%s'?", name, near);
    else
        err_set(&err, -EINVAL, "unknown command '%s' (see assay --help)", name);
    return cmd_fail(ctx, ASSAY_USAGE, &err);
}

static bool is_word(const char *arg, const char *a, const char *b)
{
    return strcmp(arg, a) == 0 || strcmp(arg, b) == 0;
}

static int dispatch(Ctx *ctx, int argc, char **argv)
{
    take_common(ctx);
    if (argc < 2) {
        help_overview(stderr);
        return ASSAY_USAGE;
    }
    const char *name = argv[1];
    if (is_word(name, "--version", "version")) {
        help_version();
        return ASSAY_OK;
    }
    if (is_word(name, "--help", "-h") || (strcmp(name, "help") == 0 && argc == 2)) {
        help_overview(stdout);
        return ASSAY_OK;
    }
    bool help = strcmp(name, "help") == 0;
    const Cmd *cmd = cmd_find(help ? argv[2] : name);
    if (!cmd)
        return no_such_command(ctx, help ? argv[2] : name);
    if (help) {
        help_command(cmd, join_sets(ctx, cmd));
        return ASSAY_OK;
    }
    return run_command(ctx, cmd, argc - 2, argv + 2);
}

/* A closed pipe or a full disk behind stdout must not pass for success. */
static int flush_stdout(Ctx *ctx, int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE)
        return code ? code : 0;
    Err err = { 0 };
    err_errno(&err, errno ? -errno : -EIO, "write standard output");
    return cmd_fail(ctx, code ? (ExitCode)code : ASSAY_FAILED, &err);
}

int main(int argc, char **argv)
{
    install_signals();
    CLEANUP(arena_done) Arena keep = { 0 };
    Ctx ctx = { .stop = &stop_flag };
    int code = flush_stdout(&ctx, dispatch(&ctx, argc, argv));
    keep = ctx.arena; /* freed on the way out */
    return code;
}
