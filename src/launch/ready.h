/* Is a server up? Checks that a suite can name, each tried again until it holds. */
#pragma once

#include "base/arena.h"

typedef enum ReadyKind {
    READY_NOW,  /* nothing to ask: started is ready */
    READY_TCP,  /* the port accepts */
    READY_HTTP, /* GET answers with 2xx or 3xx */
    READY_LOG,  /* the text stands in the log */
} ReadyKind;

typedef struct Ready {
    ReadyKind kind;
    const char *host, *port; /* TCP, HTTP */
    const char *text;        /* HTTP: path; LOG: what is looked for */
} Ready;

/* From the spec's `ready` and the target's url, either may be NULL; strings in the arena.
 *
 *   "/path"                HTTP on the url's host and port; TCP when the url is https (a handshake
 * is not made here) "tcp:PORT", "tcp:HOST:PORT"   the host defaults to the url's, else 127.0.0.1
 *   "log:TEXT"
 *   NULL                   the url's port accepts; without a url READY_NOW
 *
 * 0 or -EINVAL with what would be right ("sleep:…" is refused: it proves nothing). */
MUST_CHECK int ready_parse(Arena *a, const char *ready, const char *url, Ready *ret, Err *err);

/* One try. 1: up. 0: not yet, *why tells. Negative: will never be (a name that does not resolve is
 * not among these: it may come). Gives up after timeout_ms at most, or at once when `wake_fd`
 * becomes readable.
 *
 *   log_path  file to look into for READY_LOG */
MUST_CHECK int ready_try(const Ready *r, const char *log_path, int wake_fd, int timeout_ms,
                         Err *why);

/* "port 8080 of 127.0.0.1 to accept": what is being waited for. Returns buf. */
enum { READY_WORDS_MAX = 256 };
const char *ready_words(char buf[READY_WORDS_MAX], const Ready *r);

/* Host and port of "scheme://user@host:port/…" (IPv6 in brackets; of several hosts the first; the
 * scheme's usual port when none is given). 0 or -EINVAL. */
MUST_CHECK int url_place(Arena *a, const char *url, const char **ret_host, const char **ret_port,
                         Err *err);
