/* The machine's part of a coroutine: one whole file per machine implements these two. */
#pragma once

#include "base/macros.h"

/* Where a suspended side stands. For the assembly versions `sp` is its stack pointer, with the
 * registers that the calling convention lets a callee keep stored above; for ucontext it points to
 * a ucontext_t. */
typedef struct CoroContext {
    void *sp;
} CoroContext;

/* Save this side in *from and go on at *to, which coro_switch or coro_prepare has filled. */
void coro_switch(CoroContext *from, CoroContext *to);

/* Make *ret begin in entry() on the stack [low, low + bytes). entry must never return. */
void coro_prepare(CoroContext *ret, void *low, ptrdiff_t bytes, void (*entry)(void));
