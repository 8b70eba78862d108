/* Buffers that grow when they must and are kept: after the first few uses nothing is allocated. */
#pragma once

#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"

/* Room for `need` bytes in *buf (owned, from malloc; NULL at first), what stands in it kept. 0, or
 * -ENOMEM, which leaves it as it was. */
static inline int buf_grow(char **buf, ptrdiff_t *cap, ptrdiff_t need)
{
    if (need <= *cap)
        return 0;
    ptrdiff_t more = MAX(need, 2 * *cap);
    char *grown = (char *)realloc(*buf, (size_t)more);
    if (!grown)
        return -ENOMEM;
    *buf = grown;
    *cap = more;
    return 0;
}
