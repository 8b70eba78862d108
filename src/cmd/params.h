/* Parameters on the command line: {NAME} in a command stands for each value of --param NAME=a,b,c.
 */
#pragma once

#include "base/opt.h"

typedef struct ParamGrid {
    StrMap *v; /* [n] one combination each; one empty map when there are no parameters */
    ptrdiff_t n;
} ParamGrid;

enum { PARAM_GRID_MAX = 10000 };

/* Each `NAME=values` once: -EINVAL for a name given twice, or without '='. Appends to *ret. */
MUST_CHECK int params_collect(Arena *a, const StrList *given, StrMap *ret, Err *err);
/* Does {NAME} or ${NAME} stand in `text` (NULL: no)? */
bool params_mentioned(const char *text, const char *name);
/* All combinations, later parameters varying fastest. A value list is `a,b,c`, or a scan `from..to`
 * or `from..to:step` of numbers. -EINVAL for an empty list, a scan that never ends, more than
 * PARAM_GRID_MAX. */
MUST_CHECK int params_grid(Arena *a, const StrMap *params, ParamGrid *ret, Err *err);
/* `text` with {NAME} and ${NAME} of known parameters replaced; all else stays. */
const char *params_fill(Arena *a, const char *text, const StrMap *params);
/* "label/x=1,y=2"; just the label when there are no parameters. */
const char *params_label(Arena *a, const char *label, const StrMap *params);
