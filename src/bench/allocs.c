/* The door to the counting of allocations, which is there when its library was loaded first. */
#include <dlfcn.h>

#include "bench/bench.h"

typedef void AllocsBegin(void);
typedef void AllocsEnd(AssayAllocs *ret);

/* Both come with the library or not at all. A program without dynamic linker has neither. */
static void find(AllocsBegin **begin, AllocsEnd **end)
{
    static void *found[2];
    static bool looked;
    if (!looked) {
        looked = true;
        found[0] = dlsym(RTLD_DEFAULT, "assay_preload_begin");
        found[1] = dlsym(RTLD_DEFAULT, "assay_preload_end");
    }
    *(void **)begin = found[0];
    *(void **)end = found[1];
}

bool assay_allocs_present(void)
{
    AllocsBegin *begin;
    AllocsEnd *end;
    find(&begin, &end);
    return begin && end;
}

void assay_allocs_begin(void)
{
    AllocsBegin *begin;
    AllocsEnd *end;
    find(&begin, &end);
    if (begin)
        begin();
}

void assay_allocs_end(AssayAllocs *ret)
{
    AllocsBegin *begin;
    AllocsEnd *end;
    find(&begin, &end);
    if (end)
        end(ret);
}
