/* Rows of a file that operations take their values from. Read once, before the trial; then only
 * the place in it moves. CSV with a line of names (RFC 4180), or an object a line (JSON Lines) when
 * the file's name ends in .jsonl or .ndjson. */
#pragma once

#include "model/scenario.h"

typedef struct Feed Feed;
struct Draw;

/* In the arena. -EINVAL with `file:line: reason`; also when it has no rows. */
MUST_CHECK int feed_read(Arena *a, const char *path, FeedOrder order, Feed **ret, Err *err);
/* From text, `name` for errors; the arena's views point into it. */
MUST_CHECK int feed_parse(Arena *a, Str text, const char *name, FeedOrder order, Feed **ret,
                          Err *err);
ptrdiff_t feed_rows(const Feed *f);
/* Index, or -1. */
ptrdiff_t feed_column(const Feed *f, Str name);
/* "name, age", for errors. */
const char *feed_column_names(Arena *a, const Feed *f);
/* The longest value of the column, in bytes. */
ptrdiff_t feed_longest(const Feed *f, ptrdiff_t column);
Str feed_value(const Feed *f, ptrdiff_t row, ptrdiff_t column);
/* The next row of the user: of its operation or its pass. Any thread. With fewer rows than users,
 * FEED_UNIQUE lets some share one. */
ptrdiff_t feed_next(Feed *f, struct Draw *d);
