/* Starting the launcher and talking to it. */
#include "launch/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { POLL_MS = 50, FIRST_FREE_FD = 10 };

/* The program, from launcher_image.S. */
extern const char launcher_image[], launcher_image_end[];

struct Launcher {
    int pid, fd;
    PerfSet *counters;         /* owned; NULL: nothing is counted */
    const volatile bool *stop; /* borrowed, may be NULL */
};

static int close_with(int fd, int r)
{
    close(fd);
    return r;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno != EINTR)
            return -errno;
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        }
    }
    return 0;
}

/* Where memfds may not be executed (vm.memfd_noexec), a file that is gone as soon as it is open
 * does. */
static int open_scratch(bool program)
{
    int fd = memfd_create("assay-launcher", MFD_CLOEXEC);
    if (fd >= 0 || !program)
        return fd < 0 ? -errno : fd;
    const char *dir = getenv("TMPDIR");
    fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);
    return fd < 0 ? -errno : fd;
}

/* The program in a file opened for reading only (a file open for writing can't be executed). */
static int open_image(Err *err)
{
    int fd = open_scratch(true);
    if (fd < 0)
        return err_errno(err, fd, "keep the launcher in memory");
    int r = write_all(fd, launcher_image, (size_t)(launcher_image_end - launcher_image));
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int ro = r < 0 ? r : open(self, O_RDONLY | O_CLOEXEC);
    if (ro < 0)
        r = r < 0 ? r : -errno;
    close(fd);
    return r < 0 ? err_errno(err, r, "keep the launcher in memory") : ro;
}

/* In the vfork child: only system calls, and no return to the caller's frame. */
static _Noreturn void exec_launcher(int image, int sock, volatile int *failed)
{
    static char name[] = "assay-launcher";
    char *argv[] = { name, NULL }, *env[] = { NULL };
    setpgid(0, 0);
    dup2(sock, LAUNCH_SOCKET_FD);
    syscall(SYS_close_range, LAUNCH_SOCKET_FD + 1, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
    syscall(SYS_execveat, image, "", argv, env, AT_EMPTY_PATH);
    *failed = errno;
    _exit(127);
}

static int start_launcher(Launcher *l, int image, int sock, Err *err)
{
    volatile int failed = 0;
    l->pid = vfork();
    if (l->pid == 0)
        exec_launcher(image, sock, &failed);
    if (l->pid < 0)
        return err_errno(err, -errno, "start the launcher");
    if (!failed)
        return 0;
    waitpid(l->pid, NULL, 0);
    l->pid = 0;
    return err_errno(err, -failed, "run the launcher");
}

/* Numbers that the child's dup2 to LAUNCH_SOCKET_FD can't hit. */
static int move_up(int fd)
{
    int up = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    int r = up < 0 ? -errno : up;
    return close_with(fd, r);
}

int launcher_new(Launcher **ret, Err *err)
{
    CLEANUP(launcher_freep) Launcher *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, -ENOMEM, "launcher");
    l->fd = -1;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return err_errno(err, -errno, "socket to the launcher");
    l->fd = move_up(pair[0]);
    int sock = move_up(pair[1]), image = open_image(err);
    int r = image < 0 ? image : 0;
    if (r == 0)
        image = move_up(image);
    if (r == 0 && (l->fd < 0 || sock < 0 || image < 0))
        r = err_set(err, -EMFILE, "start the launcher: out of file descriptors");
    if (r == 0)
        r = start_launcher(l, image, sock, err);
    if (sock >= 0)
        close(sock);
    if (image >= 0)
        close(image);
    if (r < 0)
        return r;
    *ret = TAKE(l);
    return 0;
}

Launcher *launcher_free(Launcher *l)
{
    if (!l)
        return NULL;
    if (l->fd >= 0) {
        shutdown(l->fd,
                 SHUT_RDWR); /* what ends the launcher, also when a fork of ours has a copy */
        close(l->fd);
    }
    while (l->pid > 0 && waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    l->counters = perf_close(l->counters);
    free(l);
    return NULL;
}

void launcher_freep(Launcher **l)
{
    *l = launcher_free(*l);
}

void launcher_on_stop(Launcher *l, const volatile bool *stop)
{
    l->stop = stop;
}

const volatile bool *launcher_stop_flag(const Launcher *l)
{
    return l->stop;
}

int launcher_fd(const Launcher *l)
{
    return l->fd;
}

PerfSet *launcher_counters(Launcher *l)
{
    Err ignored;
    if (!l->counters && perf_open(&l->counters, l->pid, &ignored) < 0)
        return NULL;
    return l->counters;
}

int launcher_pid(const Launcher *l)
{
    return l->pid;
}

static void add_text(StrBuf *b, const char *s)
{
    strbuf_add(b, (Str){ s, (ptrdiff_t)strlen(s) + 1 });
}

static bool overrides(const LaunchJob *job, const char *entry)
{
    const char *eq = strchr(entry, '=');
    ptrdiff_t n = eq ? eq - entry : (ptrdiff_t)strlen(entry);
    if (n == 9 && memcmp(entry, "ASSAY_PAD", 9) == 0)
        return true;
    for (ptrdiff_t i = 0; job->env && i < job->env->n; i++) {
        const char *key = job->env->v[i].key;
        if ((ptrdiff_t)strlen(key) == n && memcmp(key, entry, (size_t)n) == 0)
            return true;
    }
    return false;
}

static uint32_t add_env(StrBuf *b, const LaunchJob *job)
{
    uint32_t n = 0;
    for (char **e = environ; e && *e; e++) {
        if (overrides(job, *e))
            continue;
        add_text(b, *e);
        n++;
    }
    for (ptrdiff_t i = 0; job->env && i < job->env->n; i++, n++) {
        strbuf_addf(b, "%s=%s", job->env->v[i].key, job->env->v[i].value);
        strbuf_addc(b, '\0');
    }
    if (job->pad) {
        strbuf_addz(b, "ASSAY_PAD=");
        strbuf_pad(b, 'x', (ptrdiff_t)job->pad);
        strbuf_addc(b, '\0');
        n++;
    }
    return n;
}

/* A new descriptor; wire.h tells the shape. The strings come first into one buffer, since the
 * table's length is known only after the environment. */
static int make_plan(const LaunchJob *job, LaunchRequest *q, Err *err)
{
    CLEANUP(strbuf_done) StrBuf text = { 0 };
    add_text(&text, job->path);
    add_text(&text, job->cwd ? job->cwd : "");
    for (ptrdiff_t i = 0; i < job->n_argv; i++)
        add_text(&text, job->argv[i]);
    q->n_argv = (uint32_t)job->n_argv;
    q->n_env = add_env(&text, job);
    size_t table = ((size_t)q->n_argv + q->n_env + 2) * sizeof(char *);
    q->plan_bytes = table + (size_t)text.len;
    int fd = open_scratch(false);
    if (fd < 0)
        return err_errno(err, fd, "hand a command to the launcher");
    int r = ftruncate(fd, (off_t)table) < 0 || lseek(fd, 0, SEEK_END) < 0 ? -errno : 0;
    if (r == 0)
        r = write_all(fd, text.ptr, (size_t)text.len);
    if (r < 0)
        return err_errno(err, close_with(fd, r), "hand a command to the launcher");
    return fd;
}

static int send_request(Launcher *l, const LaunchRequest *q, const int fds[LAUNCH_N_FDS])
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(LAUNCH_N_FDS * sizeof(int))] = { 0 };
    LaunchRequest copy = *q;
    struct iovec iov = { .iov_base = &copy, .iov_len = sizeof copy };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (fds) {
        msg.msg_control = control;
        msg.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(LAUNCH_N_FDS * sizeof(int));
        memcpy(CMSG_DATA(c), fds, LAUNCH_N_FDS * sizeof(int));
    }
    ssize_t n;
    do
        n = sendmsg(l->fd, &msg, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 0;
}

/* LeakSanitizer can also come in through the environment. */
static bool preloads_sanitizer(const LaunchJob *job)
{
    const char *v = job->env ? strmap_get(job->env, "LD_PRELOAD") : NULL;
    v = v ? v : getenv("LD_PRELOAD");
    return v && (strstr(v, "asan") || strstr(v, "lsan"));
}

int launcher_send(Launcher *l, const LaunchJob *job, Err *err)
{
    LaunchRequest q = job->request;
    int plan = make_plan(job, &q, err);
    if (plan < 0)
        return plan;
    q.page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
    if (preloads_sanitizer(job))
        q.flags |= LAUNCH_NO_TRACE;
    int fds[LAUNCH_N_FDS] = { plan, job->fds[0], job->fds[1], job->fds[2] };
    int r = send_request(l, &q, fds);
    close(plan);
    return r < 0 ? err_errno(err, r, "send a command to the launcher") : 0;
}

void launcher_stop(Launcher *l, int sig, uint64_t grace_ns)
{
    LaunchRequest q = { .kind = LAUNCH_STOP, .stop_signal = (uint32_t)sig, .grace_ns = grace_ns };
    (void)send_request(l, &q, NULL); /* a dead launcher is noticed by the wait that follows */
}

/* The flag is set by a signal handler, whose signal may come just before poll(): hence the short
 * naps. */
static int nap(Launcher *l, int most_ms)
{
    struct pollfd p = { l->fd, POLLIN, 0 };
    int ms = most_ms >= 0 && most_ms < POLL_MS ? most_ms : POLL_MS;
    int n = poll(&p, 1, ms);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    return n;
}

int launcher_wait(Launcher *l, const volatile bool *stop, int timeout_ms, LaunchReply *ret,
                  Err *err)
{
    if (stop && *stop)
        stop = NULL;
    uint64_t begun = clock_mono_ns();
    for (;;) {
        int64_t left = timeout_ms - (int64_t)((clock_mono_ns() - begun) / NS_PER_MS);
        int n = nap(l, timeout_ms < 0 ? -1 : (int)MAX(left, 0));
        if (n > 0)
            break;
        if (n < 0)
            return err_errno(err, n, "wait for the launcher");
        if (stop && *stop)
            return err_set(err, -EINTR, "interrupted");
        if (timeout_ms >= 0 && left <= 0)
            return err_set(err, -ETIMEDOUT, "the launcher does not answer");
    }
    ssize_t n = recv(l->fd, ret, sizeof *ret, 0);
    if (n != (ssize_t)sizeof *ret)
        return err_set(err, -EPIPE, "the launcher (pid %d) died", l->pid);
    return 0;
}

int launcher_refused(const LaunchReply *reply, const LaunchJob *job, Err *err)
{
    assert(reply->error > 0);
    if (reply->stage == LAUNCH_STAGE_CHDIR)
        return err_errno(err, -reply->error, "cannot change to folder '%s'", job->cwd);
    if (reply->stage == LAUNCH_STAGE_NONE)
        return err_errno(err, -reply->error, "the launcher cannot start '%s'", job->argv[0]);
    if (reply->error == ENOEXEC)
        return err_set(err, -ENOEXEC,
                       "cannot run '%s': neither a program nor a script that begins with #!",
                       job->path);
    if (reply->error == ENOENT)
        return err_set(err, -ENOENT,
                       "cannot run '%s': its interpreter (#! line or ELF loader) does not exist",
                       job->path);
    return err_errno(err, -reply->error, "cannot run '%s'", job->path);
}
