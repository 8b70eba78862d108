/* Proofs about commands: times, pairs, memory. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch/command.h"
#include "selftest/proof.h"
#include "stats/sign.h"

static int run_once(ProofCtx *x, Launcher *l, StrList argv, CommandRun *ret, Err *err)
{
    CommandSpec spec = { .argv = argv };
    TRY(command_run(l, &spec, 0, x->o->stop, ret, err));
    if (ret->exit_code != 0)
        return err_set(err, -ECHILD, "'%s' ended with %d", argv.v[0], ret->exit_code);
    return 0;
}

/* ---- `true` takes time ---- */

static int prove_positive(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(launcher_freep) Launcher *l = NULL;
    const char *words[] = { "true" };
    double least = (double)INFINITY;
    TRY(launcher_new(&l, err));
    for (int i = 0; i < (x->o->quick ? 50 : 300); i++) {
        CommandRun run;
        TRY(run_once(x, l, (StrList){ .v = words, .n = 1 }, &run, err));
        least = fmin(least, (double)run.wall_ns);
    }
    /* No kernel starts, runs and reaps a program in less. */
    if (!proof_figure(x, "shortest time of 'true'", "ns", least, 10e3, (double)NAN))
        proof_note(x, PROOF_BROKEN, "'true' was said to take %.0f ns", least);
    return 0;
}

/* ---- A against A ---- */

enum { PAIRS_MAX = 100 };

/* One round: both sides, the first one alternating (ABBA). */
static int run_pair(ProofCtx *x, Launcher *l, StrList argv, bool swap, double *ret_log, Err *err)
{
    CommandRun first, second;
    TRY(run_once(x, l, argv, &first, err));
    TRY(run_once(x, l, argv, &second, err));
    double ratio = log((double)second.wall_ns / (double)first.wall_ns);
    *ret_log = swap ? -ratio : ratio;
    return 0;
}

/* At 99.9 % confidence a false alarm is rarer than other reasons to doubt the machine. */
static int prove_same(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    CLEANUP(launcher_freep) Launcher *l = NULL;
    const char *words[] = { "true" };
    double ratios[PAIRS_MAX];
    int n = x->o->quick ? 40 : PAIRS_MAX;
    SignPaired p;
    TRY(launcher_new(&l, err));
    for (int i = 0; i < n; i++)
        TRY(run_pair(x, l, (StrList){ .v = words, .n = 1 }, i % 2, &ratios[i], err));
    TRY(sign_paired(ratios, n, 0.999, log(1.01), &p, err));
    proof_figure(x, "ratio, lowest", "share", exp(p.low), (double)NAN, 1.01);
    proof_figure(x, "ratio, highest", "share", exp(p.high), 1 / 1.01, (double)NAN);
    if (p.p_beyond <= 0.001)
        proof_note(x, PROOF_BROKEN, "the same program differs from itself: ratio %.3f to %.3f",
                   exp(p.low), exp(p.high));
    return 0;
}

/* ---- peak memory ---- */

static int read_statement(ProofCtx *x, const char *path, double *ret, Err *err)
{
    Str text, line = { 0 };
    uint64_t bytes;
    TRY(fs_read(x->arena, path, 4096, &text, err));
    text = str_trim(text);
    while (str_cut(&text, '\n', &line)) { /* the last line counts: see `--touch` */
    }
    if (str_to_u64(line, &bytes) < 0)
        return err_set(err, -EBADMSG, "the helper said '" STR_FMT "'", STR_ARG(line));
    *ret = (double)bytes;
    return 0;
}

/* The helper touches 64 MiB, states what it has, and ends. A few runs, as a trial has; the last one
 * counts. */
static int measure_helper(ProofCtx *x, const char *path, double *ret_stated, CommandRun *ret,
                          Err *err)
{
    CLEANUP(launcher_freep) Launcher *l = NULL;
    const char *words[] = { x->o->helper, "selftest", "--touch", "64MiB" };
    CommandSpec spec = { .argv = { .v = words, .n = ARRAY_LEN(words) },
                         .output = OUTPUT_FILE,
                         .output_file = path };
    TRY(launcher_new(&l, err));
    for (int i = 0; i < 3; i++) {
        TRY(command_run(l, &spec, 0, x->o->stop, ret, err));
        if (ret->exit_code != 0)
            return err_set(err, -ECHILD, "the helper ended with %d", ret->exit_code);
    }
    return read_statement(x, path, ret_stated, err);
}

/* By how much ru_maxrss may be off: three counters of pages, each with up to 32 (or twice the
 * number of cores) not yet added up on every core (kernels from 6.2: mm_struct.rss_stat,
 * percpu_counter_batch). */
static double counter_slack(void)
{
    double cores = (double)sysconf(_SC_NPROCESSORS_CONF);
    return 3 * fmax(32, 2 * cores) * cores * (double)sysconf(_SC_PAGESIZE);
}

static int prove_memory(ProofCtx *x, const Proof *self UNUSED, Err *err)
{
    char path[] = "/tmp/assay-selftest-XXXXXX";
    CommandRun run = { 0 };
    double stated = 0, slack = 2 * (double)sysconf(_SC_PAGESIZE);
    if (!x->o->helper)
        return err_set(err, -ENOTSUP, "needs the program itself as a helper");
    int fd = mkstemp(path);
    if (fd < 0)
        return err_errno(err, -errno, "create %s", path);
    close(fd);
    int r = measure_helper(x, path, &stated, &run, err);
    unlink(path);
    TRY(r);
    double peak = (double)run.rss_peak_bytes;
    if (proof_figure(x, "peak memory", "bytes", peak, stated - slack, stated + slack))
        return 0;
    bool counted = strstr(run.rss_method, "ru_maxrss") && fabs(peak - stated) <= counter_slack();
    proof_note(x, counted ? PROOF_UNCLEAR : PROOF_BROKEN,
               "a program that held %.0f bytes was measured with %.0f (by %s)%s", stated, peak,
               run.rss_method,
               counted ? ": it cannot be traced, and the kernel's count is coarse" : "");
    return 0;
}

const Proof proofs_command[] = {
    { "command/positive", "no program takes zero time or less", .run = prove_positive },
    { "command/same", "a program does not differ from itself", .run = prove_same },
    { "command/memory", "peak memory is right to two pages", .run = prove_memory },
    { NULL },
};
