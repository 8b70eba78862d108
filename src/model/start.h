/* Starting suites: the text of a suite that sends what a recorded request sent. Pure: text in, YAML
 * out. Nothing that looks like a secret (by the name of its header, parameter or field) reaches the
 * suite: a reference `${env.NAME}` stands for it, and a note says so. */
#pragma once

#include "base/opt.h"

/* The suite for one curl command line (POSIX quoting, $'…', joined lines), as text appended to
 * `suite`; what was left out or replaced is told in `notes`, in the arena. -EINVAL names the option
 * or word that has no meaning here. Cost: O(bytes). */
MUST_CHECK int start_curl(Arena *a, Str command, StrBuf *suite, StrList *notes, Err *err);

/* The suite for a HAR file: for each host a target and a scenario of named steps in the recorded
 * order, with the gaps as pauses and the recorded statuses as checks. `assets`: images, styles,
 * scripts and fonts, too. -EINVAL with the place in the file `name`. */
MUST_CHECK int start_har(Arena *a, Str text, const char *name, bool assets, StrBuf *suite,
                         StrList *notes, Err *err);

/* The suite for an OpenAPI 3.0 or 3.1 or Swagger 2.0 description, in JSON or YAML: a benchmark for
 * each operation that is safe to call (GET, HEAD), with parameters filled from its examples,
 * defaults and types; the others stand there as comments. References lead nowhere but into the
 * document, and START_DEPTH_MAX deep. -EINVAL with the place in the file `name`. */
enum { START_DEPTH_MAX = 12 };
MUST_CHECK int start_openapi(Arena *a, Str text, const char *name, StrBuf *suite, StrList *notes,
                             Err *err);

typedef enum StartKind { START_CURL, START_HAR, START_OPENAPI } StartKind;
/* What the text is, by its first bytes and keys; START_CURL when it is nothing else. */
StartKind start_kind(Str text);
