/* What `load` and `stream` share: one endpoint, one case, one run. */
#pragma once

#include "cmd/cmd.h"
#include "lab/lab.h"
#include "load/stream_driver.h"

typedef struct LoadCmdOpts {
    uint64_t duration, warmup;
    const char *stages;
    uint32_t trials, pid;
    StrList expect;
    double confidence;
    LoadSpec load;
    StreamSpec stream; /* what load.stream points to, if it does */
    OutputOpts out;
    const Driver *driver;
    void *target, *request; /* option structs of the driver */
} LoadCmdOpts;

extern const Opt load_cmd_opts[];  /* rows over LoadCmdOpts: how long */
extern const Opt target_heading[]; /* the heading of a driver's rows */

static inline Kind load_cmd_kind(const LoadCmdOpts *o)
{
    return o->load.stream ? KIND_STREAM : KIND_LOAD;
}
/* The first word that looks like a target chooses the driver whose options are read; else http. */
const Driver *load_cmd_driver(const Ctx *ctx);
/* What the options of a load come to: users or connections, stages. -EINVAL with the cure. */
MUST_CHECK int load_cmd_settle(Ctx *ctx, LoadCmdOpts *o, Err *err);
/* Measure, store, report. The exit code. */
int load_cmd_go(Ctx *ctx, const Cmd *cmd, LoadCmdOpts *o, const char *url);
