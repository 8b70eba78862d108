/* What a load does while it runs, on standard error: a view drawn in place on a terminal, a line
 * now and then elsewhere. */
#pragma once

#include "cmd/cmd.h"
#include "lab/lab.h"

typedef struct LiveShow LiveShow;

/* Hooks itself into the lab. NULL when there is nothing to show (quiet), or no memory for it. */
LiveShow *live_begin(Ctx *ctx, Lab *lab);
/* Wipes the view. Accepts NULL. */
void live_end(LiveShow *s);
