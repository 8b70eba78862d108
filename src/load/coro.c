/* One mapping per coroutine, from low to high: guard page, stack, the Coro itself. Keeping the Coro
 * on the stack's topmost page saves a page per user. */
#include "load/coro.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load/coro_switch.h"

#if defined(__SANITIZE_ADDRESS__)
#define CORO_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORO_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define CORO_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CORO_TSAN 1
#endif
#endif

#ifdef CORO_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef CORO_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include(<valgrind/valgrind.h>) && !defined(__SANITIZE_THREAD__)
#define CORO_VALGRIND 1
#include <valgrind/valgrind.h>
#endif

enum {
#if defined(CORO_ASAN) || defined(CORO_TSAN)
    STACK_BYTES = 256 * 1024, /* instrumented frames are several times larger */
#else
    STACK_BYTES = 64 * 1024, /* checking a chain of certificates takes some 20 KiB */
#endif
};

struct Coro {
    CoroContext inside, outside;
    void (*fn)(void *arg, Coro *self);
    void *arg;
    Coro *next_free;
    char *map;
    ptrdiff_t map_bytes;
    char *stack; /* lowest usable byte */
    ptrdiff_t stack_bytes;
    bool started, running, ended;
    void (*errand)(void *arg); /* to be run outside */
    void *errand_arg;
    unsigned valgrind_id;
    void *fake_inside, *fake_outside; /* address sanitizer's */
    const void *outside_stack;
    size_t outside_bytes;
    void *fiber, *outside_fiber; /* thread sanitizer's */
};

/* What coro_entry is to run: set immediately before the first switch, read immediately after it, on
 * the same thread. */
static _Thread_local Coro *starting;

static void before_switch_in(Coro *c)
{
#ifdef CORO_ASAN
    __sanitizer_start_switch_fiber(&c->fake_outside, c->stack, (size_t)c->stack_bytes);
#endif
#ifdef CORO_TSAN
    c->outside_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(c->fiber, 0);
#endif
    (void)c;
}

static void after_switch_in(Coro *c)
{
#ifdef CORO_ASAN
    __sanitizer_finish_switch_fiber(c->fake_inside, &c->outside_stack, &c->outside_bytes);
#endif
    (void)c;
}

static void before_switch_out(Coro *c, bool for_ever)
{
#ifdef CORO_ASAN
    __sanitizer_start_switch_fiber(for_ever ? NULL : &c->fake_inside, c->outside_stack,
                                   c->outside_bytes);
#endif
#ifdef CORO_TSAN
    __tsan_switch_to_fiber(c->outside_fiber, 0);
#endif
    (void)c;
    (void)for_ever;
}

static void after_switch_out(Coro *c)
{
#ifdef CORO_ASAN
    __sanitizer_finish_switch_fiber(c->fake_outside, NULL, NULL);
#endif
    (void)c;
}

static void coro_entry(void)
{
    Coro *c = starting;
    after_switch_in(c);
    c->fn(c->arg, c);
    c->ended = true;
    c->running = false;
    before_switch_out(c, true);
    coro_switch(&c->inside, &c->outside);
    __builtin_unreachable();
}

/* NULL with err set. */
static Coro *map_stack(CoroPool *p, Err *err)
{
    ptrdiff_t page = sysconf(_SC_PAGESIZE);
    ptrdiff_t want = p->stack_bytes ? p->stack_bytes : STACK_BYTES;
    ptrdiff_t bytes = (want + page - 1) / page * page + page;
    char *map = mmap(NULL, (size_t)bytes, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (map == MAP_FAILED) {
        err_set(err, -ENOMEM, "no memory for the stack of virtual user %td", p->n_mapped + 1);
        return NULL;
    }
    if (mprotect(map + page, (size_t)(bytes - page), PROT_READ | PROT_WRITE) < 0) {
        munmap(map, (size_t)bytes);
        err_set(err, -ENOMEM,
                "stack of virtual user %td: the kernel allows no more mappings; raise the sysctl "
                "vm.max_map_count",
                p->n_mapped + 1);
        return NULL;
    }
    ptrdiff_t own = (ptrdiff_t)((sizeof(Coro) + 63) & ~(size_t)63);
    Coro *c = (Coro *)(void *)(map + bytes - own);
    c->map = map;
    c->map_bytes = bytes;
    c->stack = map + page;
    c->stack_bytes = bytes - page - own;
#ifdef CORO_VALGRIND
    c->valgrind_id = VALGRIND_STACK_REGISTER(c->stack, c->stack + c->stack_bytes);
#endif
    p->n_mapped++;
    return c;
}

int coro_new(CoroPool *p, void (*fn)(void *arg, Coro *self), void *arg, Coro **ret, Err *err)
{
    Coro *c = p->free;
    if (c)
        p->free = c->next_free;
    else
        c = map_stack(p, err);
    if (!c)
        return -ENOMEM;
    c->fn = fn;
    c->arg = arg;
    c->started = c->ended = false;
    c->fake_inside = NULL;
#ifdef CORO_TSAN
    c->fiber = __tsan_create_fiber(0);
#endif
#ifdef CORO_ASAN
    __asan_unpoison_memory_region(c->stack, (size_t)c->stack_bytes); /* left by its last user */
#endif
    coro_prepare(&c->inside, c->stack, c->stack_bytes, coro_entry);
    *ret = c;
    return 0;
}

void coro_free(CoroPool *p, Coro *c)
{
    if (!c)
        return;
    assert(c->ended || !c->started);
#ifdef CORO_TSAN
    __tsan_destroy_fiber(c->fiber);
#endif
    c->next_free = p->free;
    p->free = c;
}

void coro_pool_done(CoroPool *p)
{
    while (p->free) {
        Coro *c = p->free;
        p->free = c->next_free;
#ifdef CORO_VALGRIND
        VALGRIND_STACK_DEREGISTER(c->valgrind_id);
#endif
        munmap(c->map, (size_t)c->map_bytes);
        p->n_mapped--;
    }
    assert(p->n_mapped == 0);
}

/* False: there is none; c has yielded or ended. */
static bool run_errand(Coro *c)
{
    void (*fn)(void *) = c->errand;
    if (!fn)
        return false;
    c->errand = NULL;
    fn(c->errand_arg);
    return true;
}

void coro_resume(Coro *c)
{
    assert(!c->running);
    assert(!c->ended);
    c->running = c->started = true;
    do {
        starting = c;
        before_switch_in(c);
        coro_switch(&c->outside, &c->inside);
        after_switch_out(c);
    } while (run_errand(c));
}

void coro_outside(Coro *c, void (*fn)(void *), void *arg)
{
    assert(c->running);
    c->errand = fn;
    c->errand_arg = arg;
    before_switch_out(c, false);
    coro_switch(&c->inside, &c->outside);
    after_switch_in(c);
}

void coro_yield(Coro *c)
{
    assert(c->running);
    c->running = false;
    before_switch_out(c, false);
    coro_switch(&c->inside, &c->outside);
    after_switch_in(c);
}

bool coro_ended(const Coro *c)
{
    return c->ended;
}
