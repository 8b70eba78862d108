/* Between the files of the room. */
#pragma once

#include "base/opt.h"
#include "host/host.h"

/* Pairs of one figure, with room for all rounds. */
typedef struct HostPairs {
    const char *name;
    double *log_ratio, *value; /* [n] */
    ptrdiff_t n;
} HostPairs;

/* Each adds up to `rounds` pairs; fewer when interrupted. Commands give wall and CPU time. */
MUST_CHECK int host_take_commands(const HostOpts *o, Arena *a, ptrdiff_t rounds, HostPairs ret[2],
                                  Err *err);
MUST_CHECK int host_take_functions(const HostOpts *o, ptrdiff_t rounds, HostPairs *ret, Err *err);
MUST_CHECK int host_take_requests(const HostOpts *o, ptrdiff_t rounds, HostPairs *ret, Err *err);

/* "root/path" read to its one line in the arena; NULL when it is not there. */
const char *host_line(Arena *a, const char *root, const char *path);
