/* What a load does while it runs, for programs: assay.stream/1, a JSON object a line, flushed line
 * by line. docs/reports.md says what stands in it. */
#pragma once

#include <stdio.h>

#include "load/load.h"
#include "model/run.h"

typedef struct Stream Stream;

/* Writes the first line. Lines are `every_ns` apart, or a little more. `own`: stream_close closes
 * `to`, as does a failure here. `name` is for errors, borrowed. */
MUST_CHECK int stream_open(Stream **ret, FILE *to, bool own, const char *name, uint64_t every_ns,
                           const Run *r, Err *err);
/* An interval of a case's trial; summed up until a line is due. */
void stream_interval(Stream *s, const CaseResult *c, uint32_t round, const LoadInterval *i);
/* The trial is over: what is left, and its outcomes. */
void stream_trial_end(Stream *s, const CaseResult *c, const Trial *t);
/* The last line and the end. 0, or negative when a line could not be written: those before it can
 * be read. Nothing for NULL. */
MUST_CHECK int stream_close(Stream *s, const Run *r, Err *err);
