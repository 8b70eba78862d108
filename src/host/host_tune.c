/* Settings for quiet measurements, and the way back. What was there is written down before anything
 * is changed, so that a restore works after whatever has happened in between. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "host/host_internal.h"

enum { CPUS_MAX = 4096 };

typedef struct Setting {
    const char *path; /* with %d: of every CPU */
    const char *value;
    const char *what;
} Setting;

/* Each can be undone at once and none can lock anybody out. */
static const Setting settings[] = {
    { "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", "performance", "governor" },
    { "/sys/devices/system/cpu/intel_pstate/no_turbo", "1", "turbo off" },
    { "/sys/devices/system/cpu/cpufreq/boost", "0", "boost off" },
    { "/sys/devices/system/cpu/smt/control", "off", "one thread per core" },
    { "/proc/sys/kernel/nmi_watchdog", "0", "no watchdog interrupts" },
    { "/proc/sys/kernel/perf_event_paranoid", "1", "counters allowed" },
};

typedef struct Tuner {
    Arena arena;
    StrBuf *out, journal;
    struct {
        const char *path, *value;
    } * todo;
    ptrdiff_t n, cap;
} Tuner;

static int write_line(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
    if (fd < 0)
        return -errno;
    ssize_t n = (ssize_t)strlen(value);
    ssize_t w = write(fd, value, (size_t)n);
    int r = w == n ? 0 : w < 0 ? -errno : -EIO;
    if (close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

static void consider(Tuner *t, const char *path, const Setting *s)
{
    const char *now = host_line(&t->arena, "", path);
    if (!now || strcmp(now, s->value) == 0 || strcmp(now, "notsupported") == 0 ||
        strcmp(now, "notimplemented") == 0)
        return;
    if (access(path, W_OK) < 0) {
        strbuf_addf(t->out, "  - %s: %s stays %s (%s)\n", s->what, path, now, strerror(errno));
        return;
    }
    strbuf_addf(&t->journal, "%s %s\n", path, now);
    ARENA_PUSH(&t->arena, t->todo, t->n, t->cap,
               ((__typeof__(*t->todo)){ arena_strdup(&t->arena, path), s->value }));
    strbuf_addf(t->out, "  + %s: %s from %s to %s\n", s->what, path, now, s->value);
}

static void consider_cpus(Tuner *t, const char *root, const Setting *s)
{
    for (int i = 0; i < CPUS_MAX; i++) {
        const char *folder = arena_printf(&t->arena, "%s/sys/devices/system/cpu/cpu%d", root, i);
        if (!fs_is_dir(folder))
            return;
        Str head = str(s->path);
        ptrdiff_t at = str_find(head, STR("%d"));
        const char *path = arena_printf(&t->arena, "%s" STR_FMT "%d%s", root,
                                        STR_ARG(str_slice(head, 0, at)), i, s->path + at + 2);
        consider(t, path, s);
    }
}

static int apply(Tuner *t, ptrdiff_t *ret_n)
{
    ptrdiff_t done = 0;
    for (ptrdiff_t i = 0; i < t->n; i++) {
        int r = write_line(t->todo[i].path, t->todo[i].value);
        if (r < 0)
            strbuf_addf(t->out, "  ! %s: %s\n", t->todo[i].path, strerror(-r));
        done += r == 0;
    }
    *ret_n = done;
    return 0;
}

int host_tune(const char *root, const char *journal, StrBuf *out, ptrdiff_t *ret_n, Err *err)
{
    Tuner t = { .out = out };
    int r = 0;
    *ret_n = 0;
    if (fs_exists(journal))
        return err_set(err, -EEXIST,
                       "tuned already ('%s' holds what was there); assay host restore puts it back",
                       journal);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(settings); i++) {
        const Setting *s = &settings[i];
        if (strstr(s->path, "%d"))
            consider_cpus(&t, root, s);
        else
            consider(&t, arena_printf(&t.arena, "%s%s", root, s->path), s);
    }
    if (t.n)
        r = fs_mkdirs(fs_dirname(&t.arena, journal), err);
    if (t.n && r == 0)
        r = fs_write(journal, strbuf_str(&t.journal), err);
    if (r == 0)
        r = apply(&t, ret_n);
    strbuf_done(&t.journal);
    arena_done(&t.arena);
    return r;
}

int host_restore(const char *journal, StrBuf *out, ptrdiff_t *ret_n, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str text = { 0 }, line, path;
    ptrdiff_t failed = 0;
    *ret_n = 0;
    if (!fs_exists(journal))
        return err_set(err, -ENOENT, "nothing to put back: there is no '%s'", journal);
    TRY(fs_read(&a, journal, 1 << 20, &text, err));
    while (str_cut(&text, '\n', &line)) {
        if (!str_cut(&line, ' ', &path) || path.len == 0 || path.ptr[0] != '/')
            continue;
        const char *where = arena_str(&a, path), *value = arena_str(&a, line);
        int r = write_line(where, value);
        if (r < 0)
            strbuf_addf(out, "  ! %s: %s\n", where, strerror(-r));
        else
            strbuf_addf(out, "  + %s back to %s\n", where, value);
        failed += r < 0;
        *ret_n += r == 0;
    }
    if (failed)
        return err_set(err, -EIO, "%td settings could not be put back; '%s' keeps them", failed,
                       journal);
    unlink(journal);
    return 0;
}
