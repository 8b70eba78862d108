/* A benchmark program as a child of assay, spoken to over a socket that is its descriptor 3. */
#include "launch/function.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/wire.h"
#include "launch/program.h"

enum { WIRE_FD = 3, LOOK_MS = 50, LEAVE_MS = 1000 };

/* Generated from the preload library: its bytes. */
extern const char preload_image[], preload_image_end[];

struct FunctionProgram {
    pid_t pid;
    int fd;
    int preload_fd; /* -1: not loaded */
    const volatile bool *stop;
    const char *name; /* in the arena */
    FunctionCosts costs;
    bool counts_allocs;
    char *frame; /* [frame_cap] owned; the last frame's payload */
    size_t frame_cap;
    Arena arena;
};

/* ---- bytes ---- */

/* A process's descriptors close a moment before it can be waited for. */
static void await_exit(pid_t pid)
{
    struct pollfd f = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
    if (f.fd < 0)
        return;
    poll(&f, 1, LEAVE_MS);
    close(f.fd);
}

static int lost(const FunctionProgram *p, Err *err)
{
    siginfo_t how = { 0 };
    await_exit(p->pid);
    bool ended = waitid(P_PID, (id_t)p->pid, &how, WEXITED | WNOHANG | WNOWAIT) == 0 && how.si_pid;
    if (ended && how.si_code != CLD_EXITED)
        return err_set(err, -EPIPE, "%s was ended by signal %d (%s)", p->name, how.si_status,
                       strsignal(how.si_status));
    return err_set(err, -EPIPE, "%s ended before it had answered", p->name);
}

static int wait_readable(const FunctionProgram *p, Err *err)
{
    struct pollfd f = { .fd = p->fd, .events = POLLIN };
    for (;;) {
        int r = poll(&f, 1, LOOK_MS);
        if (r > 0)
            return 0;
        if (r < 0 && errno != EINTR)
            return err_errno(err, -errno, "wait for %s", p->name);
        if (p->stop && *p->stop)
            return err_set(err, -EINTR, "stopped");
    }
}

static int receive(FunctionProgram *p, void *buf, size_t n, Err *err)
{
    char *at = buf;
    while (n) {
        TRY(wait_readable(p, err));
        ssize_t got = recv(p->fd, at, n, 0);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            return lost(p, err);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return err_errno(err, -errno, "read from %s", p->name);
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
    return 0;
}

/* The next frame; its payload stays valid until the one after it. */
static int receive_frame(FunctionProgram *p, uint32_t *ret_kind, Str *ret, Err *err)
{
    AssayWireFrame f;
    TRY(receive(p, &f, sizeof f, err));
    if (f.bytes > ASSAY_WIRE_FRAME_MAX)
        return err_set(err, -EPROTO, "%s sent a frame of %u bytes", p->name, f.bytes);
    if (f.bytes > p->frame_cap) {
        char *more = realloc(p->frame, f.bytes);
        if (!more)
            return err_set(err, -ENOMEM, "frame of %u bytes", f.bytes);
        p->frame = more;
        p->frame_cap = f.bytes;
    }
    TRY(receive(p, p->frame, f.bytes, err));
    *ret_kind = f.kind;
    *ret = (Str){ p->frame, f.bytes };
    return 0;
}

static int send_order(const FunctionProgram *p, AssayWireKind kind, const AssayWireOrder *o,
                      Err *err)
{
    char bytes[sizeof(AssayWireFrame) + sizeof *o];
    AssayWireFrame f = { (uint32_t)kind, o ? sizeof *o : 0 };
    memcpy(bytes, &f, sizeof f);
    if (o)
        memcpy(bytes + sizeof f, o, sizeof *o);
    ssize_t n = (ssize_t)(sizeof f + f.bytes); /* so small that the socket takes it whole */
    if (send(p->fd, bytes, (size_t)n, MSG_NOSIGNAL) == n)
        return 0;
    return lost(p, err);
}

/* A frame of that kind; a program that refuses is quoted. */
static int expect_frame(FunctionProgram *p, AssayWireKind kind, Str *ret, Err *err)
{
    uint32_t got;
    TRY(receive_frame(p, &got, ret, err));
    if (got == (uint32_t)kind)
        return 0;
    if (got == ASSAY_WIRE_FAILED && ret->len && !ret->ptr[ret->len - 1])
        return err_set(err, -ECHILD, "%s", ret->ptr);
    return err_set(err, -EPROTO, "%s sent a frame that was not asked for (kind %u)", p->name, got);
}

/* ---- start ---- */

/* The library must have a path in the child: a memory file's, through /proc. */
static int make_preload(FunctionProgram *p, Err *err)
{
    size_t n = (size_t)(preload_image_end - preload_image), done = 0;
    p->preload_fd = memfd_create("assay-preload", MFD_CLOEXEC);
    if (p->preload_fd < 0)
        return err_errno(err, -errno, "memory file");
    while (done < n) {
        ssize_t w = write(p->preload_fd, preload_image + done, n - done);
        if (w <= 0)
            return err_errno(err, -errno, "memory file");
        done += (size_t)w;
    }
    return 0;
}

static const char *before_equals(Arena *a, const char *entry)
{
    ptrdiff_t at = str_find_char(str(entry), '=');
    return arena_str(a, str_slice(str(entry), 0, at < 0 ? 0 : at));
}

static bool is_set(const StrMap *m, const char *name)
{
    for (ptrdiff_t i = 0; i < m->n; i++)
        if (strcmp(m->v[i].key, name) == 0)
            return true;
    return false;
}

/* assay's environment, with the job's and ours in front of what they replace. */
static char **make_env(FunctionProgram *p, const StrMap *more)
{
    Arena *a = &p->arena;
    StrMap own = { 0 };
    strmap_set(a, &own, ASSAY_WIRE_VARIABLE, arena_printf(a, "%d", WIRE_FD));
    for (ptrdiff_t i = 0; more && i < more->n; i++)
        strmap_set(a, &own, more->v[i].key, more->v[i].value);
    if (p->preload_fd >= 0)
        strmap_set(a, &own, "LD_PRELOAD",
                   arena_printf(a, "/proc/%d/fd/%d", (int)getpid(), p->preload_fd));
    ptrdiff_t n = 0, k = 0;
    while (environ[n])
        n++;
    char **env = ARENA_ARRAY(a, char *, n + own.n + 1);
    for (ptrdiff_t i = 0; i < own.n; i++)
        env[k++] = arena_printf(a, "%s=%s", own.v[i].key, own.v[i].value);
    for (ptrdiff_t i = 0; i < n; i++)
        if (!is_set(&own, before_equals(a, environ[i])))
            env[k++] = environ[i];
    return env;
}

static char **make_argv(FunctionProgram *p, const StrList *argv)
{
    char **v = ARENA_ARRAY(&p->arena, char *, argv->n + 1);
    for (ptrdiff_t i = 0; i < argv->n; i++)
        v[i] = arena_printf(&p->arena, "%s", argv->v[i]);
    return v;
}

/* Signals of the terminal are assay's affair: the program has a process group of its own. */
static int spawn(FunctionProgram *p, const FunctionJob *job, const char *path, int theirs, Err *err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, 2, 1); /* what it prints is talk, not results */
    posix_spawn_file_actions_adddup2(&files, theirs, WIRE_FD);
    if (job->cwd)
        posix_spawn_file_actions_addchdir_np(&files, job->cwd);
    int r =
        posix_spawn(&p->pid, path, &files, &attr, make_argv(p, job->argv), make_env(p, job->env));
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return r ? err_errno(err, -r, "start '%s'", path) : 0;
}

static int start(FunctionProgram *p, const FunctionJob *job, Err *err)
{
    int pair[2];
    const char *path;
    assert(job->argv->n > 0);
    p->name = arena_strdup(&p->arena, job->argv->v[0]);
    TRY(program_find(&p->arena, p->name, job->cwd, NULL, &path, err));
    if (job->count_allocs)
        TRY(make_preload(p, err));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_errno(err, -errno, "socket pair");
    p->fd = pair[0];
    /* dup2 of a descriptor onto itself would leave it closed on exec */
    int theirs = pair[1] == WIRE_FD ? fcntl(pair[1], F_DUPFD_CLOEXEC, WIRE_FD + 1) : pair[1];
    int r = theirs < 0 ? err_errno(err, -errno, "socket pair") : spawn(p, job, path, theirs, err);
    if (theirs >= 0 && theirs != pair[1])
        close(theirs);
    close(pair[1]);
    return r;
}

static int greet(FunctionProgram *p, Err *err)
{
    Str bytes;
    AssayWireHello h;
    int r = expect_frame(p, ASSAY_WIRE_HELLO, &bytes, err);
    if (r == -EINTR)
        return r;
    if (r < 0 || bytes.len != (ptrdiff_t)sizeof h)
        return err_set(err, -EPROTO,
                       "'%s' does not answer as a benchmark program; link it with libassay "
                       "(pkg-config --libs assay) and end it with ASSAY_MAIN",
                       p->name);
    memcpy(&h, bytes.ptr, sizeof h);
    if (h.magic != ASSAY_WIRE_MAGIC || h.version != ASSAY_WIRE_VERSION)
        return err_set(err, -EPROTO,
                       "'%s' was built with another version of libassay (it speaks %u, this "
                       "program %d); build it anew",
                       p->name, h.version, ASSAY_WIRE_VERSION);
    p->costs = (FunctionCosts){ h.loop_ns, h.pause_ns, h.clock_ns, h.resolution_ns };
    p->counts_allocs = h.counts_allocs != 0;
    return 0;
}

int function_open(FunctionProgram **ret, const FunctionJob *job, Err *err)
{
    FunctionProgram *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, -ENOMEM, "benchmark program");
    p->fd = p->preload_fd = -1;
    p->stop = job->stop;
    int r = start(p, job, err);
    if (r == 0)
        r = greet(p, err);
    if (r < 0)
        function_close(p);
    else
        *ret = p;
    return r;
}

/* ---- end ---- */

/* It goes when it sees the socket closed; one that is lost in its own loop does not. */
static void await_end(pid_t pid)
{
    for (int waited = 0; waited < LEAVE_MS; waited++) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            return;
        poll(NULL, 0, 1);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

FunctionProgram *function_close(FunctionProgram *p)
{
    if (!p)
        return NULL;
    bool stopped = p->stop && *p->stop;
    if (p->fd >= 0)
        close(p->fd);
    if (p->pid > 0 && stopped)
        kill(p->pid, SIGTERM);
    if (p->pid > 0)
        await_end(p->pid);
    if (p->preload_fd >= 0)
        close(p->preload_fd);
    free(p->frame);
    arena_done(&p->arena);
    free(p);
    return NULL;
}

void function_closep(FunctionProgram **p)
{
    *p = function_close(*p);
}

/* ---- orders ---- */

const FunctionCosts *function_costs(const FunctionProgram *p)
{
    return &p->costs;
}

bool function_counts_allocs(const FunctionProgram *p)
{
    return p->counts_allocs;
}

int function_list(FunctionProgram *p, Arena *a, FunctionCase **ret, ptrdiff_t *ret_n, Err *err)
{
    struct {
        FunctionCase *v;
        ptrdiff_t n, cap;
    } all = { 0 };
    TRY(send_order(p, ASSAY_WIRE_LIST, NULL, err));
    for (;;) {
        uint32_t kind;
        Str bytes;
        TRY(receive_frame(p, &kind, &bytes, err));
        if (kind == ASSAY_WIRE_END)
            break;
        if (kind == ASSAY_WIRE_FAILED && bytes.len && !bytes.ptr[bytes.len - 1])
            return err_set(err, -ECHILD, "%s", bytes.ptr);
        if (kind != ASSAY_WIRE_CASE)
            return err_set(err, -EPROTO, "%s sent a frame that was not asked for", p->name);
        FunctionCase c;
        TRY(function_read_case(a, bytes, &c, err));
        ARENA_PUSH(a, all.v, all.n, all.cap, c);
    }
    *ret = all.v;
    *ret_n = all.n;
    return 0;
}

static int receive_result(FunctionProgram *p, FunctionResult *ret, Err *err)
{
    Str bytes;
    bool samples;
    TRY(expect_frame(p, ASSAY_WIRE_RESULT, &bytes, err));
    TRY(function_read_result(bytes, ret, &samples, err));
    if (!samples)
        return 0;
    TRY(expect_frame(p, ASSAY_WIRE_SAMPLES, &bytes, err));
    return function_read_samples(bytes, &ret->each, err);
}

int function_calibrate(FunctionProgram *p, uint32_t index, uint64_t least_ns, uint64_t *ret,
                       Err *err)
{
    FunctionResult result;
    AssayWireOrder o = { .index = index, .least_ns = least_ns };
    TRY(send_order(p, ASSAY_WIRE_CALIBRATE, &o, err));
    TRY(receive_result(p, &result, err));
    hist_free(result.each);
    *ret = result.iterations;
    return 0;
}

int function_epoch(FunctionProgram *p, uint32_t index, uint64_t iterations, bool each,
                   FunctionResult *ret, Err *err)
{
    AssayWireOrder o = { .index = index,
                         .flags = each ? ASSAY_WIRE_EACH : 0,
                         .iterations = iterations };
    TRY(send_order(p, ASSAY_WIRE_EPOCH, &o, err));
    return receive_result(p, ret, err);
}
