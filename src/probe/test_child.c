#include "probe/test_child.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct Task {
    Order order;
    uint64_t arg;
} Task;

void child_must(bool ok)
{
    if (!ok)
        _exit(99);
}

/* Whoever reads from it waits until the test has ended: nobody ever writes, and only the test holds
 * the other end. */
static int life[2] = { -1, -1 };

static void child_stay(void)
{
    char c;
    (void)!read(life[0], &c, 1);
    _exit(0);
}

static uint64_t child_cpu_ns(int who)
{
    struct rusage u;
    child_must(getrusage(who, &u) == 0);
    return ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) * NS_PER_S +
           ((uint64_t)u.ru_utime.tv_usec + (uint64_t)u.ru_stime.tv_usec) * NS_PER_US;
}

static uint64_t child_burn(uint64_t ns, int who)
{
    uint64_t from = child_cpu_ns(who), now = from;
    while (now - from < ns)
        now = child_cpu_ns(who);
    return now - from;
}

static uint64_t child_run_child(uint64_t ns)
{
    struct rusage u;
    int pid = fork();
    if (pid == 0) {
        child_burn(ns, RUSAGE_SELF);
        _exit(0);
    }
    child_must(pid > 0 && wait4(pid, NULL, 0, &u) == pid);
    return ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) * NS_PER_S +
           ((uint64_t)u.ru_utime.tv_usec + (uint64_t)u.ru_stime.tv_usec) * NS_PER_US;
}

static uint64_t child_keep_child(uint64_t ns)
{
    int done[2];
    char c;
    child_must(pipe(done) == 0);
    int pid = fork();
    if (pid == 0) {
        child_burn(ns, RUSAGE_SELF);
        child_must(write(done[1], "", 1) == 1);
        child_stay();
    }
    child_must(pid > 0 && read(done[0], &c, 1) == 1);
    close(done[0]);
    close(done[1]);
    return (uint64_t)pid;
}

typedef struct ChildThread {
    uint64_t ns;
    int done[2];
} ChildThread;

static void *child_thread(void *arg)
{
    ChildThread *t = arg;
    uint64_t tid = (uint64_t)syscall(SYS_gettid);
    child_burn(t->ns, RUSAGE_THREAD);
    child_must(write(t->done[1], &tid, sizeof tid) == sizeof tid);
    child_stay();
    return NULL;
}

static uint64_t child_start_thread(uint64_t ns)
{
    static ChildThread t; /* outlives this call; one per child */
    pthread_t thread;
    uint64_t tid;
    t.ns = ns;
    child_must(pipe(t.done) == 0 && pthread_create(&thread, NULL, child_thread, &t) == 0);
    child_must(read(t.done[0], &tid, sizeof tid) == sizeof tid);
    return tid;
}

static uint64_t child_write(uint64_t bytes)
{
    static const char block[65536];
    char name[] = "/var/tmp/assay-probe-XXXXXX";
    int fd = mkstemp(name);
    child_must(fd >= 0);
    unlink(name);
    for (uint64_t n = 0; n < bytes; n += sizeof block)
        child_must(write(fd, block, sizeof block) == sizeof block);
    bool ok = fsync(fd) == 0;
    close(fd);
    return ok;
}

static uint64_t child_switch(uint64_t n)
{
    struct timespec tiny = { .tv_nsec = 50000 }; /* shorter ones may be over before it is asleep */
    for (uint64_t i = 0; i < n; i++)
        clock_nanosleep(CLOCK_MONOTONIC, 0, &tiny, NULL);
    return n;
}

static void *child_map(uint64_t bytes)
{
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    child_must(p != MAP_FAILED);
    for (uint64_t i = 0; i < bytes; i += 4096)
        ((volatile char *)p)[i] = 1;
    return p;
}

static uint64_t child_obey(Task t)
{
    static void *mapped;
    static uint64_t mapped_bytes;
    switch (t.order) {
    case ORDER_BURN:
        return child_burn(t.arg, RUSAGE_SELF);
    case ORDER_MAP:
        mapped = child_map(mapped_bytes = t.arg);
        return 0;
    case ORDER_UNMAP:
        return (uint64_t)munmap(mapped, mapped_bytes);
    case ORDER_RUN_CHILD:
        return child_run_child(t.arg);
    case ORDER_KEEP_CHILD:
        return child_keep_child(t.arg);
    case ORDER_END_CHILD:
        kill((pid_t)t.arg, SIGKILL);
        return waitpid((pid_t)t.arg, NULL, 0) == (pid_t)t.arg;
    case ORDER_IGNORE:
        return signal(SIGCHLD, SIG_IGN) == SIG_ERR;
    case ORDER_THREAD:
        return child_start_thread(t.arg);
    case ORDER_OPEN:
        for (uint64_t i = 0; i < t.arg; i++)
            child_must(open("/dev/null", O_RDONLY) >= 0);
        return 0;
    case ORDER_WRITE:
        return child_write(t.arg);
    case ORDER_SWITCH:
        return child_switch(t.arg);
    case ORDER_END:
        _exit(0);
    }
    return 0;
}

static void child_serve(int from, int to)
{
    for (Task t; read(from, &t, sizeof t) == sizeof t;) {
        uint64_t answer = child_obey(t);
        child_must(write(to, &answer, sizeof answer) == sizeof answer);
    }
    _exit(0); /* the test is gone */
}

void child_tell(const Child *c, Order order, uint64_t arg)
{
    Task t = { order, arg };
    child_must(write(c->to, &t, sizeof t) == sizeof t);
}

static uint64_t child_answer(const Child *c)
{
    uint64_t answer;
    child_must(read(c->from, &answer, sizeof answer) == sizeof answer);
    return answer;
}

uint64_t child_ask(const Child *c, Order order, uint64_t arg)
{
    child_tell(c, order, arg);
    return child_answer(c);
}

Child child_start(void)
{
    int to[2], from[2];
    child_must(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
    child_must(life[0] >= 0 || pipe2(life, O_CLOEXEC) == 0);
    int pid = fork();
    if (pid == 0) {
        close(to[1]);
        close(from[0]);
        close(life[1]);
        child_serve(to[0], from[1]);
    }
    child_must(pid > 0);
    close(to[0]);
    close(from[1]);
    Child c = { pid, to[1], from[0] };
    child_ask(&c, ORDER_BURN, 0); /* it has settled */
    return c;
}

void child_end(Child *c)
{
    kill(c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
    close(c->to);
    close(c->from);
    c->pid = 0;
}

int count_own_fds(void)
{
    int n = 0;
    for (int fd = 0; fd < 4096; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}
