/* A library to be loaded before all others (LD_PRELOAD): counts what a program asks of malloc and
 * its kin between two calls, without recompiling it. C++'s new ends there as well.
 *
 * What is counted: calls that ask for memory (a realloc is one), the bytes they ask for, and the
 * most bytes held at once beyond what was held at the begin. Sizes held are malloc_usable_size's, a
 * little more than what was asked for. One program at a time, all of its threads. */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct AssayAllocs { /* as in bench.h */
    uint64_t count, bytes, peak_bytes;
} AssayAllocs;

static _Atomic bool counting;
static _Atomic uint64_t count, bytes;
static _Atomic int64_t held, peak;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);
static int (*real_posix_memalign)(void **, size_t, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);

/* The dynamic linker itself asks for memory while it looks the real ones up. */
static char early[16384] __attribute__((aligned(16)));
static size_t early_used;
static _Thread_local bool looking;

static bool is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void *take_early(size_t n)
{
    size_t need = (n + 31) & ~(size_t)15;
    if (need < n || need > sizeof early - early_used)
        return NULL;
    char *p = early + early_used;
    early_used += need;
    memcpy(p, &n, sizeof n); /* how much to copy when it grows */
    return p + 16;
}

static void look_up(void)
{
    if (real_free || looking)
        return;
    looking = true;
    *(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&real_posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    *(void **)&real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    *(void **)&real_free = dlsym(RTLD_NEXT, "free");
    looking = false;
}

static void hold(int64_t more)
{
    int64_t now = atomic_fetch_add(&held, more) + more;
    int64_t most = atomic_load(&peak);
    while (now > most && !atomic_compare_exchange_weak(&peak, &most, now))
        ;
}

static void *note(void *p, size_t asked)
{
    if (p && atomic_load_explicit(&counting, memory_order_relaxed)) {
        atomic_fetch_add(&count, 1);
        atomic_fetch_add(&bytes, asked);
        hold((int64_t)malloc_usable_size(p));
    }
    return p;
}

static void forget(void *p)
{
    if (p && atomic_load_explicit(&counting, memory_order_relaxed))
        atomic_fetch_sub(&held, (int64_t)malloc_usable_size(p));
}

static void *take(size_t n)
{
    look_up();
    return real_malloc ? note(real_malloc(n), n) : take_early(n);
}

EXPORT void *malloc(size_t n)
{
    return take(n);
}

EXPORT void *calloc(size_t n, size_t each)
{
    size_t all;
    if (__builtin_mul_overflow(n, each, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    look_up();
    return real_calloc ? note(real_calloc(n, each), all) : take_early(all); /* which is zero */
}

static void *move_early(void *old, size_t n)
{
    size_t had;
    memcpy(&had, (char *)old - 16, sizeof had);
    void *p = take(n);
    if (p)
        memcpy(p, old, had < n ? had : n);
    return p;
}

EXPORT void *realloc(void *old, size_t n)
{
    look_up();
    if (old && is_early(old))
        return move_early(old, n);
    if (!real_realloc)
        return take_early(n);
    int64_t had = old && atomic_load(&counting) ? (int64_t)malloc_usable_size(old) : 0;
    void *p = real_realloc(old, n);
    if ((p || !n) && had)
        atomic_fetch_sub(&held, had);
    return n ? note(p, n) : p;
}

EXPORT void free(void *p)
{
    if (!p || is_early(p))
        return;
    look_up();
    forget(p);
    if (real_free)
        real_free(p);
}

EXPORT int posix_memalign(void **ret, size_t align, size_t n)
{
    look_up();
    int r = real_posix_memalign ? real_posix_memalign(ret, align, n) : ENOMEM;
    if (r == 0)
        note(*ret, n);
    return r;
}

EXPORT void *aligned_alloc(size_t align, size_t n)
{
    look_up();
    return real_aligned_alloc ? note(real_aligned_alloc(align, n), n) : NULL;
}

EXPORT void *memalign(size_t align, size_t n)
{
    return aligned_alloc(align, n);
}

EXPORT void assay_preload_begin(void);
EXPORT void assay_preload_end(AssayAllocs *ret);

void assay_preload_begin(void)
{
    atomic_store(&count, 0);
    atomic_store(&bytes, 0);
    atomic_store(&held, 0);
    atomic_store(&peak, 0);
    atomic_store(&counting, true);
}

void assay_preload_end(AssayAllocs *ret)
{
    atomic_store(&counting, false);
    *ret = (AssayAllocs){ atomic_load(&count), atomic_load(&bytes), (uint64_t)atomic_load(&peak) };
}
