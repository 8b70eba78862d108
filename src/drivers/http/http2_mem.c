#include <stdlib.h>
#include <string.h>

#include "drivers/http/http2_link.h"

enum { MEM_SMALLEST = 32 };

/* Before each piece; as large as malloc's alignment. */
struct MemBlock {
    MemBlock *next; /* while free */
    int class;      /* MEM_CLASSES: malloc's */
    size_t bytes;   /* room behind it */
} __attribute__((aligned(16)));

static int class_of(size_t n)
{
    int c = 0;
    while (c < MEM_CLASSES && ((size_t)MEM_SMALLEST << c) < n)
        c++;
    return c;
}

static void *mem_malloc(size_t n, void *user)
{
    MemPool *p = user;
    int c = class_of(n);
    MemBlock *b = c < MEM_CLASSES ? p->free[c] : NULL;
    if (b) {
        p->free[c] = b->next;
        return b + 1;
    }
    size_t room = c < MEM_CLASSES ? (size_t)MEM_SMALLEST << c : n;
    b = malloc(sizeof *b + room);
    if (!b)
        return NULL;
    *b = (MemBlock){ .class = c, .bytes = room };
    return b + 1;
}

static void mem_free(void *ptr, void *user)
{
    MemPool *p = user;
    if (!ptr)
        return;
    MemBlock *b = (MemBlock *)ptr - 1;
    if (b->class == MEM_CLASSES) {
        free(b);
        return;
    }
    b->next = p->free[b->class];
    p->free[b->class] = b;
}

static void *mem_calloc(size_t n, size_t size, void *user)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    void *ptr = mem_malloc(bytes, user);
    return ptr ? memset(ptr, 0, bytes) : NULL;
}

static void *mem_realloc(void *ptr, size_t n, void *user)
{
    if (!ptr)
        return mem_malloc(n, user);
    MemBlock *b = (MemBlock *)ptr - 1;
    if (n <= b->bytes)
        return ptr;
    void *larger = mem_malloc(n, user);
    if (!larger)
        return NULL;
    memcpy(larger, ptr, b->bytes);
    mem_free(ptr, user);
    return larger;
}

void mem_pool_init(MemPool *p)
{
    *p = (MemPool){ .face = { p, mem_malloc, mem_free, mem_calloc, mem_realloc } };
}

void mem_pool_done(MemPool *p)
{
    for (int c = 0; c < MEM_CLASSES; c++)
        while (p->free[c]) {
            MemBlock *b = p->free[c];
            p->free[c] = b->next;
            free(b);
        }
}
