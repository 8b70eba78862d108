#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "base/term.h"

static const struct {
    const char *label, *colour;
} styles[] = {
    [LOG_ERROR] = { "error: ", "\033[1;31m" },
    [LOG_WARN] = { "warning: ", "\033[1;33m" },
    [LOG_NOTE] = { "", "" },
    [LOG_INFO] = { "", "" },
    [LOG_DEBUG] = { "debug: ", "\033[2m" },
};

static void put(const StrBuf *b)
{
    ssize_t n = write(STDERR_FILENO, strbuf_z(b), (size_t)b->len);
    (void)n; /* nobody is left to tell */
}

void log_msg(Log *log, LogLevel level, const char *fmt, ...)
{
    if (level > log->level)
        return;
    char msg[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    log_progress_end(log);
    bool paint = log->colour && *styles[level].colour;
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    strbuf_addf(&b, "assay: %s%s%s%s\n", paint ? styles[level].colour : "", styles[level].label,
                paint ? "\033[0m" : "", msg);
    put(&b);
}

/* Keep whole code points up to `columns`. */
static Str cut_columns(Str s, ptrdiff_t columns)
{
    ptrdiff_t i = 0, seen = 0;
    for (; i < s.len; i++) {
        if (((unsigned char)s.ptr[i] & 0xc0) != 0x80 && seen++ == columns)
            break;
    }
    return str_slice(s, 0, i);
}

/* The cursor stands in the last line. */
static void wipe(const Log *log, StrBuf *b)
{
    if (log->progress_up > 1)
        strbuf_addf(b, "\033[%dA", log->progress_up - 1);
    strbuf_addz(b, "\r\033[J");
}

void log_block(Log *log, const char *lines)
{
    if (!log->live || log->level < LOG_NOTE)
        return;
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    int columns = term_columns(STDERR_FILENO) - 1, most = term_rows(STDERR_FILENO) - 1, n = 0;
    wipe(log, &b);
    for (Str rest = str(lines), line; n < most && str_cut(&rest, '\n', &line); n++) {
        strbuf_addz(&b, n ? "\n" : "");
        strbuf_add(&b, cut_columns(line, columns));
    }
    put(&b);
    log->progress_up = n;
}

void log_progress(Log *log, const char *fmt, ...)
{
    char msg[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    log_block(log, msg);
}

void log_progress_end(Log *log)
{
    if (!log->progress_up)
        return;
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    wipe(log, &b);
    put(&b);
    log->progress_up = 0;
}
