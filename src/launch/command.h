/* Trials of commands: one run of one program, measured from outside.
 *
 * A Launcher is a tiny helper process (a few hundred KiB, forked and re-executed before assay
 * grows) that starts children by vfork/posix_spawn + exec, waits for them and sends back what the
 * kernel says. Its smallness keeps launch cost and the inherited ru_maxrss floor independent of
 * assay's own size. One command at a time per launcher; one thread. */
#pragma once

#include "launch/perf.h"
#include "model/run.h"
#include "model/spec.h"

typedef struct Launcher Launcher;

/* Start the launcher. From now on it is independent of how much memory assay takes. */
MUST_CHECK int launcher_new(Launcher **ret, Err *err);
/* Ends the launcher and waits for it. Daemons that commands left running stay. Accepts NULL. */
Launcher *launcher_free(Launcher *l);
void launcher_freep(Launcher **l);
/* Let hooks without a stop flag of their own (command_hook) end when *stop becomes true while they
 * run. A flag that is already true when a hook starts is not looked at: clean-up runs. Borrowed. */
void launcher_on_stop(Launcher *l, const volatile bool *stop);

typedef struct CommandRun {
    uint64_t wall_ns; /* spawn to reaped, CLOCK_MONOTONIC, in the launcher; less the moment that the
                         launcher held the process on its way out to read its memory (exact, not
                         estimated; tiny/peak.h) */
    uint64_t user_ns, system_ns; /* of the child, its waited-for descendants, and orphans of its
                                    tree that ended before it */
    /* Peak of the process tree. "VmHWM at exit": one process that lived longer than 2 ms, exact to
     * the page (what it gave back earlier by the kernel's estimate). "process tree RSS, sampled":
     * the largest sum seen over those alive at once; what they share counts for each. "wait4
     * ru_maxrss": the kernel's estimate of the largest process, right to some dozens of pages per
     * CPU, never below the launcher's 130 KiB. */
    uint64_t rss_peak_bytes;
    uint64_t faults_minor, faults_major, switches_voluntary, switches_involuntary;
    uint64_t io_read_bytes, io_write_bytes; /* storage I/O (block counts of rusage x 512) */
    int exit_code;                          /* -1 when a signal ended it */
    int signal;
    bool timed_out;                     /* killed by us after spec->timeout */
    uint64_t output_hash, output_bytes; /* of stdout when same_output or OUTPUT_PIPE, else 0 */
    const char *rss_method;             /* static text */
    uint64_t n_left;   /* processes it left running (daemons): counted, not waited for, not ended */
    bool has_counters; /* spec->meter asked for them */
    PerfValue counters[PERF_VALUES];
    char message[512]; /* last lines of its stderr (not with OUTPUT_INHERIT), "" when it was silent
                        */
} CommandRun;

/* Run once: prepare, the command (timed), conclude. `pad` bytes of environment padding (the
 * variable ASSAY_PAD). The child has its own process group, stdin from spec->input or /dev/null,
 * and stderr kept for `message`. With spec->shell the cost of /bin/sh is part of the result;
 * nothing is ever subtracted. Relative `input` and `output_file` count from spec->cwd.
 *
 * A timeout sends TERM to the group, KILL to the whole tree a second later. Processes that outlive
 * the command are counted in n_left.
 *
 * 0 also when the program failed (see exit_code): that is a result. Negative: it could not be
 * started (-ENOENT "no program 'x' in PATH"), or a hook failed. -EINTR when *stop became true (the
 * whole process group was ended). */
MUST_CHECK int command_run(Launcher *l, const CommandSpec *spec, uint64_t pad,
                           const volatile bool *stop, CommandRun *ret, Err *err);
/* Shell hook (setup, cleanup, build): /bin/sh -c in `cwd` (NULL: here) with `env` added (NULL:
 * none). -ECHILD when it fails; the message ends with the last lines of its output. Daemons that it
 * starts stay. */
MUST_CHECK int command_hook(Launcher *l, const char *shell_text, const char *cwd, const StrMap *env,
                            Err *err);
/* Is the exit code one that the spec accepts? A signal counts as 128 + its number, as in shells; a
 * timeout is never accepted, not even by "any". */
bool command_accepts(const CommandSpec *spec, const CommandRun *run);
/* Append wall, cpu, user, system, rss_peak, faults…, to the trial. */
void command_metrics(Run *r, Trial *t, const CommandRun *run);
