/* A history: one figure of one case over many runs, oldest first; or any series from a file. */
#pragma once

#include "base/arena.h"
#include "model/metric.h"

typedef struct HistoryPoint {
    double value;                      /* NaN when missing */
    double wall_s;                     /* seconds since 1970 UTC; NaN when unknown */
    const char *run, *commit, *branch; /* NULL when unknown */
    const char *grade; /* "VALID", "SUSPECT", "INVALID"; NULL when unknown. The value of an INVALID
                        * run is missing */
    const char *testbed, *unit; /* of the run; NULL when unknown */
} HistoryPoint;

typedef struct History {
    const char *source; /* what it was read from, for messages */
    const char *name;   /* the case, or the file */
    const char *metric; /* "wall", "latency.p95", a column's head, "value" */
    const char *unit;   /* "" when unknown */
    Better better;
    HistoryPoint *v; /* [n], in the arena, oldest first */
    ptrdiff_t n, cap;
    ptrdiff_t n_elsewhere; /* left out: of other testbeds than the newest run's */
    ptrdiff_t n_invalid;   /* points without a value because their run was INVALID */
} History;

void history_push(History *h, Arena *a, HistoryPoint p);
/* By time, oldest first, where every point has one; else the order stays. Points of the same moment
 * keep their order. */
void history_sort(History *h);
/* Keep the newest `limit` points; 0 keeps all. */
void history_keep(History *h, ptrdiff_t limit);

/* Read a series out of text: a copy of what is kept lives in the arena.
 *
 *   text  CSV or JSON, told apart by its first character
 *         CSV: comma, semicolon or tab; with a head or without. One column of numbers, or `time,
 *         value`, or any columns of which `column` names one. Columns named time, timestamp, date
 *         (times), commit, revision, sha (commits) are known. Lines that are empty or begin with #
 *         are skipped. A value that is empty, -, NA, null or NaN is missing.
 *         JSON: an array of numbers and nulls, of [time, value] pairs or of objects {"value": …,
 *         "time": …, "commit": …}, or such an array behind "series".
 *         Times: seconds, ms, us or ns since 1970 (told apart by size), or dates such as
 *         2026-01-31T23:59:59Z, 2026.01.31 23:59:59 +0100, 2026-01-31 (UTC where nothing is said).
 *   name  what the errors call it
 *   column  of a CSV with several, or the key in objects; NULL: value, or the only one
 *
 * Returns 0 or -EINVAL: `name:line: what was found, what would be right`. Points with times come
 * sorted by them. Cost: O(text), some 10 million values per second. */
MUST_CHECK int history_read(Arena *a, Str text, const char *name, const char *column, History *ret,
                            Err *err);

/* A moment in one of the notations above, as seconds since 1970. 0 or -EINVAL. */
MUST_CHECK int history_parse_time(Str text, double *ret_s);
