/* Server-sent events: the bytes of a stream become events. HTML standard, 9.2.
 *
 * Pure: no I/O, no allocation, no line is kept, so none can be too long. Nothing is malformed: what
 * is no field is passed over, as the standard says. The same bytes give the same events however
 * they are cut. */
#pragma once

#include "base/str.h"

enum { SSE_NAME_MAX = 8, SSE_ID_MAX = 128 };

typedef enum SseField { SSE_OTHER, SSE_COMMENT, SSE_DATA, SSE_EVENT, SSE_ID, SSE_RETRY } SseField;

typedef struct SseParser {
    /* set after sse_begin; NULL: not told */
    void (*on_data)(void *user, Str piece); /* of the event at hand, lines joined by "\n" */
    void (*on_event)(void *user);           /* its data is complete */
    void *user;
    /* results */
    uint64_t n_events, n_comments;
    uint64_t retry_ms;   /* the last one told; 0: none */
    char id[SSE_ID_MAX]; /* the last event's id, cut to that length */
    int id_bytes;
    /* inside */
    int bom;                 /* bytes of a byte order mark seen; -1: past that */
    bool after_cr;           /* a line feed belongs to the line end before */
    bool in_value, at_value; /* behind the colon; … and nothing came since */
    SseField field;
    char name[SSE_NAME_MAX];
    int name_bytes; /* SSE_NAME_MAX + 1: longer than any that counts */
    bool has_data;  /* the event has a data field */
    uint64_t number;
    bool number_ok;
    char new_id[SSE_ID_MAX];
    int new_id_bytes; /* -1: the event has none */
} SseParser;

void sse_begin(SseParser *p);
void sse_feed(SseParser *p, Str bytes);
