/* What git knows about a folder: commit, branch, and other revisions to build beside it. */
#pragma once

#include "base/fs.h"

typedef struct GitState {
    const char *commit; /* full hash; NULL outside a repository or without git */
    const char *branch; /* NULL when detached */
    const char *top;    /* the work tree's root */
    bool dirty;         /* tracked files differ from the commit */
} GitState;

/* Never fails: outside git all is NULL. Strings in the arena. Cost: four short processes. */
void git_read(Arena *a, const char *dir, GitState *ret);

/* Check out `ref` of the repository that holds `dir` into a new work tree of its own at `path` (git
 * worktree add --detach). *ret_commit is its hash. -ENOENT for an unknown ref, with git's own
 * words. */
MUST_CHECK int git_checkout(Arena *a, const char *dir, const char *ref, const char *path,
                            const char **ret_commit, Err *err);
/* Take such a work tree away. */
void git_checkout_remove(const char *dir, const char *path);

/* Where `dir` lies within the work tree at `top`: "" or "/bench". */
const char *git_inside(const char *top, const char *dir);

/* The name that git knows the user by, or NULL. */
const char *git_user(Arena *a, const char *dir);
/* Is that commit the other one, or before it? False also when git knows one of them not. */
bool git_is_ancestor(Arena *a, const char *dir, const char *commit, const char *of);
/* Full hash of what a revision means, or NULL. */
const char *git_commit_of(Arena *a, const char *dir, const char *revision);

/* The commit where HEAD and that revision part, or NULL. */
const char *git_merge_base(Arena *a, const char *dir, const char *revision);
/* Commits from that one back along first parents, itself first, at most `most`: ret[*ret_n] of full
 * hashes. 0 also when git knows it not (*ret_n 0 then). */
void git_ancestors(Arena *a, const char *dir, const char *commit, int most, const char ***ret,
                   ptrdiff_t *ret_n);
/* Commits of `to` that `from` has not; -1 when git doesn't know them. */
ptrdiff_t git_distance(Arena *a, const char *dir, const char *from, const char *to);

/* Run a program without a shell, take in what it prints to stdout and stderr, at most 1 MiB, and
 * wait for its end. Negative only when it can't be started; *ret_status is its wait status. */
MUST_CHECK int capture_status(Arena *a, const char *const *argv, Str *ret, int *ret_status,
                              Err *err);
/* Run a program without a shell and take in what it prints to stdout (and stderr when
 * `with_stderr`), at most 1 MiB. Exit status 0 gives 0; else -ECHILD with the last line in err. */
MUST_CHECK int capture(Arena *a, const char *const *argv, bool with_stderr, Str *ret, Err *err);
