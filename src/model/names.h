/* Enumerations by name: a table of names, in the order of the enumeration, serves both ways. */
#pragma once

#include <errno.h>

#include "base/str.h"

/* Index of `text` in names[n], or -EINVAL; NULL is no name. */
static inline int name_index(const char *const *names, ptrdiff_t n, const char *text)
{
    for (ptrdiff_t i = 0; text && i < n; i++)
        if (str_eqz(str(text), names[i]))
            return (int)i;
    return -EINVAL;
}
