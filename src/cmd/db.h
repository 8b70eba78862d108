/* The larger verbs of assay db. */
#pragma once

#include "base/json.h"
#include "cmd/cmd.h"

typedef struct DbOpts {
    const char *store;
    bool json, dry_run, force;
    const char *raw, *hourly, *daily, *points, *regressions, *changes, *named;
} DbOpts;

/* Open the store, or say why not and return an exit code. */
int db_open(Ctx *ctx, const DbOpts *o, StoreMode mode, Store **ret);
/* The document to stdout; an exit code. */
int db_print(Ctx *ctx, const json_t *j);

int db_info(Ctx *ctx, const DbOpts *o);  /* db_info.c */
int db_prune(Ctx *ctx, const DbOpts *o); /* db_prune.c */
int db_rollups(Ctx *ctx, const DbOpts *o, const char *case_name);
