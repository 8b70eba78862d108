/* The common schema's texts as PostgreSQL wants them. */
#pragma once

#include "base/arena.h"

/* Statements of schema/ with PostgreSQL's names of types, in the arena. What they may be built of
 * stands in docs/store.md; postgres_schema_test.c holds them to it. Pure. */
const char *postgres_translate(Arena *a, const char *sqlite);
