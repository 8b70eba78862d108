/* Runs of commands and hooks. */
#include "launch/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "launch/hash.h"
#include "launch/launcher.h"
#include "launch/program.h"

enum { HOOK_TAIL = 700 };

#define GRACE_NS NS_PER_S

typedef struct Files {
    int in, out, err; /* owned unless borrowed; -1 when not open */
    bool inherited;   /* out and err are our own stdout and stderr */
} Files;

static void files_done(Files *f)
{
    if (f->in >= 0)
        close(f->in);
    if (f->out >= 0 && !f->inherited)
        close(f->out);
    if (f->err >= 0 && !f->inherited)
        close(f->err);
}

static int open_at(Arena *a, const char *cwd, const char *path, int flags, int *ret, Err *err)
{
    int fd = open(cwd ? fs_join(a, cwd, path) : path, flags | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_errno(err, -errno, "open '%s'", path);
    *ret = fd;
    return 0;
}

/* What a child writes there costs it a copy and nobody a wake-up; O_APPEND, because the launcher
 * may cut it short. */
static int open_memory(int *ret, Err *err)
{
    int fd = memfd_create("assay-output", MFD_CLOEXEC);
    if (fd < 0 || fcntl(fd, F_SETFL, O_APPEND) < 0)
        return err_errno(err, -errno, "keep a command's messages");
    *ret = fd;
    return 0;
}

static int open_files(Arena *a, const CommandSpec *s, Files *f, Err *err)
{
    TRY(open_at(a, s->input ? s->cwd : NULL, s->input ? s->input : "/dev/null", O_RDONLY, &f->in,
                err));
    if (s->output == OUTPUT_INHERIT) {
        f->inherited = true;
        f->out = STDOUT_FILENO;
        f->err = STDERR_FILENO;
        return 0;
    }
    TRY(open_memory(&f->err, err));
    if (s->output == OUTPUT_FILE)
        return open_at(a, s->cwd, s->output_file, O_RDWR | O_CREAT | O_TRUNC, &f->out, err);
    return open_at(a, NULL, "/dev/null", O_WRONLY, &f->out, err);
}

/* The last lines that fit `cap`, without the final newline and with control characters blanked. */
static void read_tail(int fd, char *buf, size_t cap)
{
    struct stat st;
    buf[0] = '\0';
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
        return;
    off_t room = (off_t)cap - 1, from = st.st_size > room ? st.st_size - room : 0;
    ssize_t n = pread(fd, buf, (size_t)room, from);
    if (n <= 0)
        return;
    while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == ' '))
        n--;
    buf[n] = '\0';
    for (char *c = buf; *c; c++)
        if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\t')
            *c = ' ';
    char *line = from > 0 ? strchr(buf, '\n') : NULL;
    if (line)
        memmove(buf, line + 1, strlen(line + 1) + 1);
}

/* Run a job to its end. On -EINTR everything of it has ended. */
static int carry_out(Launcher *l, const LaunchJob *job, const volatile bool *stop, LaunchReply *ret,
                     Err *err)
{
    TRY(launcher_send(l, job, err));
    int r = launcher_wait(l, stop, -1, ret, err);
    if (r == -EINTR) {
        launcher_stop(l, 0, 0);
        TRY(launcher_wait(l, NULL, -1, ret, err));
        return err_set(err, -EINTR, "interrupted");
    }
    if (r < 0)
        return r;
    return ret->error ? launcher_refused(ret, job, err) : 0;
}

static const char shell_path[] = "/bin/sh";

static int check_hook(const LaunchReply *reply, int output, Err *err)
{
    if (reply->status == 0)
        return 0;
    char how[64], tail[HOOK_TAIL];
    if (WIFSIGNALED(reply->status))
        snprintf(how, sizeof how, "ended by signal %d", WTERMSIG(reply->status));
    else
        snprintf(how, sizeof how, "exit code %d", WEXITSTATUS(reply->status));
    read_tail(output, tail, sizeof tail);
    return err_set(err, -ECHILD, "%s%s%s", how, tail[0] ? ":\n" : ", no output", tail);
}

static int run_hook(Launcher *l, const char *text, const char *cwd, const StrMap *env,
                    const volatile bool *stop, Err *err)
{
    Files f = { -1, -1, -1, false };
    const char *argv[] = { shell_path, "-c", text };
    LaunchReply reply = { 0 };
    int r = open_memory(&f.err, err);
    f.in = r < 0 ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (r == 0) {
        LaunchJob job = { .path = shell_path,
                          .cwd = cwd,
                          .argv = argv,
                          .n_argv = ARRAY_LEN(argv),
                          .env = env,
                          .fds = { f.in, f.err, f.err },
                          .request = { .kind = LAUNCH_RUN,
                                       .flags = LAUNCH_TRIM_ERRORS | LAUNCH_NO_TRACE,
                                       .grace_ns = GRACE_NS } };
        r = carry_out(l, &job, stop, &reply, err);
    }
    if (r == 0)
        r = check_hook(&reply, f.err, err);
    files_done(&f);
    return r;
}

int command_hook(Launcher *l, const char *shell_text, const char *cwd, const StrMap *env, Err *err)
{
    return run_hook(l, shell_text, cwd, env, launcher_stop_flag(l), err);
}

static int run_named_hook(Launcher *l, const CommandSpec *s, const char *which, const char *text,
                          const volatile bool *stop, Err *err)
{
    if (!text)
        return 0;
    int r = run_hook(l, text, s->cwd, &s->env, stop, err);
    return r < 0 ? err_wrap(err, "%s", which) : 0;
}

static const char *rss_method(const LaunchReply *a)
{
    switch ((LaunchRss)a->rss_how) {
    case LAUNCH_RSS_EXIT:
        return "VmHWM at exit";
    case LAUNCH_RSS_SAMPLED:
        return "process tree RSS, sampled";
    case LAUNCH_RSS_WAIT4:
        break;
    }
    return "wait4 ru_maxrss";
}

static void fill_run(const LaunchReply *a, CommandRun *ret)
{
    bool killed = WIFSIGNALED(a->status);
    *ret = (CommandRun){
        .wall_ns = a->wall_ns,
        .user_ns = a->user_ns,
        .system_ns = a->system_ns,
        .rss_peak_bytes = a->rss_peak_bytes,
        .faults_minor = a->faults_minor,
        .faults_major = a->faults_major,
        .switches_voluntary = a->switches_voluntary,
        .switches_involuntary = a->switches_involuntary,
        .io_read_bytes = a->io_read_bytes,
        .io_write_bytes = a->io_write_bytes,
        .exit_code = killed ? -1 : WEXITSTATUS(a->status),
        .signal = killed ? WTERMSIG(a->status) : 0,
        .timed_out = a->timed_out,
        .output_hash = a->output_hash,
        .output_bytes = a->output_bytes,
        .rss_method = rss_method(a),
        .n_left = a->n_left,
    };
}

static int hash_file(int fd, CommandRun *ret, Err *err)
{
    char buf[32768];
    Hash h = { 0 };
    off_t at = 0;
    for (ssize_t n; (n = pread(fd, buf, sizeof buf, at)) != 0; at += n) {
        if (n < 0)
            return err_errno(err, -errno, "read the command's output back");
        hash_add(&h, buf, (size_t)n);
    }
    ret->output_hash = hash_end(&h);
    ret->output_bytes = h.bytes;
    return 0;
}

static int check_spec(const CommandSpec *s, Err *err)
{
    if (s->argv.n == 0)
        return err_set(err, -EINVAL, "the command is empty");
    if (s->shell && s->argv.n != 1)
        return err_set(err, -EINVAL,
                       "a shell runs one text, but the command has %td words: quote it as a whole",
                       s->argv.n);
    if (s->output == OUTPUT_FILE && !s->output_file)
        return err_set(err, -EINVAL, "output: file needs output_file");
    if (s->output == OUTPUT_INHERIT && s->same_output)
        return err_set(err, -EINVAL,
                       "same_output can't look at output that is inherited; use output: pipe");
    return 0;
}

static int make_job(Arena *a, const CommandSpec *s, uint64_t pad, const Files *f, LaunchJob *job,
                    Err *err)
{
    bool pipe = s->output == OUTPUT_PIPE || (s->output == OUTPUT_NULL && s->same_output);
    *job = (LaunchJob){ .cwd = s->cwd,
                        .argv = s->argv.v,
                        .n_argv = s->argv.n,
                        .env = &s->env,
                        .pad = pad,
                        .fds = { f->in, f->out, f->err },
                        .request = { .kind = LAUNCH_RUN,
                                     .flags = (pipe ? LAUNCH_READ_OUTPUT : 0u) |
                                              (f->inherited ? 0u : LAUNCH_TRIM_ERRORS),
                                     .timeout_ns = s->timeout,
                                     .grace_ns = GRACE_NS } };
    if (!s->shell)
        return program_find(a, s->argv.v[0], s->cwd, strmap_get(&s->env, "PATH"), &job->path, err);
    const char **argv = ARENA_ARRAY(a, const char *, 3);
    argv[0] = shell_path;
    argv[1] = "-c";
    argv[2] = s->argv.v[0];
    job->path = shell_path;
    job->argv = argv;
    job->n_argv = 3;
    return 0;
}

/* NULL where nothing is to be told of them: then nothing is read either. */
static PerfSet *counters_for(Launcher *l, const CommandSpec *s)
{
    if (s->meter != METER_AUTO && s->meter != METER_HARDWARE)
        return NULL;
    PerfSet *set = launcher_counters(l);
    return set && (perf_any(set) || s->meter == METER_HARDWARE) ? set : NULL;
}

static int run_timed(Launcher *l, const LaunchJob *job, const CommandSpec *s, const Files *f,
                     const volatile bool *stop, CommandRun *ret, Err *err)
{
    LaunchReply reply = { 0 };
    PerfSet *counters = counters_for(l, s);
    PerfValue values[PERF_VALUES];
    if (counters)
        perf_begin(counters);
    TRY(carry_out(l, job, stop, &reply, err));
    if (counters)
        perf_end(counters, values);
    if (reply.wants_terminal)
        return err_set(err, -ENOTTY,
                       "'%s' wants the terminal, but runs in the background: give it its input as "
                       "a file, or options that make it ask nothing",
                       s->argv.v[0]);
    fill_run(&reply, ret);
    ret->has_counters = counters != NULL;
    if (counters)
        memcpy(ret->counters, values, sizeof values);
    if (s->output == OUTPUT_FILE && s->same_output)
        TRY(hash_file(f->out, ret, err));
    if (!f->inherited)
        read_tail(f->err, ret->message, sizeof ret->message);
    return 0;
}

int command_run(Launcher *l, const CommandSpec *spec, uint64_t pad, const volatile bool *stop,
                CommandRun *ret, Err *err)
{
    TRY(check_spec(spec, err));
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(files_done) Files f = { -1, -1, -1, false };
    LaunchJob job;
    CommandRun run;
    /* A preparation may build the very program, so it comes before the look-up. */
    TRY(run_named_hook(l, spec, "prepare", spec->prepare, stop, err));
    TRY(open_files(&a, spec, &f, err));
    TRY(make_job(&a, spec, pad, &f, &job, err));
    int r = run_timed(l, &job, spec, &f, stop, &run, err);
    Err second = { 0 };
    int c = run_named_hook(l, spec, "conclude", spec->conclude, stop, &second);
    if (r < 0)
        return r;
    if (c < 0)
        return err_set(err, c, "%s", second.msg);
    *ret = run;
    return 0;
}

bool command_accepts(const CommandSpec *spec, const CommandRun *run)
{
    if (run->timed_out)
        return false;
    int code = run->signal ? 128 + run->signal : run->exit_code;
    if (spec->expect_exit.n == 0)
        return code == 0;
    for (ptrdiff_t i = 0; i < spec->expect_exit.n; i++) {
        uint64_t v;
        Str text = str(spec->expect_exit.v[i]);
        if (str_eqz(text, "any") || (str_to_u64(text, &v) == 0 && v == (uint64_t)code))
            return true;
    }
    return false;
}
