/* The launcher: a process of about 100 KiB that starts, times and ends children for assay. It ends
 * when its socket does. */
#include <errno.h>
#include <sys/prctl.h>

#include "launch/tiny/launch.h"

void launch_reply(const LaunchReply *r)
{
    SYS6(SYS_sendto, LAUNCH_SOCKET_FD, r, sizeof *r, MSG_NOSIGNAL, 0, 0);
}

int launch_receive(LaunchRequest *ret, int fds[LAUNCH_N_FDS], bool wait)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(LAUNCH_N_FDS * sizeof(int))];
    struct iovec iov = { .iov_base = ret, .iov_len = sizeof *ret };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
    };
    for (int i = 0; i < LAUNCH_N_FDS; i++)
        fds[i] = -1;
    int flags = MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT);
    long n;
    do
        n = SYS3(SYS_recvmsg, LAUNCH_SOCKET_FD, &msg, flags);
    while (n == -EINTR);
    if (n == -EAGAIN)
        return -1;
    if (n != sizeof *ret)
        return 0;
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(LAUNCH_N_FDS * sizeof(int)))
        __builtin_memcpy(fds, CMSG_DATA(c), LAUNCH_N_FDS * sizeof(int));
    return 1;
}

void launch_clear_events(Launch *l)
{
    char seen[512];
    while (sys_read(l->events, seen, sizeof seen) == sizeof seen)
        ;
}

/* As the kernel takes it; glibc's struct sigaction has another order. */
typedef struct KernelAction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
} KernelAction;

/* What assay ignores, its children must not: all but HUP, which nohup means for them too. */
static void default_signals(void)
{
    static const int reset[] = { SIGINT,  SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD, SIGALRM, SIGUSR1,
                                 SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ, SIGXCPU };
    KernelAction dfl = { 0 };
    for (unsigned i = 0; i < sizeof reset / sizeof *reset; i++)
        SYS4(SYS_rt_sigaction, reset[i], &dfl, 0, sizeof dfl.mask);
}

static void on_alarm(int sig)
{
    (void)sig; /* ending a wait is all it is for */
}

static uint64_t bit(int sig)
{
    return UINT64_C(1) << (sig - 1);
}

void launch_hear_children(bool on)
{
    uint64_t child = bit(SIGCHLD);
    SYS4(SYS_rt_sigprocmask, on ? SIG_BLOCK : SIG_UNBLOCK, &child, 0, sizeof child);
}

void launch_main(void)
{
    uint64_t all = ~(bit(SIGALRM) | bit(SIGCHLD)), child = bit(SIGCHLD);
    default_signals();
    sys_on_signal(SIGALRM, on_alarm);
    SYS4(SYS_rt_sigprocmask, SIG_SETMASK, &all, 0, sizeof all);
    SYS2(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1);
    SYS2(SYS_prctl, PR_SET_NAME, "assay-launch");
    Launch l = { .events =
                     (int)SYS4(SYS_signalfd4, -1, &child, sizeof child, O_CLOEXEC | O_NONBLOCK) };
    SYS3(SYS_fcntl, LAUNCH_SOCKET_FD, F_SETFD, FD_CLOEXEC);
    LaunchRequest q;
    int fds[LAUNCH_N_FDS];
    while (launch_receive(&q, fds, true) > 0) {
        if (q.kind == LAUNCH_RUN)
            launch_run(&l, &q, fds);
        else if (q.kind == LAUNCH_SERVE)
            launch_serve(&l, &q, fds);
    }
    sys_exit(0);
}
