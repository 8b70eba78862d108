/* The minder's own process: poll for messages, ends of workers and their stderr. */
#include "drivers/child/mind.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define GRACE_NS NS_PER_S

typedef struct Child {
    int pid;          /* 0: none */
    uint64_t kill_ns; /* when it is killed; 0: it may go on */
} Child;

typedef struct Mind {
    int fd; /* -1: assay has gone */
    int signals;
    char *const *const *programs;
    MinderSlot *slots;
    ptrdiff_t n_children;
    Child children[MINDER_SLOTS];
    struct pollfd polls[2 + MINDER_SLOTS]; /* socket, signals, stderr of each child */
} Mind;

static int *stderr_of(Mind *m, int slot)
{
    return &m->polls[2 + slot].fd;
}

/* ---- in the child ---- */

_Noreturn static void become_worker(int minder, int data, int err, char *const *argv)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != minder)
        _exit(127);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(data, 0) < 0 || dup2(data, 1) < 0 || dup2(err, 2) < 0)
        _exit(127);
    close_range(3, ~0u, 0);
    execvp(argv[0], argv);
    const char *why = strerrordesc_np(errno);
    ssize_t n = write(2, "cannot run it: ", 15);
    if (n > 0 && why)
        n = write(2, why, strlen(why));
    _exit(127);
}

/* ---- ends ---- */

static void keep_tail(MinderSlot *s, const char *from, ptrdiff_t n)
{
    ptrdiff_t kept = MIN((ptrdiff_t)s->n_tail, MAX(MINDER_TAIL - n, (ptrdiff_t)0));
    ptrdiff_t added = MIN(n, (ptrdiff_t)MINDER_TAIL);
    memmove(s->tail, s->tail + s->n_tail - kept, (size_t)kept);
    memcpy(s->tail + kept, from + n - added, (size_t)added);
    s->n_tail = (int)(kept + added);
}

static void read_stderr(Mind *m, int slot)
{
    char buf[4096];
    int *fd = stderr_of(m, slot);
    ssize_t n;
    if (*fd < 0)
        return;
    while ((n = read(*fd, buf, sizeof buf)) > 0)
        keep_tail(&m->slots[slot], buf, n);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    close(*fd);
    *fd = -1;
}

static void tell_end(Mind *m, int slot, int status)
{
    int *fd = stderr_of(m, slot);
    read_stderr(m, slot);
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    m->slots[slot].status = status;
    __atomic_store_n(&m->slots[slot].ended, 1, __ATOMIC_RELEASE);
}

/* The rest of its group goes before its number can be another's. */
static void reap(Mind *m, int slot)
{
    Child *c = &m->children[slot];
    siginfo_t how = { 0 };
    int status = 0;
    if (waitid(P_PID, (id_t)c->pid, &how, WEXITED | WNOHANG | WNOWAIT) < 0 || how.si_pid == 0)
        return;
    kill(-c->pid, SIGKILL);
    waitpid(c->pid, &status, 0);
    *c = (Child){ 0 };
    m->n_children--;
    tell_end(m, slot, status);
}

static void end_child(Mind *m, int slot, uint64_t at_ns)
{
    Child *c = &m->children[slot];
    if (c->pid)
        c->kill_ns = c->kill_ns ? MIN(c->kill_ns, at_ns) : at_ns;
}

static void end_all(Mind *m)
{
    for (int i = 0; i < MINDER_SLOTS; i++)
        end_child(m, i, clock_mono_ns() + GRACE_NS);
}

/* Kill who is due; ms until the next is, -1: nobody. */
static int kill_due(Mind *m)
{
    uint64_t now = clock_mono_ns(), next = 0;
    for (int i = 0; i < MINDER_SLOTS && m->n_children; i++) {
        Child *c = &m->children[i];
        if (c->kill_ns && c->kill_ns <= now) {
            kill(-c->pid, SIGKILL);
            kill(c->pid, SIGKILL); /* before it made its group */
            c->kill_ns = now + GRACE_NS;
        }
        if (c->kill_ns)
            next = next ? MIN(next, c->kill_ns) : c->kill_ns;
    }
    return next ? (int)((next - MIN(next, now)) / NS_PER_MS) + 1 : -1;
}

/* ---- messages ---- */

static void start_child(Mind *m, int slot, int data, char *const *argv)
{
    int err[2], self = getpid();
    if (pipe2(err, O_CLOEXEC) < 0) {
        tell_end(m, slot, 127 << 8);
        return;
    }
    int pid = fork();
    if (pid == 0)
        become_worker(self, data, err[1], argv);
    close(err[1]);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    *stderr_of(m, slot) = err[0];
    if (pid < 0) {
        tell_end(m, slot, 127 << 8);
        return;
    }
    setpgid(pid, pid);
    m->children[slot] = (Child){ .pid = pid };
    m->n_children++;
}

/* False when there is none (any more). */
static bool take_message(Mind *m)
{
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    MindMessage msg = { 0 };
    struct iovec iov = { &msg, sizeof msg };
    struct msghdr h = { .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
    ssize_t n = recvmsg(m->fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    struct cmsghdr *c = CMSG_FIRSTHDR(&h);
    if (msg.verb == MIND_START && c) {
        int data;
        memcpy(&data, CMSG_DATA(c), sizeof data);
        start_child(m, msg.slot, data, m->programs[msg.program]);
        close(data);
    } else if (msg.verb != MIND_START) {
        end_child(m, msg.slot, clock_mono_ns() + (msg.verb == MIND_END ? GRACE_NS : 0));
    }
    return true;
}

static void take_signals(Mind *m)
{
    struct signalfd_siginfo si;
    while (read(m->signals, &si, sizeof si) > 0)
        ;
    for (int i = 0; i < MINDER_SLOTS && m->n_children; i++)
        if (m->children[i].pid)
            reap(m, i);
}

static void turn(Mind *m)
{
    m->polls[0] = (struct pollfd){ .fd = m->fd, .events = POLLIN };
    m->polls[1] = (struct pollfd){ .fd = m->signals, .events = POLLIN };
    if (poll(m->polls, ARRAY_LEN(m->polls), kill_due(m)) < 0)
        return;
    for (int i = 0; i < MINDER_SLOTS; i++)
        if (m->polls[2 + i].fd >= 0 && m->polls[2 + i].revents)
            read_stderr(m, i);
    if (m->polls[1].revents)
        take_signals(m);
    if (m->polls[0].revents && !take_message(m)) {
        close(m->fd);
        m->fd = -1;
        end_all(m);
    }
}

_Noreturn void mind(int fd, MinderSlot *slots, char *const *const *programs)
{
    static Mind m; /* of this process; too large for the stack */
    sigset_t set;
    m.fd = 3;
    m.programs = programs;
    m.slots = slots;
    setpgid(0, 0);
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (fd != 3 && dup3(fd, 3, O_CLOEXEC) < 0)
        _exit(1);
    close_range(4, ~0u, 0);
    m.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    for (int i = 0; i < MINDER_SLOTS; i++)
        m.polls[2 + i] = (struct pollfd){ .fd = -1, .events = POLLIN };
    while (m.fd >= 0 || m.n_children)
        turn(&m);
    _exit(0);
}
