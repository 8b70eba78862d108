/* Histogram logs (.hlog): one line per interval with its tag, start, length, largest value and
 * compressed histogram, as written by HdrHistogram's HistogramLogWriter, jHiccup and others. Log
 * versions 1.0 to 1.3 read alike; written is 1.3.
 *
 * Pure: works on text in memory. Bounds and refusals as in hdr.h, with the line's number in front.
 */
#pragma once

#include "stats/hdr.h"

typedef struct HlogEntry {
    Str tag;         /* borrowed from the text; empty when the line has none */
    double start_s;  /* seconds since 1970 where the log says when it began, else as in the line */
    double length_s; /* of the interval */
    double max;      /* as in the line: usually milliseconds when values are ns */
    Hist *hist;      /* owned by the caller of hlog_next, never NULL */
} HlogEntry;

typedef struct HlogReader {
    Str rest; /* borrowed text still to read */
    ptrdiff_t line;
    double start_time_s, base_time_s; /* NaN until the log says */
} HlogReader;

HlogReader hlog_reader(Str text);
/* The next interval: 1 with *ret filled in, 0 at the end of the text, -EINVAL or -ENOMEM. After an
 * error the reader stands behind the offending line and may go on. */
MUST_CHECK int hlog_next(HlogReader *r, HlogEntry *ret, Err *err);
/* Does the text look like such a log? Checks its first lines only. */
bool hlog_recognise(Str text);

/* Start a log: `comment` (one line, may be empty) and the time that starts are counted from, in
 * seconds since 1970. */
void hlog_write_head(StrBuf *out, Str comment, double base_time_s);
/* One interval; start_s counts from base_time_s. The tag (empty for none) has no comma, blank or
 * line end: -EINVAL. -ENOSPC when out's maximum is too small. */
MUST_CHECK int hlog_write_entry(StrBuf *out, Str tag, double start_s, double length_s,
                                const Hist *h, Err *err);
