/* The primitives from a static libc, where there is no assembly for the machine: correct, but the
 * launcher is some 600 KiB larger. */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "launch/tiny/sys.h"

long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
    long r = syscall(number, a, b, c, d, e, f);
    return r < 0 ? -errno : r;
}

typedef struct Start {
    void (*fn)(void *);
    void *arg;
} Start;

static int start(void *arg)
{
    Start *s = arg;
    s->fn(s->arg);
    return 127;
}

long sys_spawn(void (*fn)(void *), void *top, void *arg)
{
    Start s = { fn, arg };
    int pid = clone(start, top, CLONE_VM | CLONE_VFORK | SIGCHLD, &s);
    return pid < 0 ? -errno : pid;
}

void sys_on_signal(int sig, void (*fn)(int))
{
    struct sigaction sa = { .sa_handler = fn };
    sigaction(sig, &sa, NULL);
}

int main(void)
{
    launch_main();
    return 0;
}
