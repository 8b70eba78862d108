/* Services: a launcher of its own each, which keeps the server and ends with us. */
#include "launch/service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str_split.h"
#include "launch/launcher.h"
#include "launch/program.h"
#include "launch/ready.h"

enum {
    TRY_MS = 1000,      /* patience of one check */
    PAUSE_FIRST_MS = 2, /* between checks, doubling … */
    PAUSE_MOST_MS = 50, /* … up to this, also how late the stop flag is seen */
    TAIL_LINES = 5,
    TAIL_BYTES = 2048,
    END_SLACK_MS = 10000, /* beyond the grace: KILL may take a moment */
};

struct Service {
    Arena arena;
    const char *name, *log_path;
    Launcher *l; /* NULL when the process is not ours */
    int watch;   /* pidfd of a process that is not ours, or -1 */
    int pid, status, sig;
    bool exited;
    uint64_t stop_timeout_ns;
};

/* Put the last lines of the log behind the message. */
static void add_log(const Service *s, Err *err)
{
    char text[TAIL_BYTES + 1];
    int fd = s->log_path ? open(s->log_path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    off_t size = lseek(fd, 0, SEEK_END), from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
    ssize_t n = pread(fd, text, TAIL_BYTES, from);
    close(fd);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    text[n > 0 ? n : 0] = '\0';
    char *start = text + (n > 0 ? n : 0);
    for (int lines = 0; start > text; start--)
        if (start[-1] == '\n' && ++lines == TAIL_LINES)
            break;
    char msg[ERR_MSG_MAX];
    memcpy(msg, err->msg, sizeof msg);
    if (start[0])
        err_set(err, err->code, "%s; the end of %s:\n%s", msg, s->log_path, start);
    else
        err_set(err, err->code, "%s; it printed nothing (%s)", msg, s->log_path);
}

static int exit_error(const Service *s, Err *err)
{
    if (!s->l)
        return err_set(err, -ECHILD, "%s (process %d) ended before it was ready", s->name, s->pid);
    if (WIFSIGNALED(s->status))
        return err_set(err, -ECHILD, "%s was ended by signal %d (%s) before it was ready", s->name,
                       WTERMSIG(s->status), strsignal(WTERMSIG(s->status)));
    return err_set(err, -ECHILD, "%s exited with code %d before it was ready", s->name,
                   WEXITSTATUS(s->status));
}

/* Take in what the launcher said since. */
static void hear(Service *s)
{
    if (s->watch >= 0) {
        struct pollfd p = { s->watch, POLLIN, 0 };
        s->exited |= poll(&p, 1, 0) == 1;
        return;
    }
    while (s->l && !s->exited) {
        LaunchReply a;
        int r = launcher_wait(s->l, NULL, 0, &a, NULL);
        if (r == -ETIMEDOUT)
            return;
        if (r < 0) /* the launcher was killed, and took the server with it */
            a = (LaunchReply){ .kind = LAUNCH_EXITED, .status = SIGKILL };
        if (a.kind == LAUNCH_MOVED)
            s->pid = a.pid;
        if (a.kind == LAUNCH_EXITED) {
            s->exited = true;
            s->status = a.status;
        }
    }
}

static int wake_fd(const Service *s)
{
    return s->l ? launcher_fd(s->l) : s->watch;
}

static int await_ready(Service *s, const Ready *ready, uint64_t timeout_ns,
                       const volatile bool *stop, Err *err)
{
    uint64_t until = clock_mono_ns() + timeout_ns;
    Err why = { 0 };
    for (int pause = PAUSE_FIRST_MS;; pause = MIN(pause * 2, (int)PAUSE_MOST_MS)) {
        int up = ready_try(ready, s->log_path, wake_fd(s), TRY_MS, &why);
        hear(s);
        if (s->exited)
            return exit_error(s, err);
        if (up > 0)
            return 0;
        if (up < 0)
            return err_set(err, up, "%s: %s", s->name, why.msg);
        if (stop && *stop)
            return err_set(err, -EINTR, "interrupted");
        if (clock_mono_ns() >= until) {
            char words[READY_WORDS_MAX], d[FMT_MAX];
            return err_set(err, -ETIMEDOUT, "%s is not ready after %s of waiting for %s: %s",
                           s->name, fmt_duration_exact(d, timeout_ns), ready_words(words, ready),
                           why.msg);
        }
        struct pollfd p = { wake_fd(s), POLLIN, 0 };
        poll(&p, 1, pause);
    }
}

static int open_log(Service *s, const ServiceSpec *spec, const char *dir, int *ret_fd, Err *err)
{
    const char *given = spec->log;
    if (!given)
        given = arena_printf(&s->arena, ".assay/logs/%s.log", s->name);
    s->log_path = fs_join(&s->arena, dir, given);
    TRY(fs_mkdirs(fs_dirname(&s->arena, s->log_path), err));
    int fd = open(s->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_errno(err, -errno, "open the log '%s'", s->log_path);
    *ret_fd = fd;
    return 0;
}

static int make_job(Service *s, const ServiceSpec *spec, LaunchJob *job, Err *err)
{
    StrList words = { 0 };
    if (spec->shell) {
        strlist_add(&s->arena, &words, "/bin/sh");
        strlist_add(&s->arena, &words, "-c");
        strlist_add(&s->arena, &words, spec->start);
    } else {
        TRY(str_split_words(&s->arena, str(spec->start), &words, err));
    }
    if (words.n == 0)
        return err_set(err, -EINVAL, "start: the command is empty");
    job->argv = words.v;
    job->n_argv = words.n;
    return program_find(&s->arena, words.v[0], job->cwd, strmap_get(&spec->env, "PATH"), &job->path,
                        err);
}

static int send_job(Service *s, const LaunchJob *job, Err *err)
{
    LaunchReply a;
    TRY(launcher_new(&s->l, err));
    TRY(launcher_send(s->l, job, err));
    TRY(launcher_wait(s->l, NULL, -1, &a, err));
    if (a.error)
        return launcher_refused(&a, job, err);
    s->pid = a.pid;
    return 0;
}

static int start_own(Service *s, const ServiceSpec *spec, const char *dir, Err *err)
{
    LaunchJob job = { .cwd = spec->cwd ? fs_join(&s->arena, dir, spec->cwd) : dir,
                      .env = &spec->env,
                      .request = { .kind = LAUNCH_SERVE,
                                   .stop_signal = (uint32_t)s->sig,
                                   .grace_ns = spec->stop_timeout } };
    TRY(make_job(s, spec, &job, err));
    int log = -1;
    TRY(open_log(s, spec, dir, &log, err));
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    job.fds[0] = null;
    job.fds[1] = job.fds[2] = log;
    int r = null < 0 ? err_errno(err, -errno, "open /dev/null") : send_job(s, &job, err);
    close(log);
    if (null >= 0)
        close(null);
    return r;
}

static int read_pidfile(Service *s, const char *path, int *ret, Err *err)
{
    Str text = { 0 };
    uint64_t pid;
    TRY(fs_read(&s->arena, path, 4096, &text, err));
    Str line;
    if (!str_cut(&text, '\n', &line) || str_to_u64(str_trim(line), &pid) < 0 || pid == 0 ||
        pid > INT32_MAX)
        return err_set(err, -EINVAL, "'%s' holds no process number", path);
    *ret = (int)pid;
    return 0;
}

static int attach(Service *s, int pid, Err *err)
{
    s->watch = (int)syscall(SYS_pidfd_open, pid, 0);
    if (s->watch < 0)
        return err_errno(err, -errno, "watch process %d", pid);
    s->pid = pid;
    return 0;
}

static int begin(Service *s, const ServiceSpec *spec, const char *dir, Err *err)
{
    if (spec->start)
        return start_own(s, spec, dir, err);
    int pid = (int)spec->pid;
    if (spec->pidfile)
        TRY(read_pidfile(s, fs_join(&s->arena, dir, spec->pidfile), &pid, err));
    return pid ? attach(s, pid, err) : 0;
}

static int check_spec(const ServiceSpec *spec, Err *err)
{
    if (spec->start && spec->pid)
        return err_set(err, -EINVAL, "start and pid exclude each other");
    if (spec->pid && spec->pidfile)
        return err_set(err, -EINVAL, "pid and pidfile exclude each other");
    if (spec->pid > INT32_MAX)
        return err_set(err, -EINVAL, "pid: %u is no process number", spec->pid);
    return 0;
}

/* A daemon may say itself which of its processes is the main one. */
static int take_pidfile(Service *s, const ServiceSpec *spec, const char *dir, Err *err)
{
    if (!spec->start || !spec->pidfile)
        return 0;
    return read_pidfile(s, fs_join(&s->arena, dir, spec->pidfile), &s->pid, err);
}

static int prepare(Service *s, const ServiceSpec *spec, const char *url, Ready *ready, Err *err)
{
    TRY(check_spec(spec, err));
    TRY(service_spec_check(spec, err));
    s->sig = service_signal(spec->stop_signal);
    TRY(ready_parse(&s->arena, spec->ready, url, ready, err));
    if (ready->kind == READY_LOG && !spec->start)
        return err_set(err, -EINVAL, "ready: log needs a server that assay starts");
    return 0;
}

/* Somebody else's server on the same port would look like ours being up. */
static int check_port_free(const Service *s, const ServiceSpec *spec, const Ready *ready, Err *err)
{
    Ready probe = { .kind = READY_TCP, .host = ready->host, .port = ready->port };
    if (!spec->start || !ready->port || ready_try(&probe, NULL, -1, TRY_MS, NULL) <= 0)
        return 0;
    return err_set(err, -EADDRINUSE, "%s can't start: another process serves port %s of %s already",
                   s->name, ready->port, ready->host);
}

int service_start(Service **ret, const char *name, const ServiceSpec *spec, const char *url,
                  const char *dir, const volatile bool *stop, Err *err)
{
    CLEANUP(service_stopp) Service *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, -ENOMEM, "service");
    Ready ready;
    s->watch = -1;
    s->stop_timeout_ns = spec->stop_timeout;
    s->name = arena_strdup(&s->arena, name);
    dir = dir ? dir : ".";
    TRY(prepare(s, spec, url, &ready, err));
    TRY(check_port_free(s, spec, &ready, err));
    TRY(begin(s, spec, dir, err));
    Err failed = { 0 };
    int r = await_ready(s, &ready, spec->ready_timeout, stop, &failed);
    if (r == 0)
        r = take_pidfile(s, spec, dir, &failed);
    if (r < 0) {
        if (r != -EINTR)
            add_log(s, &failed);
        return err_set(err, r, "%s", failed.msg);
    }
    *ret = TAKE(s);
    return 0;
}

int service_pid(const Service *s)
{
    return s->pid;
}

bool service_exited(Service *s, int *ret_status)
{
    hear(s);
    if (s->exited)
        *ret_status = s->status;
    return s->exited;
}

static void end_own(Service *s)
{
    LaunchReply a = { 0 };
    int ms = (int)MIN(s->stop_timeout_ns / NS_PER_MS, (uint64_t)3600000) + END_SLACK_MS;
    launcher_stop(s->l, s->sig, s->stop_timeout_ns);
    while (launcher_wait(s->l, NULL, ms, &a, NULL) == 0 && a.kind != LAUNCH_STOPPED)
        ;
    s->l = launcher_free(s->l);
}

Service *service_stop(Service *s)
{
    if (!s)
        return NULL;
    if (s->l)
        end_own(s);
    if (s->watch >= 0)
        close(s->watch);
    arena_done(&s->arena);
    free(s);
    return NULL;
}

void service_stopp(Service **s)
{
    *s = service_stop(*s);
}
