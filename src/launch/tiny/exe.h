/* Which programs must not be traced.
 *
 * Being traced is invisible to nearly every program. LeakSanitizer is the exception that matters:
 * at exit it traces its own process and fails ("does not work under ptrace") when somebody else
 * already does. So before we attach, the executable is searched for its marks, once per file. */
#pragma once

#include "launch/tiny/sys.h"

typedef enum ExeKind { EXE_UNKNOWN, EXE_PLAIN, EXE_SANITIZED } ExeKind;

/* What is known of the file behind `path` (links are followed). Never reads it. Cost: one stat. */
ExeKind exe_kind(const char *path);
/* Read the file and remember; a file that can't be read counts as EXE_SANITIZED. Cost: about 1 ms
 * per MiB, so never while a child is being timed. Closes fd. */
void exe_learn(int fd);
