#include "probe/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/tree_find.h"

static const char *const file_names[PROC_FILES] = {
    [PROC_STAT] = "stat", [PROC_STATM] = "statm", [PROC_IO] = "io"
};

static const char *file_path(char path[PROC_PATH_MAX], int pid, ProcFileName f)
{
    return f == PROC_CHILDREN ? procfile_task_path(path, pid, pid, "children")
                              : procfile_path(path, pid, file_names[f]);
}

int proc_read(const Proc *p, ProcFileName f, ProcBuf *buf, Str *ret)
{
    char path[PROC_PATH_MAX];
    return p->fd[f] >= 0 ? procfile_pread(p->fd[f], buf, ret)
                         : procfile_read(file_path(path, p->pid, f), buf, ret);
}

static bool is_gone(int r)
{
    return r == -ESRCH || r == -ENOENT;
}

static uint64_t cpu_clock_ns(const Proc *p)
{
    struct timespec ts;
    if (!p->has_clock || clock_gettime(p->cpu_clock, &ts) < 0)
        return 0;
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Counters only grow: a clock that could not be read leaves what is known. */
static void raise_to(uint64_t *v, uint64_t to)
{
    *v = MAX(*v, to);
}

static void take_stat(const Tree *t, Proc *p, const ProcStat *s, uint64_t clock_ns)
{
    uint64_t user = s->user_ticks * t->tick_ns, system = s->system_ticks * t->tick_ns;
    p->ppid = s->ppid;
    p->n_threads = s->n_threads;
    p->alive = (s->state != 'Z' && s->state != 'X') || s->n_threads > 1;
    raise_to(&p->own[BOOKED_CPU], clock_ns ? clock_ns : user + system);
    raise_to(&p->own[BOOKED_USER], user);
    raise_to(&p->own[BOOKED_SYSTEM], system);
    raise_to(&p->own[BOOKED_MINOR], s->minor_faults);
    raise_to(&p->own[BOOKED_MAJOR], s->major_faults);
    uint64_t waited_user = s->waited_user_ticks * t->tick_ns;
    uint64_t waited_system = s->waited_system_ticks * t->tick_ns;
    raise_to(&p->waited[BOOKED_CPU], waited_user + waited_system);
    raise_to(&p->waited[BOOKED_USER], waited_user);
    raise_to(&p->waited[BOOKED_SYSTEM], waited_system);
    raise_to(&p->waited[BOOKED_MINOR], s->waited_minor_faults);
    raise_to(&p->waited[BOOKED_MAJOR], s->waited_major_faults);
}

/* The clock goes by the bare pid, so it is read first: when the process of that start time is seen
 * after it, the clock was its. */
static void look_at(const Tree *t, Proc *p, ProcBuf *buf)
{
    uint64_t clock_ns = cpu_clock_ns(p);
    Str text;
    ProcStat s;
    int r = proc_read(p, PROC_STAT, buf, &text);
    if (is_gone(r))
        p->ended = true;
    if (r < 0 || proc_parse_stat(text, &s) < 0)
        return;
    if (s.start_ticks != p->start_ticks)
        p->ended = true;
    else
        take_stat(t, p, &s, clock_ns);
}

static void keep_files(Tree *t, Proc *p)
{
    char path[PROC_PATH_MAX];
    if (t->n_kept >= t->keep_max)
        return;
    p->kept = true;
    t->n_kept++;
    for (int f = 0; f < PROC_FILES; f++)
        p->fd[f] = MAX(procfile_open(file_path(path, p->pid, (ProcFileName)f)), -1);
}

static void drop_files(Tree *t, Proc *p)
{
    t->n_kept -= p->kept;
    for (int f = 0; f < PROC_FILES; f++)
        p->fd[f] = procfile_close(p->fd[f]);
}

int tree_add(Tree *t, int pid, int ppid, ProcBuf *buf)
{
    if (t->n == TREE_PROCS_MAX) {
        t->too_many = true;
        return -E2BIG;
    }
    Proc *p = &t->procs[t->n];
    *p = (Proc){ .pid = pid, .fd = { -1, -1, -1, -1 } };
    keep_files(t, p);
    p->has_clock = clock_getcpuclockid(pid, &p->cpu_clock) == 0;
    uint64_t clock_ns = cpu_clock_ns(p);
    Str text;
    ProcStat s;
    int r = proc_read(p, PROC_STAT, buf, &text);
    if (r == 0)
        r = proc_parse_stat(text, &s);
    if (r == 0 && ppid && s.ppid != ppid)
        r = -ESRCH; /* the child ended, and its pid is another's now */
    if (r < 0) {
        drop_files(t, p);
        return r;
    }
    p->start_ticks = s.start_ticks;
    take_stat(t, p, &s, clock_ns);
    memcpy(p->waited0, p->waited, sizeof p->waited0);
    t->n++;
    return 0;
}

Proc *tree_proc(Tree *t, int pid)
{
    for (int i = 0; i < t->n; i++)
        if (t->procs[i].pid == pid)
            return &t->procs[i];
    return NULL;
}

static uint64_t used(const Proc *p, Booked b)
{
    return p->own[b] + p->waited0[b] + MAX(p->waited[b] - p->waited0[b], p->gone[b]);
}

static void settle(Tree *t, Proc *p)
{
    Proc *parent = tree_proc(t, p->ppid);
    for (int b = 0; b < BOOKED_N; b++)
        *(parent ? &parent->gone[b] : &t->departed[b]) += used(p, (Booked)b);
    if (!parent) { /* else its I/O is in what the parent's file says */
        t->io_departed.read_bytes += p->io.read_bytes;
        t->io_departed.write_bytes += p->io.write_bytes;
    }
    drop_files(t, p);
}

/* Children stand behind their parents, so going backwards they are settled first. */
static void remove_ended(Tree *t)
{
    int n = 0;
    for (int i = t->n - 1; i >= 0; i--)
        if (t->procs[i].ended)
            settle(t, &t->procs[i]);
    for (int i = 0; i < t->n; i++)
        if (!t->procs[i].ended)
            t->procs[n++] = t->procs[i];
    t->n = n;
}

static void look_at_memory(const Tree *t, Proc *p, ProcBuf *buf)
{
    Str text;
    uint64_t pages;
    if (proc_read(p, PROC_STATM, buf, &text) == 0 && proc_parse_statm(text, &pages) == 0)
        p->rss_bytes = pages * t->page_bytes;
}

/* 0, or negative errno when the process is gone or keeps its figures to itself. */
static int look_at_io(Tree *t, Proc *p, ProcBuf *buf)
{
    Str text;
    int r = proc_read(p, PROC_IO, buf, &text);
    if (r == 0)
        r = proc_parse_io(text, &p->io);
    if (r == -EACCES || r == -EPERM)
        t->io_denied = true;
    return r;
}

/* A parent's file holds the I/O of children that it waited for. When a child goes between the look
 * at its parent and that at itself, the parent is looked at again, so that it counts once. */
static void look_at_all_io(Tree *t, ProcBuf *buf)
{
    for (int i = 0; i < t->n && !t->io_denied; i++) {
        Proc *p = &t->procs[i], *parent;
        if (!is_gone(look_at_io(t, p, buf)) || !(parent = tree_proc(t, p->ppid)))
            continue;
        p->io = (ProcIo){ 0 };
        (void)look_at_io(t, parent, buf);
    }
}

/* Linux 6.2 and later count in the folder's size; before, entries are counted. */
static int count_fds(int pid, uint64_t *ret)
{
    char path[PROC_PATH_MAX];
    struct stat st;
    procfile_path(path, pid, "fd");
    if (stat(path, &st) < 0)
        return -errno;
    *ret = (uint64_t)st.st_size;
    if (st.st_size > 0)
        return 0;
    ProcDir d;
    int r = procdir_open(&d, path);
    for (int fd; r == 0 && procdir_next(&d, &fd);)
        ++*ret;
    return r;
}

static double sum_fds(Tree *t)
{
    uint64_t sum = 0;
    for (int i = 0; i < t->n && !t->fds_denied; i++) {
        uint64_t n = 0;
        int r = count_fds(t->procs[i].pid, &n);
        t->fds_denied = r == -EACCES || r == -EPERM;
        sum += r < 0 ? 0 : n;
    }
    if (t->fds_denied)
        return (double)NAN;
    return (double)sum;
}

static void look_at_peak(Proc *p, ProcBuf *buf)
{
    char path[PROC_PATH_MAX];
    Str text;
    ProcStatus s;
    if (procfile_read(procfile_path(path, p->pid, "status"), buf, &text) == 0 &&
        proc_parse_status(text, &s) == 0 && s.has_peak)
        p->peak = s.rss_peak_bytes;
}

static double sum_booked(const Tree *t, Booked b)
{
    uint64_t sum = t->departed[b];
    for (int i = 0; i < t->n; i++)
        sum += used(&t->procs[i], b);
    return (double)sum;
}

/* What children whose parent never waits for them had used is kept here: the sum does not fall. */
static void sum_io(Tree *t, Sample *ret)
{
    ProcIo sum = t->io_departed;
    for (int i = 0; i < t->n; i++) {
        sum.read_bytes += t->procs[i].io.read_bytes;
        sum.write_bytes += t->procs[i].io.write_bytes;
    }
    if (sum.read_bytes < t->io_last.read_bytes)
        t->io_departed.read_bytes += t->io_last.read_bytes - sum.read_bytes;
    if (sum.write_bytes < t->io_last.write_bytes)
        t->io_departed.write_bytes += t->io_last.write_bytes - sum.write_bytes;
    t->io_last.read_bytes = MAX(sum.read_bytes, t->io_last.read_bytes);
    t->io_last.write_bytes = MAX(sum.write_bytes, t->io_last.write_bytes);
    ret->v[FIG_TARGET_IO_READ] = (double)t->io_last.read_bytes;
    ret->v[FIG_TARGET_IO_WRITE] = (double)t->io_last.write_bytes;
}

static void sum_levels(const Tree *t, Sample *ret)
{
    uint64_t rss = 0, threads = 0, procs = 0;
    for (int i = 0; i < t->n; i++) {
        const Proc *p = &t->procs[i];
        if (!p->alive)
            continue;
        rss += p->rss_bytes;
        threads += p->n_threads;
        procs++;
    }
    ret->v[FIG_TARGET_RSS] = (double)rss;
    ret->v[FIG_TARGET_THREADS] = (double)threads;
    ret->v[FIG_TARGET_PROCESSES] = (double)procs;
}

static void sum_all(Tree *t, bool full, Sample *ret)
{
    ret->v[FIG_TARGET_CPU] = sum_booked(t, BOOKED_CPU);
    ret->v[FIG_TARGET_USER] = sum_booked(t, BOOKED_USER);
    ret->v[FIG_TARGET_SYSTEM] = sum_booked(t, BOOKED_SYSTEM);
    ret->v[FIG_TARGET_FAULTS_MINOR] = sum_booked(t, BOOKED_MINOR);
    ret->v[FIG_TARGET_FAULTS_MAJOR] = sum_booked(t, BOOKED_MAJOR);
    if (!t->io_denied)
        sum_io(t, ret);
    if (!tree_alive(t))
        return; /* nothing has no size */
    sum_levels(t, ret);
    if (full)
        ret->v[FIG_TARGET_FDS] = sum_fds(t);
}

void tree_look(Tree *t, bool news, bool full, ProcBuf *buf, Sample *ret)
{
    for (int i = 0; i < t->n; i++)
        look_at(t, &t->procs[i], buf);
    remove_ended(t);
    if (news)
        tree_find_new(t, full, buf);
    for (int i = 0; i < t->n; i++) {
        look_at_memory(t, &t->procs[i], buf);
        if (full)
            look_at_peak(&t->procs[i], buf);
    }
    look_at_all_io(t, buf);
    if (!t->too_many)
        sum_all(t, full, ret);
}

/* Kept files are descriptors that the load can't have: an eighth of the limit for four per process.
 */
static int keep_limit(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) < 0)
        return 0;
    return (int)MIN(l.rlim_cur / 8 / PROC_FILES, (rlim_t)256);
}

int tree_init(Tree *t, int root_pid, bool scan_all, ProcBuf *buf, Err *err)
{
    *t = (Tree){ .root_pid = root_pid, .scan_all = scan_all, .keep_max = keep_limit() };
    t->tick_ns = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    t->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    t->procs = calloc(TREE_PROCS_MAX, sizeof *t->procs);
    if (!t->procs)
        return err_set(err, -ENOMEM, "no memory to watch process %d", root_pid);
    char path[PROC_PATH_MAX];
    if (access(procfile_task_path(path, getpid(), getpid(), "children"), R_OK) < 0)
        t->scan_all = true;
    int r = tree_add(t, root_pid, 0, buf);
    if (r < 0) {
        tree_done(t);
        return err_errno(err, r == -ENOENT ? -ESRCH : r, "watch process %d", root_pid);
    }
    tree_find_new(t, true, buf);
    return 0;
}

void tree_done(Tree *t)
{
    for (int i = 0; i < t->n; i++)
        drop_files(t, &t->procs[i]);
    free(t->procs);
    *t = (Tree){ 0 };
}

bool tree_alive(const Tree *t)
{
    for (int i = 0; i < t->n; i++)
        if (t->procs[i].alive)
            return true;
    return false;
}

void tree_mark(Tree *t)
{
    for (int i = 0; i < t->n; i++)
        t->procs[i].peak_at_mark = t->procs[i].peak;
}

uint64_t tree_peak(const Tree *t)
{
    uint64_t peak = 0;
    for (int i = 0; i < t->n; i++)
        if (t->procs[i].peak > t->procs[i].peak_at_mark)
            peak = MAX(peak, t->procs[i].peak);
    return peak;
}
