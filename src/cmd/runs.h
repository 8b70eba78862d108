/* Runs named on the command line: a FILE (ours, or another harness's result, told apart by
 * content), a run's id or its beginning, latest, @BASELINE. */
#pragma once

#include "cmd/cmd.h"

/* The run behind `ref`, summarised. `store` may be NULL: then it is opened for reading when needed.
 * Returns 0, or an ExitCode after saying why. */
int load_run_ref(Ctx *ctx, const char *store_option, const char *ref, const char *suite, Run **ret);
