/* Reading /proc without libc. */
#pragma once

#include "launch/tiny/sys.h"

enum { PROC_PATH_MAX = 64, PROC_TEXT_MAX = 4096 };

/* "/proc/PID/name". */
const char *proc_path(char buf[PROC_PATH_MAX], int pid, const char *name);
/* "/proc/PID/task/TID/children". */
const char *proc_children_path(char buf[PROC_PATH_MAX], int pid, int tid);
/* Up to cap - 1 bytes of the file, NUL-terminated. Bytes read, or a negative errno. */
long proc_read(const char *path, char *buf, size_t cap);
/* The decimal number at *p (blanks and tabs before it are skipped), 0 when there is none; *p moves
 * behind it. */
uint64_t proc_number(const char **p);
/* Value in bytes of a "VmHWM:   1234 kB" line, 0 when absent. `key` includes the colon. */
uint64_t proc_field_kib(const char *text, const char *key);
