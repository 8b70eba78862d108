/* Reading /proc again and again without allocating: kept descriptors, one buffer. */
#pragma once

#include "base/str.h"

/* Room for the longest text that is read whole (diskstats, net/dev of a host with many devices).
 * What is longer is refused, never cut. */
typedef struct ProcBuf {
    char text[65536];
} ProcBuf;

/* Open for reading, closed on exec. Descriptor, or negative errno. */
MUST_CHECK int procfile_open(const char *path);
/* The text of an open file from its beginning, a view into the buffer until its next use. The
 * kernel makes the text anew for each read from offset 0. 0 or negative errno: -ESRCH when the
 * process is gone, -EFBIG when the buffer is too small. Cost: 1 to 20 µs by file. */
MUST_CHECK int procfile_pread(int fd, ProcBuf *buf, Str *ret);
/* Open, read, close. */
MUST_CHECK int procfile_read(const char *path, ProcBuf *buf, Str *ret);
/* Close if open. Returns -1. */
int procfile_close(int fd);

enum { PROC_PATH_MAX = 64 };
/* "/proc/PID/NAME". Returns buf. */
const char *procfile_path(char buf[PROC_PATH_MAX], int pid, const char *name);
/* "/proc/PID/task/TID/NAME". Returns buf. */
const char *procfile_task_path(char buf[PROC_PATH_MAX], int pid, int tid, const char *name);

/* The entries of a folder that are numbers (pids, threads, descriptors), without allocating. */
typedef struct ProcDir {
    int fd; /* -1: closed */
    ptrdiff_t at, n;
    _Alignas(8) char entries[2048];
} ProcDir;
/* 0 or negative errno. */
MUST_CHECK int procdir_open(ProcDir *d, const char *path);
/* The next number; false at the end, then the folder is closed. Read to the end, or call
 * procdir_close. */
bool procdir_next(ProcDir *d, int *ret);
void procdir_close(ProcDir *d);
