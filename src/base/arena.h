/* Memory by lifetime: everything allocated from an arena goes at once.
 *
 * Chunks are chained; memory comes zeroed and aligned to 16 bytes. Allocation failure aborts the
 * program: an arena holds parsed text and results (kilobytes to a few megabytes), where no caller
 * has a better answer. One thread at a time. */
#pragma once

#include "base/macros.h"
#include "base/str.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    ArenaChunk *chunk; /* owned, newest first */
    ptrdiff_t used;    /* bytes taken in the newest chunk */
} Arena;

/* Free everything; the arena is empty and usable afterwards. Accepts NULL. */
void arena_done(Arena *a);

/* `size` zeroed bytes; never NULL. size >= 0. */
void *arena_alloc(Arena *a, ptrdiff_t size);
#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_alloc_array((a), (n), sizeof(T)))
void *arena_alloc_array(Arena *a, ptrdiff_t n, ptrdiff_t size);

/* NUL-terminated copies. */
char *arena_strdup(Arena *a, const char *s);
char *arena_str(Arena *a, Str s);
char *arena_printf(Arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Grow an arena array for one more element: returns `old` or a doubled copy (cap is updated).
 * ARENA_PUSH(a, list, n, cap, value) appends. */
void *arena_grow(Arena *a, void *old, ptrdiff_t n, ptrdiff_t *cap, ptrdiff_t size);
#define ARENA_PUSH(a, list, n, cap, value)                                                         \
    do {                                                                                           \
        (list) = arena_grow((a), (list), (n), &(cap), sizeof *(list));                             \
        (list)[(n)++] = (value);                                                                   \
    } while (0)
