/* Runs a fuzz target over its seeds without a fuzzer: every file of the folders named, and each of
 * them cut short at every length up to 512, as one TAP point a file. */
#include "base/fs.h"
#include "fuzz.h"
#include "tap.h"

#include <dirent.h>

enum { SEED_MAX = 1 << 20, CUTS_MAX = 512 };

static void replay_bytes(Str seed, ptrdiff_t n)
{
    /* Exactly as large as the input, so that a sanitizer sees a byte read past it. */
    uint8_t *copy = malloc(n ? (size_t)n : 1);
    if (!copy)
        abort();
    if (n)
        memcpy(copy, seed.ptr, (size_t)n);
    LLVMFuzzerTestOneInput(copy, (size_t)n);
    free(copy);
}

static void replay_file(const char *folder, const char *name)
{
    Arena a = { 0 };
    Str seed = { 0 };
    Err err = { 0 };
    int r = fs_read(&a, fs_join(&a, folder, name), SEED_MAX, &seed, &err);

    if (r == 0) {
        replay_bytes(seed, seed.len);
        for (ptrdiff_t n = 0; n < MIN(seed.len, (ptrdiff_t)CUTS_MAX); n++)
            replay_bytes(seed, n);
    }
    CHECK(r == 0, "%s %s", name, err.msg);
    arena_done(&a);
}

static void replay_folder(const char *folder)
{
    DIR *d = opendir(folder);
    if (!CHECK(d != NULL, "%s is a folder of seeds", folder))
        return;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.')
            replay_file(folder, e->d_name);
    closedir(d);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay_folder(argv[i]);
    return tap_done();
}
