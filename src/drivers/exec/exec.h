/* The exec driver: worker processes in any language, asked by lines. See exec.md. */
#pragma once

#include "drivers/child/child.h"
#include "drivers/exec/exec_line.h"
#include "load/driver.h"
#include "load/template.h"

extern const Driver driver_exec;

typedef struct ExecTargetOpts {
    const char *command;
    uint32_t processes;
} ExecTargetOpts;

typedef struct ExecRequestOpts {
    const char *call, *feed;
    int feed_order; /* FeedOrder */
    uint32_t batch;
} ExecRequestOpts;

/* ---- between the driver's files ---- */

enum { EXEC_CALLS, EXEC_WORKER_TIME, EXEC_WORKER_BYTES, EXEC_START_TIME, EXEC_RESTARTS };

typedef struct ExecTarget {
    Arena arena;
    ChildProgram program;
} ExecTarget;

typedef struct ExecRequest {
    Arena arena;
    Template *text;
    ptrdiff_t max; /* bytes of one call on the wire */
    Feed *feed;    /* NULL: none */
    uint32_t batch;
} ExecRequest;

int exec_prepare_target(const void *opts, void *target, Err *err);
int exec_prepare_request(const void *target, const void *opts, void *request, Err *err);
int exec_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                      Err *err);
void exec_release_target(void *target);
void exec_release_request(void *request);
