#include "launch/git.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { CAPTURE_MAX = 1 << 20 };

static int spawn_into(const char *const *argv, bool with_stderr, int out, pid_t *ret)
{
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
    if (with_stderr)
        posix_spawn_file_actions_adddup2(&fa, out, STDERR_FILENO);
    else
        posix_spawn_file_actions_addopen(&fa, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    union {
        const char *const *in;
        char *const *out;
    } words = { argv }; /* posix_spawn does not write them */
    int r = posix_spawnp(ret, argv[0], &fa, NULL, words.out, environ);
    posix_spawn_file_actions_destroy(&fa);
    return -r;
}

static void drain(int fd, StrBuf *out)
{
    char buf[4096];
    for (;;) {
        ssize_t n = read(fd, buf, sizeof buf);
        if (n > 0)
            strbuf_add(out, (Str){ buf, n });
        else if (n == 0 || errno != EINTR)
            return;
    }
}

static int reap(pid_t pid, int *ret_status)
{
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

static int take_in(Arena *a, const char *const *argv, bool with_stderr, Str *ret, int *ret_status,
                   Err *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_errno(err, -errno, "pipe");
    pid_t pid;
    int r = spawn_into(argv, with_stderr, fds[1], &pid);
    close(fds[1]);
    if (r < 0) {
        close(fds[0]);
        return err_errno(err, r, "start %s", argv[0]);
    }
    CLEANUP(strbuf_done) StrBuf out = { .max = CAPTURE_MAX };
    drain(fds[0], &out);
    close(fds[0]);
    *ret = (Str){ arena_str(a, strbuf_str(&out)), out.len };
    r = reap(pid, ret_status);
    return r < 0 ? err_errno(err, r, "wait for %s", argv[0]) : 0;
}

int capture_status(Arena *a, const char *const *argv, Str *ret, int *ret_status, Err *err)
{
    return take_in(a, argv, true, ret, ret_status, err);
}

int capture(Arena *a, const char *const *argv, bool with_stderr, Str *ret, Err *err)
{
    int status = 0;
    TRY(take_in(a, argv, with_stderr, ret, &status, err));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return err_set(err, -ECHILD, "%s %s: " STR_FMT, argv[0], argv[1], STR_ARG(str_last_line(*ret)));
}

const char *git_inside(const char *top, const char *dir)
{
    size_t n = strlen(top);
    return strncmp(dir, top, n) == 0 ? dir + n : "";
}

/* One line of git's answer, or NULL. */
static const char *ask(Arena *a, const char *dir, const char *verb, const char *arg,
                       const char *arg2)
{
    const char *argv[] = { "git", "-C", dir, verb, arg, arg2, NULL };
    Str out;
    if (capture(a, argv, false, &out, NULL) < 0)
        return NULL;
    out = str_trim(out);
    return out.len ? arena_str(a, out) : NULL;
}

void git_read(Arena *a, const char *dir, GitState *ret)
{
    *ret = (GitState){ 0 };
    ret->top = ask(a, dir, "rev-parse", "--show-toplevel", NULL);
    if (!ret->top)
        return;
    ret->commit = ask(a, dir, "rev-parse", "--verify", "HEAD");
    ret->branch = ask(a, dir, "symbolic-ref", "--short", "HEAD");
    ret->dirty = ask(a, dir, "status", "--porcelain", "--untracked-files=no") != NULL;
}

const char *git_user(Arena *a, const char *dir)
{
    return ask(a, dir, "config", "user.name", NULL);
}

bool git_is_ancestor(Arena *a, const char *dir, const char *commit, const char *of)
{
    const char *argv[] = { "git", "-C", dir, "merge-base", "--is-ancestor", commit, of, NULL };
    Str out;
    return capture(a, argv, false, &out, NULL) == 0;
}

const char *git_commit_of(Arena *a, const char *dir, const char *revision)
{
    return ask(a, dir, "rev-parse", "--verify", arena_printf(a, "%s^{commit}", revision));
}

const char *git_merge_base(Arena *a, const char *dir, const char *revision)
{
    return ask(a, dir, "merge-base", "HEAD", revision);
}

void git_ancestors(Arena *a, const char *dir, const char *commit, int most, const char ***ret,
                   ptrdiff_t *ret_n)
{
    const char *argv[] = {
        "git",  "-C", dir, "rev-list", "--first-parent", arena_printf(a, "--max-count=%d", most),
        commit, NULL
    };
    Str out, line;
    const char **v = NULL;
    ptrdiff_t n = 0, cap = 0;
    if (capture(a, argv, false, &out, NULL) == 0)
        while (out.len && str_cut(&out, '\n', &line))
            if (line.len)
                ARENA_PUSH(a, v, n, cap, arena_str(a, line));
    *ret = v;
    *ret_n = n;
}

ptrdiff_t git_distance(Arena *a, const char *dir, const char *from, const char *to)
{
    const char *n = ask(a, dir, "rev-list", "--count", arena_printf(a, "%s..%s", from, to));
    int64_t commits;
    return n && str_to_i64(str(n), &commits) == 0 ? (ptrdiff_t)commits : -1;
}

int git_checkout(Arena *a, const char *dir, const char *ref, const char *path,
                 const char **ret_commit, Err *err)
{
    const char *commit = git_commit_of(a, dir, ref);
    if (!commit)
        return err_set(err, -ENOENT,
                       "'%s' is neither a folder nor a revision that git knows in '%s'", ref, dir);
    const char *argv[] = { "git",     "-C",       dir,  "worktree", "add",
                           "--force", "--detach", path, commit,     NULL };
    Str out;
    TRY(capture(a, argv, true, &out, err));
    *ret_commit = commit;
    return 0;
}

void git_checkout_remove(const char *dir, const char *path)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *argv[] = { "git", "-C", dir, "worktree", "remove", "--force", path, NULL };
    Str out;
    int r = capture(&a, argv, true, &out, NULL);
    (void)r; /* a folder that stays behind harms nobody; the next --against prunes it */
}
