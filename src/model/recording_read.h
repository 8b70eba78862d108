/* Between the files that read recordings. */
#pragma once

#include "model/recording.h"

/* One reading. */
typedef struct RecordingReader {
    Recording *r;
    const char *name;
    bool lenient;
    bool coarse;       /* times are whole seconds */
    StrBuf text;       /* scratch: the text at hand, unescaped */
    StrBuf block;      /* scratch: the headers or the target at hand */
    ptrdiff_t n_lines; /* of the text, a first guess at how many records there are; 0: unknown */
    int origin;        /* 0; 't' or 'o': what the first record's time is */
    /* the access log's last date, which most lines share */
    char date[11];
    int64_t date_s;
} RecordingReader;

/* The text's index, in the arena now if it wasn't. */
MUST_CHECK int recording_text(Recording *r, Str s, uint32_t *ret, Err *err);
/* A record at `place` is read, or damaged: `result` and `why` say so. 0: go on. */
MUST_CHECK int recording_take(RecordingReader *x, ptrdiff_t place, const Record *rec, int result,
                              const Err *why, Err *err);
/* Of a whole URL or a path: path and query, without fragment, as they may stand in a request.
 * -EINVAL when it has no path that begins with '/'. */
MUST_CHECK int recording_target(StrBuf *out, Str url, Err *err);
/* Is it a method? */
bool recording_method_ok(Str s);
/* "Name: value\r\n", unless the header belongs to the connection, the length or the host. */
MUST_CHECK int recording_header(StrBuf *block, Str name, Str value, Err *err);
/* Would recording_header leave it out? */
bool recording_is_hop(Str name);

/* The formats. */
bool recording_is_log(Str text);
MUST_CHECK int recording_read_log(RecordingReader *x, Str text, Err *err);
MUST_CHECK int recording_read_lines(RecordingReader *x, Str text, Err *err);
MUST_CHECK int recording_read_har(RecordingReader *x, Str text, Err *err);
