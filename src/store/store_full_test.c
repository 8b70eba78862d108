/* A full disk: a small file system of our own where that is allowed, else a limit on file sizes. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "store/store_test_util.h"
#include "tap.h"

enum { DISK_BYTES = 1 << 20, BALLAST_BYTES = 256 << 10 };

/* A tmpfs in a mount namespace of this process alone. */
static bool small_disk(const TmpDir *d)
{
    char opts[32];
    snprintf(opts, sizeof opts, "size=%d", DISK_BYTES);
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", d->path, "tmpfs", 0, opts) == 0;
}

static bool small_files(rlim_t bytes)
{
    struct rlimit l = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };
    signal(SIGXFSZ, SIG_IGN);
    return setrlimit(RLIMIT_FSIZE, &l) == 0;
}

static void write_ballast(const char *path)
{
    static const char block[4096];
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    for (int i = 0; fd >= 0 && i < BALLAST_BYTES / (int)sizeof block; i++)
        if (write(fd, block, sizeof block) < 0)
            break;
    if (fd >= 0)
        close(fd);
}

/* Trials until the store refuses; how many it took. */
static int fill(Store *s, const Run *r, Err *err)
{
    const CaseResult *c = r->cases[0];
    for (int n = 0; n < 10000; n++)
        if (store_trial_add(s, r, c, c->trials[0], err) < 0)
            return n;
    return 10000;
}

static uint64_t count_trials(const char *db)
{
    uint64_t n = 0;
    return str_to_u64(str(sql(db, "SELECT count(*) FROM trials")), &n) == 0 ? n : 0;
}

static void check_full(Store *s, const TmpDir *d, const Run *r, void (*make_room)(const TmpDir *d))
{
    const CaseResult *c = r->cases[0];
    Err err = { 0 };
    int stored = fill(s, r, &err);
    CHECK(stored > 0 && stored < 10000 && err.code == -ENOSPC, "after %d trials: %s", stored,
          err.msg);
    CHECK(strstr(err.msg, d->db) && strstr(err.msg, "Make room"), "names the store and the cure");
    CHECK_INT(store_trial_add(s, r, c, c->trials[0], &err), -ENOSPC, "still full");
    make_room(d);
    err = (Err){ 0 };
    CHECK_INT(store_trial_add(s, r, c, c->trials[0], &err), 0, "with room it goes on: %s", err.msg);
    CHECK_INT(store_run_finish(s, r, &err), 0, "and can be finished");
    store_close(s);
    CHECK_STR(sql(d->db, "PRAGMA integrity_check"), "ok", "intact");
    CHECK_INT(count_trials(d->db), stored + 1, "exactly the trials that it said it had taken");
    CHECK_STR(sql(d->db, "SELECT count(*) FROM trials t WHERE (SELECT count(*) FROM figures f "
                         "WHERE f.trial = t.key) <> 4"),
              "0", "all whole");
}

static Store *begin(const TmpDir *d, const Run *r)
{
    Store *s = NULL;
    Err err = { 0 };
    if (store_open(&s, d->db, STORE_WRITE, &err) < 0 || store_run_begin(s, r, &err) < 0)
        printf("Bail out! %s\n", err.msg);
    return s;
}

static void drop_ballast(const TmpDir *d)
{
    CLEANUP(arena_done) Arena a = { 0 };
    unlink(arena_printf(&a, "%s/ballast", d->path));
}

static void lift_limit(const TmpDir *d)
{
    (void)d;
    small_files(RLIM_INFINITY);
}

static void test_disk(const TmpDir *d, const Run *r)
{
    CLEANUP(arena_done) Arena a = { 0 };
    write_ballast(arena_printf(&a, "%s/ballast", d->path));
    check_full(begin(d, r), d, r, drop_ballast);
}

static void test_limit(const TmpDir *d, const Run *r)
{
    Store *s = begin(d, r);
    small_files(DISK_BYTES);
    check_full(s, d, r, lift_limit);
}

/* No room even to make the store. */
static void test_no_room(const TmpDir *d)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *db = arena_printf(&a, "%s/other/assay.db", d->path);
    Store *s = NULL;
    Err err = { 0 };
    for (int i = 0; i < 8; i++)
        write_ballast(arena_printf(&a, "%s/more-%d", d->path, i));
    CHECK_INT(store_open(&s, db, STORE_WRITE, &err), -ENOSPC, "no store is made: %s", err.msg);
    store_close(s);
}

/* In a child, whose mounts and limits are its own; its results are this test's. */
static int in_child(void)
{
    CLEANUP(run_freep) Run *r = sample_run(1);
    TmpDir d = tmp_dir();
    if (small_disk(&d)) {
        test_disk(&d, r);
        test_no_room(&d);
        umount(d.path);
    } else {
        tap_skip("full disk: mounting a small file system takes root; a limit on file sizes stands "
                 "in for it");
        test_limit(&d, r);
    }
    tmp_gone(&d);
    TmpDir again = tmp_dir();
    Run *other = sample_run(2);
    test_limit(&again, other);
    run_free(other);
    tmp_gone(&again);
    return tap_done();
}

int main(void)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        exit(in_child());
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        TAP_SKIP_ALL("no child process can be made");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
