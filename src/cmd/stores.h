/* Opening the store that a command is about. */
#pragma once

#include "cmd/cmd.h"
#include "store/spool.h"

/* Open a store to read it or change it in place; what waits in the spool here for it goes there
 * first. Talks of what was brought and of what could not be. */
MUST_CHECK int open_place(Ctx *ctx, const char *place, StoreMode mode, Store **ret, Err *err);
/* Open a store for runs, which may go through the spool below `dir`. */
MUST_CHECK int open_to_store(Ctx *ctx, const char *place, const char *dir, Store **ret, Err *err);
/* The spool below a suite's folder. */
const char *spool_place(Ctx *ctx, const char *dir);
void say_drained(Ctx *ctx, const DrainResult *d, const char *place);
