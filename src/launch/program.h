/* Finding programs as a shell does. */
#pragma once

#include "base/arena.h"

/* The file that `name` stands for: itself (below `cwd` when that is given) if it has a slash, else
 * the first executable of that name in the folders of PATH (the child's PATH when it sets one).
 *
 *   path_var  value of PATH to search; NULL: assay's own
 *
 * 0 with an absolute path in the arena; -ENOENT "no program 'x' in PATH; did you mean 'y'?",
 * -EACCES when it is there but not executable. Cost: a stat per folder; reads the folders only to
 * fail. */
MUST_CHECK int program_find(Arena *a, const char *name, const char *cwd, const char *path_var,
                            const char **ret, Err *err);
