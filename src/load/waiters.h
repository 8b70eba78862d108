/* Users who wait for their answers on one shared link, in the order in which they came. One of them
 * reads for all; when it goes, the next who waits takes over. One worker's: no locks. */
#pragma once

#include "load/driver.h"

/* A user's place in the list; a member of what the driver keeps of it. Zero: waits for nothing. */
typedef struct Waiter {
    struct Waiter *prev, *next;
    VuIo *io; /* set before it is added */
    bool waiting;
} Waiter;

typedef struct Waiters {
    Waiter *head, *tail; /* borrowed from their owners */
    VuIo *reader;        /* who reads for all, NULL: nobody */
} Waiters;

/* At the end. Who waits already keeps its place. O(1), as all here. */
void waiters_add(Waiters *l, Waiter *w);
/* Out of the list; if it is the reader, it still is. */
void waiters_take(Waiters *l, Waiter *w);
/* Out of the list and no longer the reader: the first who waits is, and is woken. */
void waiters_leave(Waiters *l, Waiter *w);
/* Is this user, who waits, the one to read? It is when nobody else does. */
bool waiters_reads(Waiters *l, VuIo *io);
/* Wake all who wait, to look again. O(n). */
void waiters_wake(const Waiters *l);
