/* Sub-commands: one file each, one row in the table of commands.c. Only this room prints and
 * decides exit codes.
 *
 * Results go to stdout, talk to stderr. A command returns an ExitCode; when it fails it says why
 * through cmd_fail. */
#pragma once

#include "base/fs.h"
#include "base/log.h"
#include "base/opt.h"
#include "judge/judge.h"
#include "lab/lab.h"
#include "model/exit_code.h"
#include "model/run.h"
#include "store/store.h"

/* Options that every command takes. */
typedef struct CommonOpts {
    bool help, quiet, verbose, debug, no_color, version;
} CommonOpts;
extern const Opt common_opts[];

/* Options of commands that produce a run. */
typedef struct OutputOpts {
    const char *store;
    bool no_store;
    const char *json, *md, *json_stream;
    uint64_t stream_interval;
    StrList report;
    StrMap tag;
    bool strict;
    uint64_t seed;
} OutputOpts;
extern const Opt output_opts[];

typedef struct Ctx {
    Arena arena; /* lives as long as the program */
    Log log;
    CommonOpts common;
    const volatile bool *stop; /* SIGINT or SIGTERM came */
    int argc;                  /* words behind the command's name, for choosing option rows */
    char *const *argv;
    bool warned_of_password;
    void *own; /* the running command's own options, set by its sets() */
} Ctx;

typedef struct Cmd {
    const char *name;
    const char *args;                /* "URL", "'CMD A' ['CMD B' ...]" */
    const char *summary;             /* one line */
    const char *about;               /* what it does, and examples */
    const OptSet *(*sets)(Ctx *ctx); /* own option rows with structs, ended by rows NULL; defaults
                                        are set by the caller */
    int (*run)(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash);
} Cmd;

/* All commands, ended by name == NULL. */
extern const Cmd *const commands[];
extern const Cmd cmd_time, cmd_bench, cmd_load, cmd_stream, cmd_run, cmd_compare, cmd_check,
    cmd_baseline, cmd_report, cmd_history, cmd_host, cmd_selftest, cmd_import, cmd_init,
    cmd_drivers, cmd_formats, cmd_rules, cmd_manual, cmd_db, cmd_bisect, cmd_ack, cmd_expect,
    cmd_invalid, cmd_triage;
const Cmd *cmd_find(const char *name);

/* Print the error and return the code. */
int cmd_fail(Ctx *ctx, ExitCode code, const Err *err);
int cmd_usage(Ctx *ctx, const Cmd *cmd, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The signal that came, or 0; 128 + signal is the exit code. */
int stop_signal(void);
/* Where the store is: --store, ASSAY_STORE, or .assay/assay.db below `dir`. */
const char *store_place(Ctx *ctx, const char *option, const char *dir);
/* Open for writing unless --no-store (*ret NULL then). */
MUST_CHECK int open_store(Ctx *ctx, const OutputOpts *o, const char *dir, Store **ret, Err *err);

/* Open what --json-stream asks for, and close it, when the lab is about to run and has run. A line
 * that could not be written fails the run, after everything else was reported. */
MUST_CHECK int follow_run(const OutputOpts *o, Lab *lab, Err *err);
void follow_end(Ctx *ctx, Lab *lab);

/* Refuse what can't be written later, before anything is measured. 0, or an exit code after saying
 * why. */
int check_outputs(Ctx *ctx, const Cmd *cmd, const OutputOpts *o);

/* The run in a known format to stdout, as this terminal can show it. */
MUST_CHECK int print_report(Ctx *ctx, const Run *r, const char *format, Err *err);

/* A new run with seed, commit, branch, testbed, tags. */
MUST_CHECK int begin_run(Ctx *ctx, const OutputOpts *o, const char *suite, const char *dir,
                         Run **ret, Err *err);
/* Store the end, print to the terminal, write the asked-for files. Returns the exit code: `code`
 * unless it is 0 and something of this fails. Nothing measured is lost: every output is tried. */
int finish_run(Ctx *ctx, const OutputOpts *o, Run *r, Store *store, int code);

/* The exit code of a measured run: signal, failure, then the gates. */
int decide_exit(const Ctx *ctx, const OutputOpts *o, Run *r, bool failed);
