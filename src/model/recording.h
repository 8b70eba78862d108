/* Recorded requests, with the times at which they began: what a replay sends.
 *
 *     access log   nginx's and Apache's common and combined form, a request time at the end or not
 *     HAR          what browsers save: log.entries
 *     NDJSON       an object a line: time or offset, method, url or path, headers, body
 *
 * The content says which. Records stand in the order of their begin, sorted where the file isn't.
 * An access log tells whole seconds: what began in the same one is spread evenly over it, in the
 * file's order. nginx writes a line when the request has ended: a request time with a fraction is
 * taken off. Apache notes the begin itself.
 *
 * Texts that repeat are kept once: a record is RECORD_BYTES of indexes. Pure but for reading. */
#pragma once

#include "base/arena.h"

typedef struct Record {
    uint64_t at_ns;   /* since the first one's begin */
    uint32_t method;  /* texts[…]: a token */
    uint32_t target;  /* begins with '/'; visible ASCII, else percent-encoded */
    uint32_t headers; /* "Name: value\r\n" lines; none that belong to a connection or length */
    uint32_t body;    /* may be empty */
    uint32_t line, took_ms; /* where it stands (HAR: which entry); request time, while reading */
} Record;

typedef struct Recording {
    Record *v; /* [n] owned */
    ptrdiff_t n, cap;
    Str *texts; /* [n_texts] owned; each once; the first is empty */
    ptrdiff_t n_texts, cap_texts;
    uint32_t *slots; /* [n_slots] owned; hash table over texts while reading, 0 is free */
    ptrdiff_t n_slots;
    Arena arena;         /* the texts' bytes */
    ptrdiff_t n_skipped; /* damaged records left out */
    const char *format;  /* static: "access log", "HAR", "NDJSON" */
} Recording;

/* From text, `name` for errors; nothing in it points into the text. `lenient`: damaged records are
 * left out and counted, as long as they are few (ten, or one in a hundred). -EINVAL: "file:line:
 * what; cure". On error nothing is left. Cost: O(bytes), and O(n log n) where it must be sorted;
 * half a second for a million lines of a log. */
MUST_CHECK int recording_parse(Recording *r, Str text, const char *name, bool lenient, Err *err);
/* The same from a file of at most 4 GiB. */
MUST_CHECK int recording_read(Recording *r, const char *path, bool lenient, Err *err);
void recording_done(Recording *r);
