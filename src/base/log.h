/* Talk goes to stderr; results never pass through here. The log is carried by whoever needs it, not
 * global.
 *
 * Lines: `assay: warning: message`. Levels: error always, warn unless quiet, info by -v, debug by
 * -vv. Thread-safe (one write per line). A live progress line is wiped before a message and drawn
 * again by its owner. */
#pragma once

#include "base/macros.h"

typedef enum LogLevel { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_INFO, LOG_DEBUG } LogLevel;

typedef struct Log {
    LogLevel level;  /* messages above it are dropped; LOG_NOTE by default */
    bool colour;     /* stderr is a terminal that wants colour */
    bool live;       /* stderr is a terminal that is not dumb: progress may be drawn in place */
    int progress_up; /* lines of progress that stand and must be wiped first */
} Log;

void log_msg(Log *log, LogLevel level, const char *fmt, ...) PRINTF_LIKE(3, 4);
#define log_error(log, ...) log_msg((log), LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...) log_msg((log), LOG_WARN, __VA_ARGS__)
#define log_note(log, ...) log_msg((log), LOG_NOTE, __VA_ARGS__)
#define log_info(log, ...) log_msg((log), LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_msg((log), LOG_DEBUG, __VA_ARGS__)

/* The same of several lines, the last without its end; only the first where the terminal is lower.
 */
void log_block(Log *log, const char *lines);
/* Draw (or redraw) one line in place; nothing when stderr is no terminal or quiet. Cut to the
 * terminal's width. */
void log_progress(Log *log, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Wipe the lines, if any stand. */
void log_progress_end(Log *log);
