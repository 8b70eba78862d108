#include "launch/tiny/exe.h"

enum { SEEN_MAX = 16, CHUNK = 16384, MARK = 13, FILE_MAX = 256 << 20 };

typedef struct Seen {
    uint64_t dev, ino, bytes, mtime_ns;
    ExeKind kind;
} Seen;

/* One launcher is one process with one thread: its memory of files lives as long as it does. */
static Seen seen[SEEN_MAX];
static unsigned n_seen;

static Seen key_of(const struct stat *st)
{
    return (Seen){ .dev = st->st_dev,
                   .ino = st->st_ino,
                   .bytes = (uint64_t)st->st_size,
                   .mtime_ns =
                       (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec };
}

static ExeKind look_up(const Seen *k)
{
    for (unsigned i = 0; i < SEEN_MAX; i++)
        if (seen[i].ino == k->ino && seen[i].dev == k->dev && seen[i].bytes == k->bytes &&
            seen[i].mtime_ns == k->mtime_ns)
            return seen[i].kind;
    return EXE_UNKNOWN;
}

ExeKind exe_kind(const char *path)
{
    struct stat st;
    if (SYS4(SYS_newfstatat, AT_FDCWD, path, &st, 0) < 0)
        return EXE_UNKNOWN;
    Seen k = key_of(&st);
    return look_up(&k);
}

/* Marks are kept with every byte one higher: assay carries this program inside itself and must not
 * find it there. */
static bool same(const char *text, const char *mark, int n)
{
    for (int i = 0; i < n; i++)
        if (text[i] + 1 != mark[i])
            return false;
    return true;
}

/* Dynamic runtimes leave symbol names (__asan_init, __lsan_...), static ones their messages
 * (LeakSanitizer). */
static bool has_mark(const char *p, long n)
{
    for (long i = 0; i + MARK <= n; i++) {
        if (p[i] == '_' && (same(p + i, "``btbo`joju", 11) || same(p + i, "``mtbo`", 7)))
            return true;
        if (p[i] == 'L' && same(p + i, "MfblTbojuj{fs", MARK))
            return true;
    }
    return false;
}

static ExeKind search(int fd)
{
    static char buf[MARK + CHUNK]; /* the tail of the last chunk stands in front of the next */
    long kept = 0;
    for (;;) {
        long n = sys_read(fd, buf + kept, CHUNK);
        if (n < 0)
            return EXE_SANITIZED;
        if (n == 0)
            return EXE_PLAIN;
        long all = kept + n;
        if (has_mark(buf, all))
            return EXE_SANITIZED;
        kept = all < MARK ? all : MARK - 1;
        for (long i = 0; i < kept; i++)
            buf[i] = buf[all - kept + i];
    }
}

void exe_learn(int fd)
{
    struct stat st;
    if (SYS4(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) == 0) {
        Seen k = key_of(&st);
        if (look_up(&k) == EXE_UNKNOWN) {
            k.kind = k.bytes > FILE_MAX ? EXE_SANITIZED : search(fd);
            seen[n_seen++ % SEEN_MAX] = k;
        }
    }
    sys_close(fd);
}
