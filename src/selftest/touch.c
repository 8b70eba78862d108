#include "selftest/touch.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"

/* "Rss:   65536 kB" */
static int read_resident(uint64_t *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str text, line;
    TRY(fs_read(&a, "/proc/self/smaps_rollup", 1 << 16, &text, err));
    while (str_cut(&text, '\n', &line)) {
        if (!str_starts(line, STR("Rss:")))
            continue;
        line = str_trim(str_slice(line, 4, line.len));
        uint64_t kib;
        if (str_ends(line, STR(" kB")) &&
            str_to_u64(str_trim(str_slice(line, 0, line.len - 3)), &kib) == 0) {
            *ret = kib * 1024;
            return 0;
        }
    }
    return err_set(err, -ENODATA, "no Rss in /proc/self/smaps_rollup");
}

int touch_memory(uint64_t bytes, uint64_t *ret_resident_bytes, Err *err)
{
    long page = sysconf(_SC_PAGESIZE);
    if (bytes) {
        char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return err_errno(err, -errno, "map %llu bytes", (unsigned long long)bytes);
        for (uint64_t at = 0; at < bytes; at += (uint64_t)page)
            ((volatile char *)p)[at] = 1;
    }
    return read_resident(ret_resident_bytes, err);
}
