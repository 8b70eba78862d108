#include "launch/simulate.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "bench/wire.h"
#include "launch/program.h"

enum { FILE_MAX = 64 << 20, CALLS_MOST = 1000 };

int simulate_read(Str text, double *ret, Err *err)
{
    Str line, last = { 0 }, word;
    while (str_cut(&text, '\n', &line))
        if (str_starts(line, STR("summary:")))
            last = line;
    Str rest = str_trim(str_slice(last, MIN((ptrdiff_t)8, last.len), last.len));
    uint64_t n;
    if (!str_cut(&rest, ' ', &word) || str_to_u64(word, &n) < 0)
        return err_set(err, -EINVAL, "no summary in what valgrind wrote");
    *ret = (double)n;
    return 0;
}

/* One file for each process. */
static int sum_folder(Arena *a, const char *dir, double *ret, Err *err)
{
    DIR *d = opendir(dir);
    double sum = 0;
    ptrdiff_t n = 0;
    int r = 0;
    if (!d)
        return err_errno(err, -errno, "read '%s'", dir);
    for (struct dirent *e; r == 0 && (e = readdir(d));) {
        Str text;
        double one = 0;
        if (e->d_name[0] == '.')
            continue;
        r = fs_read(a, fs_join(a, dir, e->d_name), FILE_MAX, &text, err);
        if (r == 0 && text.len) /* a process that execs leaves an empty one */
            r = simulate_read(text, &one, err);
        sum += one;
        n += text.len > 0;
    }
    closedir(d);
    if (r == 0 && n == 0)
        return err_set(err, -EPROTO, "valgrind wrote no result");
    *ret = sum;
    return r;
}

/* What stands in front of the command's own words. */
static int wrap(Arena *a, const CommandSpec *spec, const char *dir, CommandSpec *ret, Err *err)
{
    const char *path;
    if (program_find(a, "valgrind", NULL, NULL, &path, err) < 0)
        return err_set(err, -ENOENT,
                       "valgrind is not installed (apt-get install valgrind); instructions can't "
                       "be simulated");
    const char *const words[] = { path,
                                  "--tool=cachegrind",
                                  "--cache-sim=no",
                                  "--trace-children=yes",
                                  "-q",
                                  arena_printf(a, "--cachegrind-out-file=%s/%%p", dir) };
    *ret = *spec;
    ret->argv = (StrList){ 0 };
    ret->shell = false;
    ret->prepare = ret->conclude = NULL;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(words); i++)
        strlist_add(a, &ret->argv, words[i]);
    if (spec->shell) {
        strlist_add(a, &ret->argv, "/bin/sh");
        strlist_add(a, &ret->argv, "-c");
    }
    for (ptrdiff_t i = 0; i < spec->argv.n; i++)
        strlist_add(a, &ret->argv, spec->argv.v[i]);
    return 0;
}

static int run_in(Launcher *l, Arena *a, const CommandSpec *spec, const char *dir,
                  const volatile bool *stop, double *ret, Err *err)
{
    CommandSpec wrapped;
    CommandRun run;
    TRY(wrap(a, spec, dir, &wrapped, err));
    wrapped.timeout = 0;
    TRY(command_run(l, &wrapped, 0, stop, &run, err));
    if (!command_accepts(spec, &run))
        return err_set(err, -ECHILD, "under valgrind it exited with %d: %s", run.exit_code,
                       run.message);
    return sum_folder(a, dir, ret, err);
}

int simulate_command(Launcher *l, const CommandSpec *spec, const volatile bool *stop, double *ret,
                     Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    char *dir;
    Err ignored;
    TRY(fs_make_temp(&a, "assay-simulate", &dir, err));
    int r = run_in(l, &a, spec, dir, stop, ret, err);
    int gone = fs_remove_tree(dir, &ignored);
    (void)gone;
    return r;
}

/* One epoch in a program that does nothing else. */
static int count_once(Launcher *l, const CommandSpec *like, uint32_t index, uint64_t iterations,
                      const volatile bool *stop, double *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CommandSpec spec = *like;
    spec.env = (StrMap){ 0 };
    for (ptrdiff_t i = 0; i < like->env.n; i++)
        strmap_set(&a, &spec.env, like->env.v[i].key, like->env.v[i].value);
    /* of equal length whatever the number: the environment moves the stack */
    strmap_set(&a, &spec.env, ASSAY_WIRE_ONCE,
               arena_printf(&a, "%u:%012llu", index, (unsigned long long)iterations));
    return simulate_command(l, &spec, stop, ret, err);
}

int simulate_function(Launcher *l, const StrList *argv, const char *cwd, const StrMap *env,
                      uint32_t index, uint64_t iterations, const volatile bool *stop, double *ret,
                      Err *err)
{
    CommandSpec spec = { .argv = *argv, .cwd = cwd, .env = env ? *env : (StrMap){ 0 } };
    uint64_t more = MIN(MAX(iterations, UINT64_C(1)), (uint64_t)CALLS_MOST);
    double few, many;
    TRY(count_once(l, &spec, index, 1, stop, &few, err));
    TRY(count_once(l, &spec, index, 1 + more, stop, &many, err));
    *ret = (many - few) / (double)more;
    return 0;
}
