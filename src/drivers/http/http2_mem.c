#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/http/http2_link.h"

enum { MEM_SMALLEST = 32 };

/* What stands in a piece while it is free. */
struct MemBlock {
    MemBlock *next;
};

/* The smallest class with room for n bytes; MEM_CLASSES: none. */
static int class_for(size_t n)
{
    int c = 0;
    while (c < MEM_CLASSES && ((size_t)MEM_SMALLEST << c) < n)
        c++;
    return c;
}

/* The largest class that a piece of so much room can serve; MEM_CLASSES: it is too large to keep.
 */
static int class_served(size_t room)
{
    int c = 0;
    while (c < MEM_CLASSES && ((size_t)MEM_SMALLEST << (c + 1)) <= room)
        c++;
    return c;
}

static void *mem_malloc(size_t n, void *user)
{
    MemPool *p = user;
    int c = class_for(n);
    MemBlock *b = c < MEM_CLASSES ? p->free[c] : NULL;
    if (!b)
        return malloc(c < MEM_CLASSES ? (size_t)MEM_SMALLEST << c : n);
    p->free[c] = b->next;
    return b;
}

static void mem_free(void *ptr, void *user)
{
    MemPool *p = user;
    if (!ptr)
        return;
    int c = class_served(malloc_usable_size(ptr));
    if (c == MEM_CLASSES) {
        free(ptr);
        return;
    }
    MemBlock *b = ptr;
    b->next = p->free[c];
    p->free[c] = b;
}

static void *mem_calloc(size_t n, size_t size, void *user)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    void *ptr = mem_malloc(bytes, user);
    if (ptr)
        memset(ptr, 0, bytes);
    return ptr;
}

static void *mem_realloc(void *ptr, size_t n, void *user)
{
    if (!ptr)
        return mem_malloc(n, user);
    size_t room = malloc_usable_size(ptr);
    if (n <= room)
        return ptr;
    void *larger = mem_malloc(n, user);
    if (!larger)
        return NULL;
    memcpy(larger, ptr, room);
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
