/* A benchmark program for the tests. SAMPLE_WORK scales the work of `spin`, so that one program is
 * slower than another by a known factor. */
#include <assay/bench.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static uint64_t work(void)
{
    const char *text = getenv("SAMPLE_WORK");
    uint64_t n = 0;
    while (text && *text >= '0' && *text <= '9')
        n = n * 10 + (uint64_t)(*text++ - '0');
    return n ? n : 1000;
}

ASSAY_BENCH(spin)
{
    uint64_t n = work(), x = 1;
    ASSAY_LOOP(b)
    {
        for (uint64_t i = 0; i < n; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            assay_hide(x);
        }
        assay_keep(x);
    }
}

ASSAY_BENCH(fill)
{
    size_t n = (size_t)assay_arg(b);
    char *p = malloc(n);
    assay_bytes(b, n);
    assay_items(b, 2);
    ASSAY_LOOP(b)
    {
        for (size_t i = 0; i < n; i++) {
            p[i] = (char)i;
            assay_clobber();
        }
    }
    free(p);
}
ASSAY_RANGE(fill, "size", 256, 16384, 4)
ASSAY_COMPLEXITY(fill)

/* Three allocations of 16, 32 and 100 bytes, at most 48 of them held at once. */
ASSAY_BENCH(allocate)
{
    ASSAY_LOOP(b)
    {
        void *p = malloc(16), *q = calloc(4, 8);
        assay_keep(p);
        assay_keep(q);
        free(p);
        free(q);
        p = malloc(100);
        assay_keep(p);
        free(p);
    }
}

ASSAY_BENCH(counted)
{
    double seen = 0;
    ASSAY_LOOP(b)
    {
        seen += 2;
        assay_keep(seen);
    }
    assay_counter(b, "seen", seen, ASSAY_PER_ITERATION);
}
ASSAY_THREADS(counted, 1, 2)

#define ADD(T)                                                                                     \
    ASSAY_BENCH_OF(add, T)                                                                         \
    {                                                                                              \
        T v = 3;                                                                                   \
        ASSAY_LOOP(b)                                                                              \
        {                                                                                          \
            assay_hide(v);                                                                         \
            assay_keep(v + v);                                                                     \
        }                                                                                          \
    }
ADD(int)
ADD(double)

static void *set_up(const AssayBench *b)
{
    char *text = malloc(64);
    memcpy(text, assay_arg(b) ? "with\0\0\0" : "without", 8);
    return text;
}

ASSAY_BENCH(fixture)
{
    const char *text = assay_state(b);
    const char *want = strcmp(assay_choice_of(b, "mode"), "odd") == 0 ? "with" : "without";
    if (!text || (strcmp(text, "with") != 0 && strcmp(text, "without") != 0) || !*want)
        assay_fail(b, "the fixture is not there");
    ASSAY_LOOP(b)
    assay_keep(strlen(text));
}
ASSAY_FIXTURE(fixture, set_up, free)
ASSAY_CHOICES(fixture, "mode", "odd", "even")
ASSAY_ARGS(fixture, "with", 0, 1)

/* What goes wrong: asked for by name only. */
ASSAY_BENCH(bad_never)
{
    (void)b;
}
ASSAY_BENCH(bad_early)
{
    ASSAY_LOOP(b)
    break;
}
ASSAY_BENCH(bad_twice)
{
    ASSAY_LOOP(b)
    assay_clobber();
    ASSAY_LOOP(b)
    assay_clobber();
}
ASSAY_BENCH(bad_told)
{
    assay_fail(b, "the input is missing");
    ASSAY_LOOP(b)
    assay_clobber();
}
ASSAY_BENCH(bad_dies)
{
    ASSAY_LOOP(b)
    raise(SIGSEGV);
}
ASSAY_BENCH(bad_argument)
{
    assay_arg_of(b, "nothing");
    ASSAY_LOOP(b)
    assay_clobber();
}

ASSAY_MAIN
