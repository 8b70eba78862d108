#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_MIN = 16 * 1024, ALIGN = 16 };

struct ArenaChunk {
    ArenaChunk *next;
    ptrdiff_t size;
    _Alignas(ALIGN) char data[];
};

static void *must(void *p)
{
    if (!p) {
        fputs("assay: out of memory\n", stderr);
        abort();
    }
    return p;
}

void arena_done(Arena *a)
{
    if (!a)
        return;
    while (a->chunk) {
        ArenaChunk *next = a->chunk->next;
        free(a->chunk);
        a->chunk = next;
    }
    a->used = 0;
}

static void chunk_push(Arena *a, ptrdiff_t size)
{
    ptrdiff_t want =
        MAX(size, a->chunk ? MIN(a->chunk->size * 2, (ptrdiff_t)1 << 20) : (ptrdiff_t)CHUNK_MIN);
    ArenaChunk *c = must(calloc(1, sizeof *c + (size_t)want));
    c->size = want;
    c->next = a->chunk;
    a->chunk = c;
    a->used = 0;
}

void *arena_alloc(Arena *a, ptrdiff_t size)
{
    assert(size >= 0);
    assert(size < PTRDIFF_MAX / 2);
    ptrdiff_t rounded = (size + ALIGN - 1) & ~(ptrdiff_t)(ALIGN - 1);
    if (!a->chunk || a->chunk->size - a->used < rounded)
        chunk_push(a, rounded);
    void *p = a->chunk->data + a->used;
    a->used += rounded;
    return p;
}

void *arena_alloc_array(Arena *a, ptrdiff_t n, ptrdiff_t size)
{
    ptrdiff_t bytes;
    bool overflow = __builtin_mul_overflow(n, size, &bytes);
    assert(!overflow);
    return arena_alloc(a, bytes);
}

char *arena_str(Arena *a, Str s)
{
    char *p = arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(p, s.ptr, (size_t)s.len);
    return p;
}

char *arena_strdup(Arena *a, const char *s)
{
    return arena_str(a, str(s));
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    assert(n >= 0);
    char *p = arena_alloc(a, (ptrdiff_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

void *arena_grow(Arena *a, void *old, ptrdiff_t n, ptrdiff_t *cap, ptrdiff_t size)
{
    assert(n <= *cap);
    if (n < *cap)
        return old;
    ptrdiff_t bigger = *cap ? *cap * 2 : 8;
    void *p = arena_alloc_array(a, bigger, size);
    if (n)
        memcpy(p, old, (size_t)(n * size));
    *cap = bigger;
    return p;
}
