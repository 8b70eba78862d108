#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(char *msg, int wanted)
{
    if (wanted >= ERR_MSG_MAX)
        memcpy(msg + ERR_MSG_MAX - 4, "...", 4);
}

int err_set(Err *err, int code, const char *fmt, ...)
{
    assert(code < 0);
    if (!err)
        return code;
    char msg[ERR_MSG_MAX]; /* the arguments may point into err->msg */
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    mark_cut(msg, n);
    memcpy(err->msg, msg, sizeof msg);
    err->code = code;
    return code;
}

int err_errno(Err *err, int code, const char *fmt, ...)
{
    assert(code < 0);
    if (!err)
        return code;
    char msg[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    char buf[128];
    return err_set(err, code, "%s: %s", msg, strerror_r(-code, buf, sizeof buf));
}

int err_wrap(Err *err, const char *fmt, ...)
{
    if (!err)
        return -EIO;
    char context[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(context, sizeof context, fmt, ap);
    va_end(ap);
    return err_set(err, err->code < 0 ? err->code : -EIO, "%s: %s", context, err->msg);
}
