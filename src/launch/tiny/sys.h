/* The launcher's whole libc: system calls that return a negative errno.
 *
 * The launcher links nothing, because its size is the floor under every child's ru_maxrss (the
 * kernel counts the image that called exec) and because fewer pages make a faster vfork. A static
 * glibc program maps about 650 KiB before main; this one stays near 100. sys_x86_64.S holds the
 * entry point and the two primitives; elsewhere sys_libc.c borrows them from a static libc. */
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

/* One system call; unused arguments are 0. */
long sys_call(long number, long a, long b, long c, long d, long e, long f);
/* vfork onto a stack of its own: the child runs fn(arg), which never returns; the caller sleeps
 * until the child execs or exits. `top` is the upper end of the stack, 16-byte aligned. Returns the
 * child's pid. */
long sys_spawn(void (*fn)(void *), void *top, void *arg);
/* Call fn when the signal comes; waiting system calls end with -EINTR then. */
void sys_on_signal(int sig, void (*fn)(int));
/* Where the program goes from its entry point. Never returns. */
void launch_main(void);

#define SYS6(n, a, b, c, d, e, f)                                                                  \
    sys_call((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYS0(n) SYS6(n, 0, 0, 0, 0, 0, 0)
#define SYS1(n, a) SYS6(n, a, 0, 0, 0, 0, 0)
#define SYS2(n, a, b) SYS6(n, a, b, 0, 0, 0, 0)
#define SYS3(n, a, b, c) SYS6(n, a, b, c, 0, 0, 0)
#define SYS4(n, a, b, c, d) SYS6(n, a, b, c, d, 0, 0)
#define SYS5(n, a, b, c, d, e) SYS6(n, a, b, c, d, e, 0)

static inline uint64_t sys_clock(int which)
{
    struct timespec ts;
    SYS2(SYS_clock_gettime, which, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t sys_now(void)
{
    return sys_clock(CLOCK_MONOTONIC);
}

static inline uint64_t sys_cpu_time(void)
{
    return sys_clock(CLOCK_THREAD_CPUTIME_ID);
}

static inline int sys_open(const char *path, int flags)
{
    return (int)SYS4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0);
}

static inline long sys_read(int fd, void *buf, size_t n)
{
    return SYS3(SYS_read, fd, buf, n);
}

static inline void sys_close(int fd)
{
    if (fd >= 0)
        SYS1(SYS_close, fd);
}

static inline void sys_kill(int pid, int sig)
{
    SYS2(SYS_kill, pid, sig);
}

static inline int sys_wait(int pid, int *status, int options, struct rusage *ru)
{
    return (int)SYS4(SYS_wait4, pid, status, options, ru);
}

_Noreturn static inline void sys_exit(int code)
{
    for (;;)
        SYS1(SYS_exit_group, code);
}
