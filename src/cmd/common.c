/* What all commands share: options, failing, where the store is. */
#include "cmd/cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const Opt common_opts[] = {
    { .type = OPT_HEAD, .name = "General" },
    OPT(CommonOpts, help, BOOL, .letter = 'h', .help = "show this help"),
    OPT(CommonOpts, quiet, BOOL, .letter = 'q', .help = "errors only on stderr, no progress"),
    OPT(CommonOpts, verbose, BOOL, .letter = 'v', .help = "say more about what happens"),
    OPT(CommonOpts, debug, BOOL, .hidden = true, .help = "say everything"),
    OPT(CommonOpts, no_color, BOOL, .help = "no colour (NO_COLOR does the same)"),
    { .type = OPT_END },
};

const Opt output_opts[] = {
    { .type = OPT_HEAD, .name = "Results" },
    OPT(OutputOpts, json, STR, .arg = "FILE",
        .help = "write the run as JSON (assay.run/1); - is stdout"),
    OPT(OutputOpts, json_stream, STR, .arg = "FILE",
        .help = "write what loads do while they run, a JSON object a line (assay.stream/1); - is "
                "stdout"),
    OPT(OutputOpts, stream_interval, NS, .dflt = "1s", .min = 1e8, .max = 8.64e13,
        .help = "time that a line of it covers"),
    OPT(OutputOpts, md, STR, .arg = "FILE", .help = "write Markdown"),
    OPT(OutputOpts, report, LIST, .arg = "FILE",
        .help = "write a report; the ending chooses: .html .md .xml (JUnit) .json .csv"),
    OPT(OutputOpts, store, STR, .arg = "PATH",
        .help = "where runs are kept, a path or postgresql://USER@HOST/DB; else ASSAY_STORE, else "
                ".assay/assay.db"),
    OPT(OutputOpts, no_store, BOOL, .help = "keep nothing"),
    OPT(OutputOpts, tag, MAP, .arg = "K=V", .help = "note kept with the run"),
    OPT(OutputOpts, seed, U64, .arg = "N", .help = "seed of order and load; 0 draws one",
        .dflt = "0"),
    OPT(OutputOpts, strict, BOOL, .help = "inconclusive comparisons exit with 6"),
    { .type = OPT_END },
};

int cmd_fail(Ctx *ctx, ExitCode code, const Err *err)
{
    log_error(&ctx->log, "%s", err->msg);
    return code;
}

int cmd_usage(Ctx *ctx, const Cmd *cmd, const char *fmt, ...)
{
    char msg[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    log_error(&ctx->log, "%s: %s (see assay %s --help)", cmd->name, msg, cmd->name);
    return ASSAY_USAGE;
}

const Cmd *cmd_find(const char *name)
{
    for (const Cmd *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

const char *store_place(Ctx *ctx, const char *option, const char *dir)
{
    const char *env = getenv("ASSAY_STORE");
    if (option)
        return option;
    if (env && *env)
        return env;
    return fs_join(&ctx->arena, dir, ".assay/assay.db");
}
