/* Files and paths. All paths are NUL-terminated; errors name the path. */
#pragma once

#include "base/arena.h"

/* Whole file into the arena, NUL-terminated; refuses more than `max` bytes (-EFBIG). Path "-" reads
 * standard input. */
MUST_CHECK int fs_read(Arena *a, const char *path, ptrdiff_t max, Str *ret, Err *err);
/* Write to a temporary neighbour and rename: readers see the old or the new file, never half of
 * one. A full disk leaves the old file. Path "-" writes standard output. */
MUST_CHECK int fs_write(const char *path, Str text, Err *err);
/* mkdir -p. */
MUST_CHECK int fs_mkdirs(const char *path, Err *err);
bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
/* "dir" of "dir/file", "." of "file", "/" of "/file". */
char *fs_dirname(Arena *a, const char *path);
/* base + "/" + path, or path itself when absolute. */
char *fs_join(Arena *a, const char *base, const char *path);
/* The running program's own path, or "assay". */
char *fs_self(Arena *a);
/* A fresh folder below $TMPDIR or /tmp, whose name begins with `prefix`: only ours to read. */
MUST_CHECK int fs_make_temp(Arena *a, const char *prefix, char **ret, Err *err);
/* rm -r of a folder that we made ourselves; does not follow links. */
MUST_CHECK int fs_remove_tree(const char *path, Err *err);
