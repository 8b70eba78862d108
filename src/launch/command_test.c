/* Real programs through the real launcher. */
#include "launch/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str_split.h"
#include "launch/launcher.h"
#include "stats/quantile.h"
#include "tap.h"

enum { MIB = 1 << 20, PAGE_TWICE = 2 * 4096 };

typedef struct Fix {
    Arena arena;
    Launcher *l;
    const char *actor, *dir;
    volatile bool stop;
} Fix;

/* One at a time: set by a signal handler. */
static Fix *current;

/* "actor" stands for the helper program. */
static CommandSpec spec_of(Fix *f, const char *line)
{
    CommandSpec s = { 0 };
    Err err = { 0 };
    opt_defaults(&f->arena, command_opts, &s);
    if (str_split_words(&f->arena, str(line), &s.argv, &err) < 0)
        abort();
    if (s.argv.n && strcmp(s.argv.v[0], "actor") == 0)
        s.argv.v[0] = f->actor;
    return s;
}

static int run(Fix *f, const CommandSpec *s, CommandRun *ret, Err *err)
{
    *ret = (CommandRun){ 0 };
    return command_run(f->l, s, 0, &f->stop, ret, err);
}

static const char *file_in(Fix *f, const char *name)
{
    return fs_join(&f->arena, f->dir, name);
}

static long number_in(Fix *f, const char *path)
{
    Str text = { 0 };
    Err err = { 0 };
    uint64_t v;
    if (fs_read(&f->arena, path, 4096, &text, &err) < 0 || str_to_u64(str_trim(text), &v) < 0)
        return -1;
    return (long)v;
}

/* Does the process end within ten seconds? (A bound for failing, not a measure.) */
static bool ends(int pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return errno == ESRCH;
    struct pollfd p = { fd, POLLIN, 0 };
    int n = poll(&p, 1, 10000);
    close(fd);
    return n == 1;
}

typedef struct EndCase {
    const char *line;
    int exit_code, signal;
    const char *expect; /* one expected code, or NULL */
    bool accepted;
} EndCase;

static const EndCase end_cases[] = {
    { "actor exit 0", 0, 0, NULL, true },      { "actor exit 3", 3, 0, NULL, false },
    { "actor exit 3", 3, 0, "3", true },       { "actor exit 0", 0, 0, "3", false },
    { "actor exit 255", 255, 0, "any", true }, { "actor die 15", -1, 15, NULL, false },
    { "actor die 9", -1, 9, "137", true },     { "actor die 11", -1, 11, "any", true },
};

static void test_ends(Fix *f)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(end_cases); i++) {
        const EndCase *c = &end_cases[i];
        CommandSpec s = spec_of(f, c->line);
        CommandRun r;
        Err err = { 0 };
        if (c->expect)
            strlist_add(&f->arena, &s.expect_exit, c->expect);
        CHECK_INT(run(f, &s, &r, &err), 0, "%s: runs %s", c->line, err.msg);
        CHECK_INT(r.exit_code, c->exit_code, "%s: exit code", c->line);
        CHECK_INT(r.signal, c->signal, "%s: signal", c->line);
        CHECK(command_accepts(&s, &r) == c->accepted, "%s, expecting %s", c->line,
              c->expect ? c->expect : "0");
        CHECK(r.wall_ns > 0, "%s took time", c->line);
    }
}

typedef struct RefusedCase {
    const char *line, *says;
    int code;
} RefusedCase;

static const RefusedCase refused_cases[] = {
    { "gerp x", "did you mean 'grep'", -ENOENT },
    { "no-such-program-anywhere", "no program 'no-such-program-anywhere' in PATH", -ENOENT },
    { "./no-such-file", "no program './no-such-file'", -ENOENT },
    { "/etc/passwd", "not an executable", -EACCES },
    { "/", "not an executable", -EACCES },
    { "''", "empty", -ENOENT },
    { "", "empty", -EINVAL },
    { "'ls | wc'", "--shell", -ENOENT },
};

static void test_refused(Fix *f)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(refused_cases); i++) {
        const RefusedCase *c = &refused_cases[i];
        CommandSpec s = spec_of(f, c->line);
        CommandRun r;
        Err err = { 0 };
        CHECK_INT(run(f, &s, &r, &err), c->code, "'%s' is refused", c->line);
        CHECK(strstr(err.msg, c->says), "%s", err.msg);
    }
    CommandSpec s = spec_of(f, "actor exit 0");
    CommandRun r;
    Err err = { 0 };
    s.cwd = "/no/such/folder";
    CHECK_INT(run(f, &s, &r, &err), -ENOENT, "a missing folder: %s", err.msg);
    s.cwd = NULL;
    s.input = "/no/such/input";
    CHECK_INT(run(f, &s, &r, &err), -ENOENT, "a missing input: %s", err.msg);
    const char *script = file_in(f, "noexec");
    CHECK(fs_write(script, STR("just text\n"), &err) == 0 && chmod(script, 0755) == 0, "a text");
    s = spec_of(f, script);
    CHECK_INT(run(f, &s, &r, &err), -ENOEXEC, "text is no program: %s", err.msg);
}

static void test_shell_and_env(Fix *f)
{
    const char *out = file_in(f, "out");
    CommandSpec s = { .shell = true, .output = OUTPUT_FILE, .output_file = out, .cwd = "/" };
    CommandRun r;
    Err err = { 0 };
    Str text = { 0 };
    strlist_add(&f->arena, &s.argv,
                "printf '%s %s %s' \"$PWD\" \"$GREETING\" \"${#ASSAY_PAD}\"; cat");
    strmap_set(&f->arena, &s.env, "GREETING", "good day");
    CHECK_INT(command_run(f->l, &s, 1234, &f->stop, &r, &err), 0, "shell text %s", err.msg);
    CHECK_INT(fs_read(&f->arena, out, 4096, &text, &err), 0, "its output %s", err.msg);
    CHECK_STR(arena_str(&f->arena, text), "/ good day 1234",
              "folder, environment, padding, no input");
    CHECK_INT(command_run(f->l, &s, 0, &f->stop, &r, &err), 0, "again without padding");
    CHECK_INT(fs_read(&f->arena, out, 4096, &text, &err), 0, "its output %s", err.msg);
    CHECK_STR(arena_str(&f->arena, text), "/ good day 0", "the file begins anew");
}

static void test_output(Fix *f)
{
    CommandSpec a = spec_of(f, "actor print 3000000"), b = spec_of(f, "actor print 3000001");
    CommandRun ra, rb, rc, rd;
    Err err = { 0 };
    a.output = OUTPUT_PIPE;
    b.same_output = true;
    CHECK_INT(run(f, &a, &ra, &err), 0, "prints through a pipe %s", err.msg);
    CHECK_INT(ra.output_bytes, 3000000, "all bytes are counted");
    CHECK_INT(run(f, &b, &rb, &err), 0, "same_output reads the pipe as well");
    CHECK(ra.output_hash != rb.output_hash, "one byte more gives another hash");
    a.output = OUTPUT_FILE;
    a.output_file = file_in(f, "printed");
    a.same_output = true;
    CHECK_INT(run(f, &a, &rc, &err), 0, "prints to a file");
    CHECK(rc.output_hash == ra.output_hash && rc.output_bytes == ra.output_bytes,
          "file and pipe give the same hash");
    a.output = OUTPUT_NULL;
    a.same_output = false;
    CHECK_INT(run(f, &a, &rd, &err), 0, "prints to /dev/null");
    CHECK(rd.output_hash == 0 && rd.output_bytes == 0, "nothing is read when nobody asks");
    a.output = OUTPUT_INHERIT;
    a.same_output = true;
    CHECK_INT(run(f, &a, &rd, &err), -EINVAL, "%s", err.msg);
}

static void test_messages(Fix *f)
{
    CommandSpec s = spec_of(f, "ls /no/such/thing");
    CommandRun r;
    Err err = { 0 };
    CHECK_INT(run(f, &s, &r, &err), 0, "a program that complains");
    CHECK(strstr(r.message, "/no/such/thing"), "its last words: %s", r.message);
    s = spec_of(f, "actor complain 100000000");
    CHECK_INT(run(f, &s, &r, &err), 0, "a flood on stderr");
    CHECK(strlen(r.message) < sizeof r.message, "is cut");
}

/* A grandchild that keeps the pipe open for a minute must not be part of the time. */
static void test_orphan(Fix *f)
{
    CommandSpec s = spec_of(f, "actor orphan 60000");
    CommandRun r;
    Err err = { 0 };
    s.output = OUTPUT_PIPE;
    CHECK_INT(run(f, &s, &r, &err), 0, "an orphan holds stdout");
    CHECK(r.wall_ns < 30 * NS_PER_S, "and is not waited for");
    CHECK_INT(r.n_left, 1, "but counted");
    const char *file = file_in(f, "daemon");
    s = spec_of(f, arena_printf(&f->arena, "actor daemon %s", file));
    CHECK_INT(run(f, &s, &r, &err), 0, "a daemon starts");
    CHECK_INT(r.n_left, 1, "it is left, the earlier one does not count again");
    int pid = (int)number_in(f, file);
    s = spec_of(f, "actor exit 0");
    CHECK_INT(run(f, &s, &r, &err), 0, "another run");
    CHECK(r.n_left == 0 && kill(pid, 0) == 0, "does not touch the daemon");
    CHECK(r.rss_peak_bytes < 16 * MIB, "nor count its memory");
    kill(pid, SIGKILL);
    CHECK(ends(pid), "it is gone");
}

static void test_timeout(Fix *f)
{
    CommandSpec s = spec_of(f, "actor sleep 60000");
    CommandRun r;
    Err err = { 0 };
    s.timeout = 20 * NS_PER_MS;
    CHECK_INT(run(f, &s, &r, &err), 0, "a run that takes too long");
    CHECK(r.timed_out && r.signal == SIGTERM, "is ended by TERM");
    strlist_add(&f->arena, &s.expect_exit, "any");
    CHECK(!command_accepts(&s, &r), "never a success");
    s = spec_of(f, "actor deaf");
    s.timeout = 20 * NS_PER_MS;
    CHECK_INT(run(f, &s, &r, &err), 0, "a program that ignores TERM");
    CHECK(r.timed_out && r.signal == SIGKILL, "is ended by KILL");
    const char *file = file_in(f, "stray");
    s = (CommandSpec){ .shell = true, .timeout = 300 * NS_PER_MS };
    strlist_add(&f->arena, &s.argv,
                arena_printf(&f->arena, "%s daemon %s; trap '' TERM; %s deaf; %s deaf", f->actor,
                             file, f->actor, f->actor));
    CHECK_INT(run(f, &s, &r, &err), 0, "a tree that ignores TERM");
    CHECK(r.timed_out && r.n_left == 0, "is ended as a whole");
    CHECK(ends((int)number_in(f, file)), "with the daemon that it started");
}

static void on_alarm(int sig)
{
    (void)sig;
    current->stop = true;
}

static void alarm_in_ms(int ms)
{
    struct itimerval t = { .it_value.tv_usec = ms * 1000 };
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &t, NULL);
}

static void test_stop(Fix *f)
{
    CommandSpec s = spec_of(f, "actor deaf");
    CommandRun r;
    Err err = { 0 };
    const char *mark = file_in(f, "concluded");
    s.conclude = arena_printf(&f->arena, "echo 1 > %s", mark);
    alarm_in_ms(100);
    CHECK_INT(run(f, &s, &r, &err), -EINTR, "the stop flag ends a run");
    CHECK_INT(number_in(f, mark), 1, "its conclusion ran all the same");
    CHECK_INT(command_hook(f->l, "exit 0", NULL, NULL, &err), 0, "clean-up runs although stopped");
    f->stop = false;
    launcher_on_stop(f->l, &f->stop);
    alarm_in_ms(100);
    CHECK_INT(command_hook(f->l, "sleep 60", NULL, NULL, &err), -EINTR, "a hook is ended as well");
    launcher_on_stop(f->l, NULL);
    f->stop = false;
    s = spec_of(f, "actor exit 0");
    CHECK_INT(run(f, &s, &r, &err), 0, "the launcher goes on");
}

static void test_hooks(Fix *f)
{
    Err err = { 0 };
    CommandRun r;
    CHECK_INT(command_hook(f->l, "true", NULL, NULL, &err), 0, "a hook");
    CHECK_INT(command_hook(f->l, "echo one; echo two >&2; exit 7", NULL, NULL, &err), -ECHILD,
              "a hook that fails");
    CHECK_STR(err.msg, "exit code 7:\none\ntwo", "says how and what it printed");
    CHECK_INT(command_hook(f->l, "kill -9 $$", NULL, NULL, &err), -ECHILD, "%s", err.msg);
    const char *log = file_in(f, "order");
    CommandSpec s = spec_of(f, "actor exit 0");
    s.prepare = arena_printf(&f->arena, "printf p >> %s", log);
    s.conclude = arena_printf(&f->arena, "printf c >> %s", log);
    for (int i = 0; i < 2; i++)
        CHECK_INT(run(f, &s, &r, &err), 0, "with hooks %s", err.msg);
    Str text = { 0 };
    CHECK_INT(fs_read(&f->arena, log, 100, &text, &err), 0, "hooks wrote");
    CHECK_STR(arena_str(&f->arena, text), "pcpc", "before and after each run");
    s.prepare = "exit 5";
    CHECK_INT(run(f, &s, &r, &err), -ECHILD, "a failing preparation");
    CHECK_STR(err.msg, "prepare: exit code 5, no output", "is named");
    s.prepare = NULL;
    s.conclude = "echo no; false";
    CHECK_INT(run(f, &s, &r, &err), -ECHILD, "a failing conclusion");
    CHECK_STR(err.msg, "conclude: exit code 1:\nno", "is named");
    CHECK_INT(command_hook(f->l, "yes | head -c 50000000", NULL, NULL, &err), 0, "a hook's flood");
}

/* The helper prints its own exact size just before it exits. */
static void check_touch(Fix *f, int mib)
{
    const char *out = file_in(f, "touched");
    CommandSpec s = spec_of(f, arena_printf(&f->arena, "actor touch %d", mib));
    CommandRun r;
    Err err = { 0 };
    s.output = OUTPUT_FILE;
    s.output_file = out;
    CHECK_INT(run(f, &s, &r, &err), 0, "touch %d MiB %s", mib, err.msg);
    int64_t truth = (int64_t)number_in(f, out) * 1024, got = (int64_t)r.rss_peak_bytes;
    bool exact = strcmp(r.rss_method, "VmHWM at exit") == 0;
    CHECK(truth >= (int64_t)mib * MIB && got >= truth - 512 * 1024,
          "peak of %d MiB: %lld of %lld bytes by %s", mib, (long long)got, (long long)truth,
          r.rss_method);
    if (exact)
        CHECK(llabs(got - truth) <= PAGE_TWICE, "exact to two pages");
    else
        tap_skip("tracing is not allowed here: %s", r.rss_method);
}

static void test_memory(Fix *f)
{
    check_touch(f, 1024);
    for (int i = 0; i < 3; i++)
        check_touch(f, 100);
    CommandRun r;
    Err err = { 0 };
    CommandSpec s = spec_of(f, "actor touch 100 free");
    CHECK_INT(run(f, &s, &r, &err), 0, "memory given back before the end");
    CHECK(r.rss_peak_bytes >= 99 * MIB && r.rss_peak_bytes < 105 * MIB,
          "is in the peak: %.3f MiB by %s", (double)r.rss_peak_bytes / MIB, r.rss_method);
    s = spec_of(f, "actor pair 60 400");
    CHECK_INT(run(f, &s, &r, &err), 0, "two processes at the same time");
    CHECK(r.rss_peak_bytes >= 120 * MIB && r.rss_peak_bytes < 130 * MIB, "add up: %.3f MiB by %s",
          (double)r.rss_peak_bytes / MIB, r.rss_method);
    CHECK_STR(r.rss_method, "process tree RSS, sampled", "and say so");
    s = spec_of(f, "actor exit 0");
    CHECK_INT(run(f, &s, &r, &err), 0, "a small one");
    CHECK(r.rss_peak_bytes < 8 * MIB, "is small again: %.3f MiB", (double)r.rss_peak_bytes / MIB);
}

static const char *method_of(Fix *f, const CommandSpec *s)
{
    CommandRun r;
    Err err = { 0 };
    if (run(f, s, &r, &err) < 0)
        return "refused";
    return command_accepts(s, &r) ? r.rss_method : "failed";
}

/* Without a stop at the exit the figure is the larger of two, as chance has it. */
static bool is_estimate(const char *method)
{
    return strstr(method, "ru_maxrss") || strstr(method, "sampled");
}

/* A copy of the helper that carries what LeakSanitizer leaves in a program. */
static const char *marked_actor(Fix *f)
{
    Str bytes = { 0 };
    Err err = { 0 };
    StrBuf b = { 0 };
    const char *path = file_in(f, "marked");
    if (fs_read(&f->arena, f->actor, 64 * MIB, &bytes, &err) < 0)
        abort();
    strbuf_add(&b, bytes);
    strbuf_addz(&b, "LeakSanitizer");
    if (fs_write(path, strbuf_str(&b), &err) < 0 || chmod(path, 0755) < 0)
        abort();
    strbuf_done(&b);
    return path;
}

/* Who is stopped at the exit, and who must not be. */
static void test_tracing(Fix *f)
{
    const char *exact = "VmHWM at exit";
    CommandSpec s = spec_of(f, "actor sleep 20");
    if (strcmp(method_of(f, &s), exact) != 0) {
        tap_skip("tracing is not allowed here");
        return;
    }
    CHECK_STR(method_of(f, &s), exact, "a process that is alone");
    s = spec_of(f, "actor ticked 30");
    CHECK(is_estimate(method_of(f, &s)), "one that gets signals is let go");
    s = spec_of(f, arena_printf(&f->arena, "actor become 20 %s hold 20 20", f->actor));
    CHECK_STR(method_of(f, &s), exact, "one that becomes another program");
    const char *marked = marked_actor(f);
    s = spec_of(f, arena_printf(&f->arena, "%s sleep 20", marked));
    CHECK(is_estimate(method_of(f, &s)), "one with LeakSanitizer is left alone");
    s = spec_of(f, arena_printf(&f->arena, "actor become 20 %s sleep 20", marked));
    CHECK(is_estimate(method_of(f, &s)), "also when it comes by exec");
    s = spec_of(f, "actor sleep 20");
    strmap_set(&f->arena, &s.env, "LD_PRELOAD", "/no/such/libasan.so");
    CHECK(is_estimate(method_of(f, &s)), "or by LD_PRELOAD");
    s = (CommandSpec){ .shell = true };
    strlist_add(&f->arena, &s.argv, "for i in 1 2 3 4 5 6; do sleep 0.005; done; exit 0");
    CHECK(is_estimate(method_of(f, &s)), "a shell with children works");
}

static long status_kib(Fix *f, int pid, const char *key)
{
    Str text = { 0 };
    Err err = { 0 };
    if (fs_read(&f->arena, arena_printf(&f->arena, "/proc/%d/status", pid), 65536, &text, &err) < 0)
        return -1;
    Str line;
    uint64_t v;
    while (str_cut(&text, '\n', &line)) {
        if (!str_starts(line, str(key)))
            continue;
        Str value = str_trim(str_slice(line, (ptrdiff_t)strlen(key), line.len - 3)); /* " kB" */
        return str_to_u64(value, &v) == 0 ? (long)v : -1;
    }
    return -1;
}

static void test_size(Fix *f)
{
    CommandRun r;
    Err err = { 0 };
    CommandSpec s = spec_of(f, "actor exit 0");
    CHECK_INT(run(f, &s, &r, &err), 0, "runs");
    CHECK(r.rss_peak_bytes < 8 * MIB, "our own 500 MiB are not in a child's peak (%.3f MiB)",
          (double)r.rss_peak_bytes / MIB);
    long kib = status_kib(f, launcher_pid(f->l), "VmHWM:");
    CHECK(kib > 0 && kib < 1024, "the launcher's own peak: %ld KiB", kib);
}

static void test_cpu(Fix *f)
{
    CommandRun r;
    Err err = { 0 };
    CommandSpec s = spec_of(f, "actor spin 60");
    CHECK_INT(run(f, &s, &r, &err), 0, "burns 60 ms");
    double ms = (double)(r.user_ns + r.system_ns) / 1e6;
    CHECK(ms >= 59 && ms < 90 && r.wall_ns >= 59 * NS_PER_MS, "user + system is %.1f ms", ms);
    s = (CommandSpec){ .shell = true };
    strlist_add(
        &f->arena, &s.argv,
        arena_printf(&f->arena, "(%s spin 60 &) ; sleep 0.5; %s spin 30", f->actor, f->actor));
    CHECK_INT(run(f, &s, &r, &err), 0, "a tree burns 90 ms, 60 of them in an orphan");
    ms = (double)(r.user_ns + r.system_ns) / 1e6;
    CHECK(ms >= 88, "all of it counts: %.1f ms", ms);
}

static uint64_t raw_run(char *const argv[])
{
    int status;
    uint64_t begun = clock_mono_ns();
    pid_t pid = vfork();
    if (pid == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    struct rusage ru;
    wait4(pid, &status, 0, &ru);
    return clock_mono_ns() - begun;
}

/* Alternating; the figure is printed, the assertion is loose because machines are shared. */
static void test_overhead(Fix *f)
{
    enum { ROUNDS = 300 };
    static double raw[ROUNDS], ours[ROUNDS];
    CommandSpec s = spec_of(f, "/bin/true");
    char path[] = "/bin/true", *argv[] = { path, NULL };
    CommandRun r = { 0 };
    Err err = { 0 };
    int failed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        raw[i] = (double)raw_run(argv);
        failed += run(f, &s, &r, &err) < 0 || r.wall_ns == 0;
        ours[i] = (double)r.wall_ns;
    }
    CHECK_INT(failed, 0, "all runs of true took more than nothing");
    sort_doubles(raw, ROUNDS);
    sort_doubles(ours, ROUNDS);
    double a = median_sorted(raw, ROUNDS), b = median_sorted(ours, ROUNDS);
    printf("# true: raw vfork + exec + wait4 %.1f us, by the launcher %.1f us (%+.1f us)\n",
           a / 1e3, b / 1e3, (b - a) / 1e3);
    CHECK(b < 1.5 * a, "launching costs hardly more than a raw loop");
}

/* A process that runs a command and is killed by force takes the command with it. */
static void test_killed(Fix *f)
{
    const char *file = file_in(f, "pid");
    pid_t me = fork();
    if (me == 0) {
        CLEANUP(launcher_freep) Launcher *l = NULL;
        Err err = { 0 };
        CommandRun r;
        CommandSpec s = { .shell = true };
        strlist_add(&f->arena, &s.argv,
                    arena_printf(&f->arena, "echo $$ > %s.new; mv %s.new %s; exec %s deaf", file,
                                 file, file, f->actor));
        if (launcher_new(&l, &err) == 0 && command_run(l, &s, 0, &f->stop, &r, &err) < 0)
            _exit(1);
        _exit(0);
    }
    while (!fs_exists(file))
        poll(NULL, 0, 5);
    int pid = (int)number_in(f, file);
    CHECK(pid > 0 && kill(pid, 0) == 0, "a command runs in another process");
    kill(me, SIGKILL);
    waitpid(me, NULL, 0);
    CHECK(ends(pid), "when that is killed, the command ends");
}

static void test_terminal(Fix *f)
{
    int tty = posix_openpt(O_RDWR | O_NOCTTY);
    if (tty < 0 || grantpt(tty) < 0 || unlockpt(tty) < 0) {
        tap_skip("no pseudo-terminal here");
        return;
    }
    pid_t me = fork();
    if (me == 0) { /* a session whose terminal our own group owns */
        setsid();
        int fd = open(ptsname(tty), O_RDWR); /* becomes the controlling terminal */
        CLEANUP(launcher_freep) Launcher *l = NULL;
        Err err = { 0 };
        CommandRun r;
        CommandSpec s = spec_of(f, "actor tty");
        int e = fd < 0 ? fd : launcher_new(&l, &err);
        e = e < 0 ? e : command_run(l, &s, 0, &f->stop, &r, &err);
        printf("# %s\n", err.msg);
        fflush(stdout);
        _exit(e == -ENOTTY ? 0 : 1);
    }
    int status = 1;
    waitpid(me, &status, 0);
    close(tty);
    CHECK_INT(status, 0, "a command that reads the terminal is an error, not a hang");
}

static void run_all(Fix *f)
{
    test_ends(f);
    test_refused(f);
    test_shell_and_env(f);
    test_output(f);
    test_messages(f);
    test_orphan(f);
    test_timeout(f);
    test_stop(f);
    test_hooks(f);
    test_memory(f);
    test_tracing(f);
    test_size(f);
    test_cpu(f);
    test_overhead(f);
    test_killed(f);
    test_terminal(f);
}

int main(void)
{
    const char *helpers = getenv("ASSAY_HELPERS");
    if (!helpers)
        TAP_SKIP_ALL("ASSAY_HELPERS does not say where the helper programs are");
    /* Assay's own size must not matter: be large before the launcher starts. */
    size_t ballast_bytes = 500u * MIB;
    char *ballast = mmap(NULL, ballast_bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    CHECK(ballast != MAP_FAILED, "500 MiB of our own");
    Fix f = { 0 };
    char dir[] = "/tmp/assay-launch-XXXXXX";
    Err err = { 0 };
    current = &f;
    f.actor = fs_join(&f.arena, helpers, "actor");
    f.dir = mkdtemp(dir);
    if (CHECK(launcher_new(&f.l, &err) == 0, "a launcher %s", err.msg))
        run_all(&f);
    f.l = launcher_free(f.l);
    munmap(ballast, ballast_bytes);
    CHECK_INT(fs_remove_tree(dir, &err), 0, "clean-up %s", err.msg);
    arena_done(&f.arena);
    return tap_done();
}
