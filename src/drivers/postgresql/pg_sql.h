/* The text of a query: its statements, and the values in them that differ from one to the next.
 *
 *     UPDATE t SET note = 'by ${user()}' WHERE id = ${uniform(1,9)}
 *
 * has two values: `by ${user()}` and `${uniform(1,9)}`. Each becomes a parameter, $1 and $2, whose
 * type the server infers as it does for a quoted constant, so that whatever a value holds, it stays
 * one. What can't be a parameter (names, comments, dollar quotes, E'…') can't vary. Pure. */
#pragma once

#include "load/template.h"

enum { SQL_PARAMS_MAX = 65535 }; /* the protocol counts in 16 bits */

typedef struct SqlStatement {
    const char *text;  /* with $1, $2 … in place of the values; in the arena */
    uint64_t id;       /* of the text: equal texts have the same */
    const char *name;  /* what it is prepared as, made of the id; in the arena */
    Str *pieces;       /* [n_values + 1] the text around the values */
    Template **values; /* [n_values] */
    ptrdiff_t n_values;
} SqlStatement;

typedef struct SqlScript {
    SqlStatement *v; /* [n] in the arena; none is empty */
    ptrdiff_t n, cap;
} SqlScript;

/* Appends the statements of `text`, which is borrowed, to *ret. -EINVAL: what is wrong, and what
 * would be right. Cost: O(bytes). */
MUST_CHECK int sql_compile(Arena *a, Str text, TemplateEnv env, SqlScript *ret, Err *err);
