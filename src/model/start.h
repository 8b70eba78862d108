/* Starting suites: the text of a suite that sends what a recorded request sent. Pure: text in, YAML
 * out. Nothing that looks like a secret (by the name of its header, parameter or field) reaches the
 * suite: a reference `${env.NAME}` stands for it, and a note says so. */
#pragma once

#include "base/opt.h"

/* The suite for one curl command line (POSIX quoting, $'…', joined lines), as text appended to
 * `suite`; what was left out or replaced is told in `notes`, in the arena. -EINVAL names the option
 * or word that has no meaning here. Cost: O(bytes). */
MUST_CHECK int start_curl(Arena *a, Str command, StrBuf *suite, StrList *notes, Err *err);
