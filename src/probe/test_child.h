/* For tests: a child that does as it is told and answers when it is done, so that nobody waits by
 * time. All of them end when the test does, at the latest. */
#pragma once

#include "base/macros.h"

typedef enum Order {
    ORDER_BURN,       /* arg ns of CPU; answers ns by its own getrusage */
    ORDER_MAP,        /* take and touch arg bytes */
    ORDER_UNMAP,      /* give them back */
    ORDER_RUN_CHILD,  /* a child that burns arg ns and ends, waited for; answers its ns by wait4 */
    ORDER_KEEP_CHILD, /* a child that burns arg ns and stays; answers its pid */
    ORDER_END_CHILD,  /* kill child arg and wait for it; answers 1 if it was there to wait for */
    ORDER_IGNORE,     /* never wait for children */
    ORDER_THREAD,     /* a thread that burns arg ns and stays; answers its id */
    ORDER_OPEN,       /* arg descriptors */
    ORDER_WRITE,      /* arg bytes to a file without a name; answers 1 when on storage */
    ORDER_SWITCH,     /* give the core up arg times */
    ORDER_END         /* end, leaving children alone */
} Order;

typedef struct Child {
    int pid, to, from;
} Child;

/* Stop the test when the ground it stands on gives way. */
void child_must(bool ok);
/* A child that waits for orders. */
Child child_start(void);
/* Tell, without waiting for the answer. */
void child_tell(const Child *c, Order order, uint64_t arg);
/* Tell, and wait for the answer. */
uint64_t child_ask(const Child *c, Order order, uint64_t arg);
/* Kill it and wait for it; its own children stay. */
void child_end(Child *c);
/* Descriptors of this process. */
int count_own_fds(void);
