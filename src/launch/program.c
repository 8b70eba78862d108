#include "launch/program.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

enum { HINT_MAX = 4096 };

static int check_file(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
        return -EACCES;
    return 0;
}

static const char *absolute(Arena *a, const char *path)
{
    if (path[0] == '/')
        return path;
    char *here = realpath(".", NULL);
    const char *r = here ? fs_join(a, arena_strdup(a, here), path) : path;
    free(here);
    return r;
}

static int find_file(Arena *a, const char *name, const char *cwd, const char **ret, Err *err)
{
    const char *path = absolute(a, cwd ? fs_join(a, cwd, name) : name);
    int r = check_file(path);
    if (r == -EACCES)
        return err_set(err, r, "'%s' is not an executable file", name);
    if (r < 0)
        return err_errno(err, r, "no program '%s'", name);
    *ret = path;
    return 0;
}

/* Names in the folders of PATH, to say what was meant. */
static const char *nearest(Arena *a, const char *name, const char *path_var)
{
    const char **names = ARENA_ARRAY(a, const char *, HINT_MAX);
    ptrdiff_t n = 0;
    Str rest = str(path_var), dir;
    while (str_cut(&rest, ':', &dir)) {
        DIR *d = opendir(arena_str(a, dir));
        if (!d)
            continue;
        for (struct dirent *e; n < HINT_MAX && (e = readdir(d));)
            if (e->d_name[0] != '.')
                names[n++] = arena_strdup(a, e->d_name);
        closedir(d);
    }
    return str_nearest(str(name), names, n);
}

static int not_found(const char *name, const char *path_var, Err *err)
{
    if (strpbrk(name, " \t|&;<>"))
        return err_set(err, -ENOENT,
                       "no program '%s' in PATH; a shell's text runs with --shell (suites: shell: "
                       "true)",
                       name);
    CLEANUP(arena_done) Arena a = { 0 };
    const char *near = nearest(&a, name, path_var);
    if (near)
        return err_set(err, -ENOENT, "no program '%s' in PATH; did you mean '%s'?", name, near);
    return err_set(err, -ENOENT, "no program '%s' in PATH", name);
}

int program_find(Arena *a, const char *name, const char *cwd, const char *path_var,
                 const char **ret, Err *err)
{
    if (name[0] == '\0')
        return err_set(err, -ENOENT, "the program's name is empty");
    if (strchr(name, '/'))
        return find_file(a, name, cwd, ret, err);
    path_var = path_var ? path_var : getenv("PATH");
    path_var = path_var ? path_var : "/usr/local/bin:/usr/bin:/bin";
    bool refused = false;
    Str rest = str(path_var), dir;
    while (str_cut(&rest, ':', &dir)) {
        const char *folder = dir.len ? arena_str(a, dir) : ".";
        const char *path = absolute(a, fs_join(a, folder, name));
        int r = check_file(path);
        if (r == 0) {
            *ret = path;
            return 0;
        }
        refused |= r == -EACCES && fs_exists(path) && !fs_is_dir(path);
    }
    if (refused)
        return err_set(err, -EACCES, "'%s' is in PATH but not executable", name);
    return not_found(name, path_var, err);
}
