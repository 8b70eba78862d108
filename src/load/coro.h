/* Stackful coroutines: a virtual user's code runs on a stack of its own and yields where it would
 * block.
 *
 * Stacks are mapped with a guard page below, so that running over the end faults instead of
 * corrupting a neighbour, and are pooled. Address and thread sanitizer and valgrind are told of
 * each switch. A coroutine belongs to one thread for life.
 *
 * The switch itself is coro_switch_*.S, or coro_switch_ucontext.c where there is no assembly for
 * the machine; see coro_switch.h. */
#pragma once

#include "base/err.h"

typedef struct Coro Coro;

typedef struct CoroPool {
    Coro *free;            /* stacks ready for reuse */
    ptrdiff_t stack_bytes; /* 0: default */
    ptrdiff_t n_mapped;
} CoroPool;

/* Unmap all pooled stacks; every coroutine must have been freed. Accepts a zeroed pool. */
void coro_pool_done(CoroPool *p);

/* A coroutine that will run fn(arg, coroutine) when first resumed. -ENOMEM (also when the kernel
 * allows no more mappings). Cost: two system calls for a new stack, none for a pooled one. */
MUST_CHECK int coro_new(CoroPool *p, void (*fn)(void *arg, Coro *self), void *arg, Coro **ret,
                        Err *err);
/* Back to the pool. It must have ended, or never begun (asserted): a stack that is left half way
 * would leak what its frames own. NULL is fine. */
void coro_free(CoroPool *p, Coro *c);

/* Run c until it yields or ends. Not from inside c. Cost: a few ns each way. */
void coro_resume(Coro *c);
/* From inside c: back to whoever resumed it. */
void coro_yield(Coro *c);
/* From inside c: run fn(arg) on the stack of whoever resumed it, for what needs more of one than a
 * coroutine has. It must not resume c. Cost: as a yield and a resume. */
void coro_outside(Coro *c, void (*fn)(void *arg), void *arg);
bool coro_ended(const Coro *c);
