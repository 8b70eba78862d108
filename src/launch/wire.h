/* What assay and its launcher say to each other.
 *
 * One SOCK_SEQPACKET pair, one struct per message, same machine and same build: no versions, no
 * byte order. The launcher (folder tiny/) is a separate static program without libc, so this header
 * holds plain data only. What a child needs (paths, arguments, environment) has no fixed size and
 * travels as a memfd, the plan:
 *
 *     char *table[n_argv + 1 + n_env + 1]   zeros; the launcher fills in the pointers
 *     path\0 cwd\0 argv[0]\0 … env[0]\0 …   cwd is "" for none
 *
 * Descriptors that come with a request: plan, stdin, stdout, stderr, in this order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    LAUNCH_SOCKET_FD = 3, /* where the launcher finds its end of the pair */
    LAUNCH_N_FDS = 4,
};

typedef enum LaunchKind {
    LAUNCH_RUN = 1, /* start, wait, LAUNCH_DONE */
    LAUNCH_SERVE,   /* start, LAUNCH_STARTED, later LAUNCH_MOVED or LAUNCH_EXITED */
    LAUNCH_STOP,    /* end what is running; its own reply is what tells the end */
    LAUNCH_DONE,
    LAUNCH_STARTED,
    LAUNCH_MOVED,  /* the root went into the background: another process is the root now */
    LAUNCH_EXITED, /* the root ended by itself */
    LAUNCH_STOPPED,
} LaunchKind;

enum {
    LAUNCH_READ_OUTPUT = 1, /* stdout is a pipe of the launcher's, read and hashed */
    LAUNCH_TRIM_ERRORS = 2, /* stderr is a memfd of assay's: cut it short when it grows too long */
    LAUNCH_NO_TRACE = 4,    /* never attach to the child, whatever that costs in accuracy */
};

typedef struct LaunchRequest {
    uint32_t kind, flags;
    uint32_t n_argv, n_env;
    uint64_t plan_bytes;
    uint64_t timeout_ns; /* RUN: TERM after this long, 0 for never */
    uint64_t grace_ns;   /* from TERM to KILL */
    uint32_t stop_signal;
    uint32_t page_bytes;
} LaunchRequest;

/* Where the figure for peak memory comes from. */
typedef enum LaunchRss {
    LAUNCH_RSS_WAIT4,   /* ru_maxrss: the kernel's own estimate, largest single process */
    LAUNCH_RSS_EXIT,    /* VmHWM read while the process stood still on its way out */
    LAUNCH_RSS_SAMPLED, /* sum over the processes alive at the same time, sampled */
} LaunchRss;

/* Where starting the child failed. */
typedef enum LaunchStage { LAUNCH_STAGE_NONE, LAUNCH_STAGE_CHDIR, LAUNCH_STAGE_EXEC } LaunchStage;

typedef struct LaunchReply {
    uint32_t kind;
    int32_t error;  /* errno when nothing could be started, else 0 */
    uint32_t stage; /* LaunchStage of that error */
    int32_t pid;    /* STARTED, MOVED */
    int32_t status; /* DONE, EXITED: wait status */
    uint32_t timed_out, aborted, wants_terminal;
    uint64_t wall_ns, user_ns, system_ns;
    uint64_t rss_peak_bytes, rss_how;
    uint64_t faults_minor, faults_major, switches_voluntary, switches_involuntary;
    uint64_t io_read_bytes, io_write_bytes;
    uint64_t output_hash, output_bytes;
    uint64_t n_left; /* processes of its tree that outlived it */
} LaunchReply;
