/* The spool's files, by name and lock. Only for spool*.c. */
#pragma once

#include "store/spool.h"
#include "store/store_ops.h"

typedef struct SpoolFile {
    const char *db;   /* the run, an SQLite store */
    const char *live; /* beside it: locked by whoever writes or drains the run, and by nobody once
                       * that program has died */
    int lock_fd;      /* -1: not locked */
} SpoolFile;

/* Folder of a store's files. */
const char *spool_folder(Arena *a, const char *folder, const char *url);
/* Make it, with a file "target" that says which store it is for. */
MUST_CHECK int spool_make_folder(const char *folder, const char *url, Err *err);
SpoolFile spool_file_of_run(Arena *a, const char *folder, const char *id);
/* Names of the runs' files in the folder, sorted: the oldest first, as far as ids tell. */
const char **spool_list(Arena *a, const char *folder, ptrdiff_t *ret_n);
SpoolFile spool_file_named(Arena *a, const char *folder, const char *name);
/* Lock without waiting; released by unlocking or by the process's end. -EBUSY when somebody else
 * has it. */
MUST_CHECK int spool_lock(const char *path, int *ret_fd, Err *err);
void spool_unlock(int *fd);
/* The run has come to where it belongs. */
void spool_remove(Arena *a, SpoolFile *f);
/* Into the folder "bad"; returns the new path. */
const char *spool_set_aside(Arena *a, const char *folder, const char *name, SpoolFile *f);
/* Bring the runs of a file that is locked: 0, or why not. Adds to *ret. -EBADMSG: it is damaged. */
MUST_CHECK int spool_bring(Store *to, const char *db, DrainResult *ret, Err *err);
