#include "load/waiters.h"

void waiters_add(Waiters *l, Waiter *w)
{
    if (w->waiting)
        return;
    w->waiting = true;
    w->prev = l->tail;
    w->next = NULL;
    *(l->tail ? &l->tail->next : &l->head) = w;
    l->tail = w;
}

void waiters_take(Waiters *l, Waiter *w)
{
    if (!w->waiting)
        return;
    *(w->prev ? &w->prev->next : &l->head) = w->next;
    *(w->next ? &w->next->prev : &l->tail) = w->prev;
    w->waiting = false;
}

void waiters_leave(Waiters *l, Waiter *w)
{
    waiters_take(l, w);
    if (l->reader != w->io)
        return;
    l->reader = l->head ? l->head->io : NULL;
    if (l->reader)
        vu_wake(l->reader);
}

bool waiters_reads(Waiters *l, VuIo *io)
{
    if (!l->reader)
        l->reader = io;
    return l->reader == io;
}

void waiters_wake(const Waiters *l)
{
    for (const Waiter *w = l->head; w; w = w->next)
        vu_wake(w->io);
}
