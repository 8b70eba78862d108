/* For machines without assembly here: POSIX contexts. Each switch costs a system call for the
 * signal mask. */
#include <string.h>
#include <ucontext.h>

#include "load/coro_switch.h"

void coro_switch(CoroContext *from, CoroContext *to)
{
    ucontext_t here;
    from->sp = &here; /* on the stack that is being left: it stands until this side goes on */
    int r = swapcontext(&here, to->sp);
    assert(r == 0);
    (void)r;
}

void coro_prepare(CoroContext *ret, void *low, ptrdiff_t bytes, void (*entry)(void))
{
    ptrdiff_t room = (ptrdiff_t)((sizeof(ucontext_t) + 63) & ~(size_t)63);
    ucontext_t *uc = (ucontext_t *)(void *)((char *)low + bytes - room);
    int r = getcontext(uc);
    assert(r == 0);
    (void)r;
    uc->uc_link = NULL;
    uc->uc_stack.ss_sp = low;
    uc->uc_stack.ss_size = (size_t)(bytes - room);
    makecontext(uc, entry, 0);
    ret->sp = uc;
}
