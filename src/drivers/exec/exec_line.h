/* What a worker process writes: lines, see exec.md. Takes bytes in pieces and keeps at most one
 * line; no allocation.
 *
 *     assay-exec 1                        the first line: the protocol's version
 *     ok ID [ns=N] [bytes=N]              an open or a call was answered well
 *     fail ID CLASS [TEXT]                … or was not, and why
 *
 * TEXT, and what goes the other way, is escaped: `\n`, `\r` and `\\`. */
#pragma once

#include "base/str.h"
#include "model/outcome.h"

enum { EXEC_LINE_MAX = 4096, EXEC_TEXT_MAX = 160 };

typedef enum ExecLine { EXEC_MORE, EXEC_GREETING, EXEC_REPLY } ExecLine;

typedef struct ExecReply {
    uint64_t id;
    bool failed, has_ns;
    FailClass fail;           /* when failed */
    uint64_t ns, bytes;       /* the worker's own; 0: it did not say */
    char text[EXEC_TEXT_MAX]; /* when failed: for people, cut, printable, NUL-terminated */
} ExecReply;

typedef struct ExecParser {
    char line[EXEC_LINE_MAX]; /* the line at hand, without its end */
    ptrdiff_t n_line;
    bool greeted;
    ExecReply reply;           /* after EXEC_REPLY */
    char wrong[EXEC_TEXT_MAX]; /* after -EPROTO: what, NUL-terminated */
} ExecParser;

/* Zeroed is ready. Takes bytes up to the end of one line: EXEC_GREETING or EXEC_REPLY with
 * *ret_used; EXEC_MORE when all was taken; -EPROTO. */
MUST_CHECK int exec_feed(ExecParser *p, Str in, ptrdiff_t *ret_used);

/* As a line may hold it; at most 2 × n bytes, returns how many. `to` may stand n bytes or more
 * before `from`. */
ptrdiff_t exec_escape(char *to, const char *from, ptrdiff_t n);
/* The other way, cut to the room, what does not print (and lone backslashes) as '?'. */
void exec_unescape(char to[EXEC_TEXT_MAX], Str from);
