/* Errors of the second kind: the world refused (a file, a socket, a suite).
 *
 * A function that can fail takes an `Err *` last and returns a negative errno; what failed, where,
 * and the cure stand in the message. Outer callers add context in front with err_wrap. Our own bugs
 * are asserts; refusals of the system under test are counted outcomes, never errors. */
#pragma once

#include "base/macros.h"

enum { ERR_MSG_MAX = 1024 };

typedef struct Err {
    int code;              /* negative errno, 0 while nothing failed */
    char msg[ERR_MSG_MAX]; /* NUL-terminated, one line or several; cut with "..." when too long */
} Err;

/* Set `err` (may be NULL) and return `code`, which must be negative. Replaces what stood there. */
int err_set(Err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Like err_set with `: strerror(-code)` appended. */
int err_errno(Err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Put "context: " in front of the message and return err's code; `err` may be NULL, then -EIO. */
int err_wrap(Err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
