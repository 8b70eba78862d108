/* Instructions counted by simulation (valgrind's cachegrind): the same number for the same program,
 * input and environment, whatever else the machine does. About fifty times slower than running, so
 * once per case. User mode only; children are included. */
#pragma once

#include "launch/command.h"

/* Run the command once under valgrind and count its instructions.
 *
 * 0; -ENOENT "valgrind is not installed …"; -ECHILD when the command fails; -EINTR. The command's
 * hooks are not run. */
MUST_CHECK int simulate_command(Launcher *l, const CommandSpec *spec, const volatile bool *stop,
                                double *ret, Err *err);
/* Instructions of one iteration of a benchmark program's case: two epochs of different length, so
 * that what surrounds the loop cancels.
 *
 *   argv, cwd, env   as the program is started
 *   index            of the case; `iterations` are about what fills a millisecond */
MUST_CHECK int simulate_function(Launcher *l, const StrList *argv, const char *cwd,
                                 const StrMap *env, uint32_t index, uint64_t iterations,
                                 const volatile bool *stop, double *ret, Err *err);
/* The count in a cachegrind output file: its last line, "summary: N …". -EINVAL when there is none.
 */
MUST_CHECK int simulate_read(Str text, double *ret, Err *err);
