#include "model/spec.h"

#include <errno.h>

const char *const meter_names[] = { "auto", "hardware", "simulated", "none", NULL };
static const char *const output_modes[] = { "null", "pipe", "inherit", "file", NULL };

/* 4 KiB of padding at most: a page, so that every alignment of the stack within one is met. */
const Opt command_opts[] = {
    { .type = OPT_HEAD, .name = "Command" },
    OPT(CommandSpec, shell, BOOL,
        .help = "run the text by /bin/sh -c; its own cost is part of the result"),
    OPT(CommandSpec, name, STR, .arg = "TEXT", .help = "what reports call the command"),
    OPT(CommandSpec, cwd, STR, .arg = "DIR", .help = "folder to run in"),
    OPT(CommandSpec, env, MAP, .arg = "NAME=VALUE", .help = "added to the environment"),
    OPT(CommandSpec, input, STR, .arg = "FILE", .help = "standard input; /dev/null when not given"),
    OPT(CommandSpec, output, ENUM, .choices = output_modes, .dflt = "null",
        .help = "where standard output goes; pipe reads it and keeps length and hash"),
    OPT(CommandSpec, output_file, STR, .arg = "FILE",
        .help = "for output file, cut to nothing first"),
    OPT(CommandSpec, setup, STR, .arg = "SHELL",
        .help = "shell text before the first run of each command, not timed"),
    OPT(CommandSpec, prepare, STR, .arg = "SHELL", .help = "shell text before each run, not timed"),
    OPT(CommandSpec, conclude, STR, .arg = "SHELL", .help = "shell text after each run, not timed"),
    OPT(CommandSpec, cleanup, STR, .arg = "SHELL",
        .help = "shell text after the last run of each command, not timed"),
    OPT(CommandSpec, expect_exit, LIST, .arg = "CODE",
        .help = "exit code that is success (128 + N for signal N), or any; 0 when not given"),
    OPT(CommandSpec, same_output, BOOL,
        .help = "refuse results when runs or competitors print different bytes"),
    OPT(CommandSpec, timeout, NS, .dflt = "0",
        .help = "end a run that takes longer: TERM, a second later KILL; 0 for never"),
    OPT(CommandSpec, pad_env, BYTES, .dflt = "4KiB", .min = 0, .max = 65536,
        .help = "largest random padding of the environment, which varies the stack's place; 0 for "
                "none"),
    OPT(CommandSpec, meter, ENUM, .choices = meter_names, .dflt = "auto",
        .help = "how instructions are counted: by the hardware where it can (auto, hardware), or "
                "by valgrind in a run of its own, the same number every time (simulated)"),
    { .type = OPT_END },
};

static int check_exit(Str text, Err *err)
{
    uint64_t code;
    if (str_eqz(text, "any") || (str_to_u64(text, &code) == 0 && code <= 255))
        return 0;
    return err_set(err, -EINVAL, "expect_exit: '%.*s' is no exit code: 0 to 255, or any",
                   (int)MIN(text.len, (ptrdiff_t)60), text.ptr);
}

int command_spec_check(const CommandSpec *s, Err *err)
{
    for (ptrdiff_t i = 0; i < s->expect_exit.n; i++)
        TRY(check_exit(str(s->expect_exit.v[i]), err));
    if (s->output == OUTPUT_FILE && (!s->output_file || !*s->output_file))
        return err_set(err, -EINVAL, "output: 'file' needs output_file, the file to write");
    return 0;
}
