/* One timed run. */
#include <errno.h>
#include <sys/ioctl.h>

#include "launch/hash.h"
#include "launch/tiny/exe.h"
#include "launch/tiny/launch.h"
#include "launch/tiny/peak.h"

enum {
    PIPE_BYTES = 1 << 20,  /* asked for; a smaller one works too */
    READ_BYTES = 64 << 10, /* at once */
    TRIM_BYTES = 8 << 20,  /* stderr kept in a memfd is cut to nothing beyond this */
    ALARM_LEAST_NS = 100000,
};

/* Entered when: GOING the child was started; ASKED TERM was sent (timeout, stop); FORCED the grace
 * is over and KILL was sent. */
typedef enum End { END_GOING, END_ASKED, END_FORCED } End;

typedef struct Run {
    Launch *launch;
    const LaunchRequest *q;
    LaunchReply reply;
    int pid, out, err; /* out: our end of the pipe or -1; err: the child's stderr */
    uint64_t begun_ns, ended_ns, deadline_ns;
    End end;
    struct rusage ru, orphans;
    int status;
    Hash hash;
    Peak peak;
    const Tree *skip;
} Run;

static void ask_to_end(Run *r)
{
    if (r->end != END_GOING)
        return;
    r->end = END_ASKED;
    r->deadline_ns = sys_now() + r->q->grace_ns;
    tree_signal_group(r->pid, SIGTERM);
}

static void force_end(Run *r)
{
    r->end = END_FORCED;
    r->deadline_ns = 0;
    sys_kill(r->pid, SIGKILL);
    tree_signal_group(r->pid, SIGKILL);
}

/* Assay is gone: nothing of the run may stay. */
_Noreturn static void abandon(Run *r)
{
    tree_signal_group(r->pid, SIGKILL);
    tree_end(r->skip, 0);
    sys_exit(1);
}

static void on_control(Run *r)
{
    LaunchRequest q;
    int fds[LAUNCH_N_FDS];
    int got = launch_receive(&q, fds, false);
    if (got == 0)
        abandon(r);
    if (got < 0 || q.kind != LAUNCH_STOP)
        return;
    r->reply.aborted = 1;
    ask_to_end(r);
}

static void on_deadline(Run *r)
{
    if (r->end == END_ASKED) {
        force_end(r);
        return;
    }
    r->reply.timed_out = 1;
    ask_to_end(r);
}

/* A background process that reads the terminal (or writes, under tostop) stands still for ever. */
static void on_stopped(Run *r)
{
    int sig = WSTOPSIG(r->status);
    if (peak_stopped(&r->peak, r->status) || (sig != SIGTTIN && sig != SIGTTOU))
        return;
    r->reply.wants_terminal = 1;
    force_end(r);
}

static void read_output(Run *r, long most)
{
    static char buf[READ_BYTES];
    while (most > 0) {
        long n = sys_read(r->out, buf, (size_t)(most < READ_BYTES ? most : READ_BYTES));
        if (n == 0) { /* all writers are gone: nothing more will come */
            sys_close(r->out);
            r->out = -1;
        }
        if (n <= 0)
            return;
        hash_add(&r->hash, buf, (size_t)n);
        most -= n;
    }
}

/* What the pipe holds now; a process that outlives the child may keep it open, and is not waited
 * for. */
static void drain_output(Run *r)
{
    int held = 0;
    if (r->out >= 0 && SYS3(SYS_ioctl, r->out, FIONREAD, &held) == 0)
        read_output(r, held);
    sys_close(r->out);
}

static void trim_errors(const Run *r)
{
    struct stat st;
    if ((r->q->flags & LAUNCH_TRIM_ERRORS) &&
        SYS4(SYS_newfstatat, r->err, "", &st, AT_EMPTY_PATH) == 0 && st.st_size > TRIM_BYTES)
        SYS2(SYS_ftruncate, r->err, 0);
}

static uint64_t time_left_ns(const Run *r)
{
    uint64_t now = sys_now(), until = r->peak.next_ns;
    if (r->deadline_ns && r->deadline_ns < until)
        until = r->deadline_ns;
    return until > now ? until - now : 0;
}

/* SIGALRM cuts the waiting short; it comes again and again, since one that comes before the waiting
 * begins is lost. */
static void set_alarm(uint64_t ns)
{
    long us = ns > ALARM_LEAST_NS ? (long)(ns / 1000) : ALARM_LEAST_NS / 1000;
    struct timeval t = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
    struct itimerval every = { .it_interval = t, .it_value = t };
    if (ns == 0)
        every = (struct itimerval){ 0 };
    SYS3(SYS_setitimer, ITIMER_REAL, &every, 0);
}

/* Wait for the child, or (without WNOHANG) for the alarm. True when it was reaped. */
static bool wait_child(Run *r, int options)
{
    for (;;) {
        int got = sys_wait(r->pid, &r->status, options | WUNTRACED | __WALL, &r->ru);
        if (got == 0 || got == -EINTR)
            return false;
        if (got < 0 || !WIFSTOPPED(r->status)) {
            r->ended_ns = sys_now();
            return true;
        }
        on_stopped(r);
    }
}

/* With output to read, the launcher waits in poll. This costs about 10 us more at the end of a run
 * than waiting for nothing but the child does, so that is for those who ask for their output. */
static bool poll_child(Run *r)
{
    uint64_t left = time_left_ns(r);
    struct timespec ts = { .tv_sec = (time_t)(left / 1000000000u),
                           .tv_nsec = (long)(left % 1000000000u) };
    struct pollfd fds[] = { { r->launch->events, POLLIN, 0 }, { r->out, POLLIN, 0 } };
    SYS5(SYS_ppoll, fds, 2, &ts, 0, 0);
    if (fds[0].revents) { /* cleared before the child is looked at, or a change could be missed */
        launch_clear_events(r->launch);
        return wait_child(r, WNOHANG);
    }
    if (fds[1].revents)
        read_output(r, READ_BYTES);
    return false;
}

static void watch(Run *r)
{
    for (;;) {
        if (r->out >= 0 ? poll_child(r) : wait_child(r, 0))
            break;
        on_control(r);
        uint64_t now = sys_now();
        if (r->deadline_ns && now >= r->deadline_ns)
            on_deadline(r);
        if (now >= r->peak.next_ns) {
            peak_tick(&r->peak, r->skip, &r->orphans);
            trim_errors(r);
        }
        if (r->out < 0)
            set_alarm(time_left_ns(r) + 1);
    }
    set_alarm(0);
}

static uint64_t time_ns(const struct timeval *t)
{
    return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_usec * 1000u;
}

/* Orphans that ended are part of the bill; those that live on are counted and left alone. */
static void settle(Run *r)
{
    static Tree left;
    if (r->end != END_GOING)
        tree_end(r->skip, 0);
    Peak *p = &r->peak;
    peak_end(p, &r->ru, &r->reply);
    p->pid = 0;
    peak_reap_orphans(p, r->skip, &r->orphans);
    tree_list(&left, r->skip);
    r->reply.n_left = (uint64_t)left.n;
    rusage_add(&r->ru, &r->orphans);
}

static void fill_reply(Run *r)
{
    LaunchReply *a = &r->reply;
    a->kind = LAUNCH_DONE;
    a->status = r->status;
    a->wall_ns = r->ended_ns - r->begun_ns - r->peak.held_ns;
    a->user_ns = time_ns(&r->ru.ru_utime);
    a->system_ns = time_ns(&r->ru.ru_stime);
    a->faults_minor = (uint64_t)r->ru.ru_minflt;
    a->faults_major = (uint64_t)r->ru.ru_majflt;
    a->switches_voluntary = (uint64_t)r->ru.ru_nvcsw;
    a->switches_involuntary = (uint64_t)r->ru.ru_nivcsw;
    a->io_read_bytes = (uint64_t)r->ru.ru_inblock * 512;
    a->io_write_bytes = (uint64_t)r->ru.ru_oublock * 512;
    a->output_hash = hash_end(&r->hash);
    a->output_bytes = r->hash.bytes;
}

/* Between the two clock readings stands nothing but spawn, exec, the child's life and its reaping.
 */
static int start(Run *r, const Plan *plan, const int fds[3], uint32_t *ret_stage)
{
    uint64_t limit = r->q->timeout_ns;
    set_alarm(limit && limit < PEAK_FIRST_NS ? limit : PEAK_FIRST_NS);
    r->begun_ns = sys_now();
    r->pid = spawn(plan, fds, ret_stage);
    if (r->pid < 0) {
        set_alarm(0);
        return r->pid;
    }
    if (r->q->timeout_ns)
        r->deadline_ns = r->begun_ns + r->q->timeout_ns;
    peak_begin(&r->peak, r->pid, r->q->page_bytes, r->q->flags & LAUNCH_NO_TRACE, r->begun_ns);
    return 0;
}

static int open_output(Run *r, int fds[LAUNCH_N_FDS])
{
    int ends[2];
    long e = SYS2(SYS_pipe2, ends, O_CLOEXEC);
    if (e < 0)
        return (int)e;
    SYS3(SYS_fcntl, ends[0], F_SETFL, O_NONBLOCK);
    SYS3(SYS_fcntl, ends[0], F_SETPIPE_SZ, PIPE_BYTES);
    r->out = ends[0];
    sys_close(fds[2]);
    fds[2] = ends[1];
    return 0;
}

static void close_fds(int fds[LAUNCH_N_FDS], int from)
{
    for (int i = from; i < LAUNCH_N_FDS; i++)
        sys_close(fds[i]);
}

void launch_run(Launch *l, const LaunchRequest *q, int fds[LAUNCH_N_FDS])
{
    static Tree skip;
    Plan plan;
    tree_children(&skip);
    Run r = { .launch = l, .q = q, .out = -1, .err = fds[3], .skip = &skip };
    LaunchReply *a = &r.reply;
    a->kind = LAUNCH_DONE;
    int e = plan_open(&plan, q, fds[0]);
    sys_close(fds[0]);
    if (e == 0 && (q->flags & LAUNCH_READ_OUTPUT))
        e = open_output(&r, fds);
    if (e == 0) {
        int program = sys_open(plan.path, O_RDONLY);
        if (program >= 0)
            exe_learn(program);
        launch_clear_events(l);
        launch_hear_children(r.out >= 0);
        e = start(&r, &plan, fds + 1, &a->stage);
    }
    if (e == 0) {
        sys_close(fds[1]);
        sys_close(fds[2]);
        watch(&r);
        drain_output(&r);
        settle(&r);
        fill_reply(&r);
        sys_close(fds[3]);
    } else {
        a->error = -e;
        sys_close(r.out);
        close_fds(fds, 1);
    }
    plan_close(&plan);
    launch_reply(a);
}
