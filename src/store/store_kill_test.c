/* Writers that are killed, and writers that come in crowds. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "store/store_test_util.h"
#include "tap.h"

enum { KILLS = 50, OPEN_KILLS = 20, WRITERS = 8, TRIALS_EACH = 20 };

/* The writer: one byte down the pipe for each trial that the store has taken. */
static void write_for_ever(const char *db, uint64_t seed, int report)
{
    Err err = { 0 };
    Store *s = NULL;
    Run *r = sample_run(seed);
    CaseResult *c = r->cases[0];
    if (store_open(&s, db, STORE_WRITE, &err) < 0 || store_run_begin(s, r, &err) < 0)
        _exit(1);
    for (;;) {
        if (store_trial_add(s, r, c, c->trials[c->n_trials - 1], &err) < 0)
            _exit(2);
        if (write(report, "t", 1) != 1)
            _exit(3);
    }
}

static pid_t start_writer(const char *db, uint64_t seed, int *ret_fd)
{
    int fd[2];
    if (pipe(fd) < 0)
        abort();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(fd[0]);
        write_for_ever(db, seed, fd[1]);
    }
    close(fd[1]);
    *ret_fd = fd[0];
    return pid;
}

static void burn_ns(uint64_t ns)
{
    uint64_t until = clock_mono_ns() + ns;
    while (clock_mono_ns() < until)
        ;
}

/* Let it report `after` trials and go on for up to 2 ms, kill it, count what it had reported. */
static int kill_writer(pid_t pid, int fd, Rng *rng, int after)
{
    int reported = 0, status = 0;
    char byte;
    while (reported < after && read(fd, &byte, 1) == 1)
        reported++;
    burn_ns(rng_below(rng, 2 * NS_PER_MS));
    kill(pid, SIGKILL);
    if (waitpid(pid, &status, 0) < 0 || !WIFSIGNALED(status))
        return -1;
    while (read(fd, &byte, 1) == 1)
        reported++;
    close(fd);
    return reported;
}

/* 0 when the store holds what was reported, or the one trial more whose report was cut off, whole.
 */
static int check_after_kill(const char *db, const char *id, int reported)
{
    CLEANUP(run_freep) Run *r = NULL;
    CLEANUP(store_closep) Store *s = NULL;
    Err err = { 0 };
    if (store_open(&s, db, STORE_WRITE, &err) < 0 || store_run_load(s, id, NULL, &r, &err) != 0) {
        printf("# %s\n", err.msg);
        return 1;
    }
    ptrdiff_t n = r->n_cases ? r->cases[0]->n_trials : 0;
    if (n != reported && n != reported + 1) {
        printf("# %d trials were reported, %td are there\n", reported, n);
        return 1;
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        const Trial *t = r->cases[0]->trials[i];
        const Metric *m = trial_find_metric(t, "latency");
        if (t->n_metrics != 4 || !m || !m->hist || m->hist->n != 1002 || t->series.n != 2 ||
            t->validity.n != 1 || !outcomes_conserved(&t->outcomes)) {
            printf("# trial %td is not whole\n", i);
            return 1;
        }
    }
    return 0;
}

static void test_kills(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    Rng rng = rng_new(42, "kills", 0);
    int wrong = 0, trials = 0;
    for (int i = 0; i < KILLS; i++) {
        int fd, after = (int)rng_below(&rng, 12) + 1;
        uint64_t seed = (uint64_t)i + 1;
        pid_t pid = start_writer(d.db, seed, &fd);
        int reported = kill_writer(pid, fd, &rng, after);
        CLEANUP(run_freep) Run *same = sample_run(seed);
        wrong += reported < after || check_after_kill(d.db, same->id, reported);
        wrong += !is_intact(d.db);
        trials += reported;
    }
    CHECK_INT(wrong, 0,
              "%d writers killed, %d trials: all finished ones whole, at most one unreported",
              KILLS, trials);
}

/* Killed while the file, its journal mode and its schema are being made. */
static void test_kills_at_birth(void)
{
    Rng rng = rng_new(43, "kills", 0);
    int wrong = 0;
    for (int i = 0; i < OPEN_KILLS; i++) {
        CLEANUP(tmp_gone) TmpDir d = tmp_dir();
        CLEANUP(store_closep) Store *s = NULL;
        Err err = { 0 };
        int fd;
        pid_t pid = start_writer(d.db, 1, &fd);
        kill_writer(pid, fd, &rng, 0);
        int r = store_open(&s, d.db, STORE_WRITE, &err);
        wrong += r < 0;
        if (r < 0)
            printf("# %s\n", err.msg);
    }
    CHECK_INT(wrong, 0, "%d writers killed while making the store: it opens every time",
              OPEN_KILLS);
}

/* A crowd's member: waits for the start, then stores a run. */
static int write_a_run(const char *db, uint64_t seed, int start)
{
    CLEANUP(run_freep) Run *r = sample_run(seed);
    CLEANUP(store_closep) Store *s = NULL;
    Err err = { 0 };
    char byte;
    CaseResult *c = r->cases[0];
    const Trial *t = c->trials[0];
    while (read(start, &byte, 1) < 0) /* ends when the parent closes */
        ;
    int res = store_open(&s, db, STORE_WRITE, &err);
    if (res == 0)
        res = store_run_begin(s, r, &err);
    for (int i = 0; res == 0 && i < TRIALS_EACH; i++)
        res = store_trial_add(s, r, c, t, &err);
    if (res == 0)
        res = store_run_finish(s, r, &err);
    if (res < 0)
        printf("# writer %d: %s\n", (int)seed, err.msg);
    fflush(stdout);
    return res < 0;
}

/* Meanwhile this process reads: no writer may keep it out, and what it sees is whole. */
static int read_beside(const char *db, int *ret_reads)
{
    CLEANUP(store_closep) Store *s = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    RunInfo *v = NULL;
    ptrdiff_t n = 0;
    Err err = { 0 };
    int r = store_open(&s, db, STORE_READ, &err);
    if (r == -ENOENT)
        return 0; /* nobody has made it yet */
    if (r == 0)
        r = store_run_list(s, &a, 10, &v, &n, &err);
    for (ptrdiff_t i = 0; r == 0 && i < n; i++) {
        CLEANUP(run_freep) Run *run = NULL;
        r = store_run_load(s, v[i].id, NULL, &run, &err);
        *ret_reads += r == 0;
    }
    if (r)
        printf("# reader: %s\n", err.msg);
    return r != 0;
}

static void test_crowd(void)
{
    CLEANUP(tmp_gone) TmpDir d = tmp_dir();
    pid_t pids[WRITERS];
    int start[2], failed = 0, reads = 0, read_failures = 0;
    if (pipe(start) < 0)
        abort();
    fflush(stdout);
    for (int i = 0; i < WRITERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            close(start[1]);
            _exit(write_a_run(d.db, (uint64_t)i + 1, start[0]));
        }
    }
    close(start[0]);
    close(start[1]); /* off they go */
    for (int left = WRITERS; left;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        left -= pid > 0;
        failed += pid > 0 && status != 0;
        if (pid == 0)
            read_failures += read_beside(d.db, &reads);
    }
    CHECK_INT(failed, 0, "%d programs make and fill one store at once", WRITERS);
    CHECK_INT(read_failures, 0, "and a reader beside them loaded %d runs", reads);
    CHECK_STR(sql(d.db, "SELECT count(*) FROM runs WHERE finished_ns IS NOT NULL"), "8",
              "all runs are finished");
    CHECK_STR(sql(d.db, "SELECT count(*) FROM trials"), "160", "no trial is missing");
    CHECK_STR(sql(d.db, "SELECT count(*) FROM metrics WHERE name = 'latency'"), "1",
              "names are shared");
    CHECK(is_intact(d.db), "intact");
}

int main(void)
{
    test_kills();
    test_kills_at_birth();
    test_crowd();
    return tap_done();
}
