/* Between the load and the minder's own process: messages of the socket. */
#pragma once

#include "drivers/child/minder.h"

typedef enum MindVerb {
    MIND_START, /* comes with the worker's end of its socket */
    MIND_END,
    MIND_KILL
} MindVerb;

typedef struct MindMessage {
    int verb, slot;
    int program; /* MIND_START */
} MindMessage;

/* What the minder does, in its own process. Only system calls: assay may have had threads. */
_Noreturn void mind(int fd, MinderSlot *slots, char *const *const *programs);
