/* A service: one child that is kept until assay asks for its end, or is gone. The launcher does
 * nothing else from then on and ends with it. */
#include <errno.h>

#include "launch/tiny/launch.h"
#include "launch/tiny/tree.h"

#define ABANDONED_GRACE_NS UINT64_C(2000000000)

typedef struct Serve {
    Launch *launch;
    int root;    /* 0 once it ended */
    int sig;     /* what asks it to end */
    Tree nobody; /* empty */
} Serve;

static void tell(uint32_t kind, int pid, int status)
{
    LaunchReply a = { .kind = kind, .pid = pid, .status = status };
    launch_reply(&a);
}

/* A root that exits with 0 and leaves a child behind went into the background, as daemons do. */
static void on_root_end(Serve *s, int status)
{
    static Tree left;
    tree_children(&left);
    s->root = 0;
    if (status == 0 && left.n > 0) {
        s->root = left.pid[0];
        tell(LAUNCH_MOVED, s->root, 0);
        return;
    }
    tell(LAUNCH_EXITED, 0, status);
}

/* Reap whatever ended; false when there are no children any more. */
static bool reap(Serve *s)
{
    for (;;) {
        int status, pid = sys_wait(-1, &status, WNOHANG | __WALL, NULL);
        if (pid <= 0)
            return pid == 0;
        if (pid == s->root)
            on_root_end(s, status);
    }
}

static void pause_until_event(Serve *s, uint64_t ns, bool control)
{
    struct timespec ts = { .tv_sec = (time_t)(ns / 1000000000u),
                           .tv_nsec = (long)(ns % 1000000000u) };
    struct pollfd fds[] = { { s->launch->events, POLLIN, 0 },
                            { control ? LAUNCH_SOCKET_FD : -1, POLLIN, 0 } };
    SYS5(SYS_ppoll, fds, 2, ns ? &ts : 0, 0, 0);
    launch_clear_events(s->launch);
}

/* Ask each child's group once, as a terminal would. Children of those that end become ours and are
 * asked in their turn. */
static void ask_all(Tree *asked, int sig)
{
    static Tree own;
    tree_children(&own);
    for (int i = 0; i < own.n; i++) {
        if (tree_has(asked, own.pid[i]) || asked->n == TREE_MAX)
            continue;
        asked->pid[asked->n++] = own.pid[i];
        tree_signal_group(own.pid[i], sig);
    }
}

/* Ask, wait for the grace, force. */
_Noreturn static void end_service(Serve *s, int sig, uint64_t grace_ns)
{
    static Tree asked;
    uint64_t until = sys_now() + grace_ns, now;
    s->root = 0;
    while (reap(s) && (now = sys_now()) < until) {
        ask_all(&asked, sig);
        pause_until_event(s, until - now, false);
    }
    tree_end(&s->nobody, 0);
    tell(LAUNCH_STOPPED, 0, 0);
    sys_exit(0);
}

_Noreturn static void watch(Serve *s, uint64_t grace_ns)
{
    uint64_t grace = grace_ns < ABANDONED_GRACE_NS ? grace_ns : ABANDONED_GRACE_NS;
    for (;;) {
        pause_until_event(s, 0, true);
        reap(s);
        LaunchRequest q;
        int fds[LAUNCH_N_FDS];
        int got = launch_receive(&q, fds, false);
        if (got == 0)
            end_service(s, s->sig, grace);
        if (got > 0 && q.kind == LAUNCH_STOP)
            end_service(s, (int)q.stop_signal, q.grace_ns);
    }
}

void launch_serve(Launch *l, const LaunchRequest *q, int fds[LAUNCH_N_FDS])
{
    static Serve s;
    Plan plan;
    LaunchReply a = { .kind = LAUNCH_STARTED };
    int e = plan_open(&plan, q, fds[0]);
    launch_hear_children(true);
    if (e == 0)
        e = spawn(&plan, fds + 1, &a.stage);
    plan_close(&plan);
    for (int i = 0; i < LAUNCH_N_FDS; i++)
        sys_close(fds[i]);
    a.error = e < 0 ? -e : 0;
    a.pid = e > 0 ? e : 0;
    launch_reply(&a);
    if (e < 0)
        return;
    s.launch = l;
    s.root = e;
    s.sig = (int)q->stop_signal;
    watch(&s, q->grace_ns);
}
