/* Looking into replies: values that are extracted for later steps, and checks.
 *
 *     extract: { token: json /auth/token, csrf: form _csrf, id: 'regex order (\d+)' }
 *     check:   { status: 201, json /state: open, header content-type: json, time: < 200ms }
 *
 * What is looked at is kept while it arrives, in buffers that a connection keeps: the head as it
 * came (HTTP/2: a line a field), the body without its framing. */
#pragma once

#include "drivers/regex.h"
#include "load/driver.h"
#include "load/template.h"

/* What a connection keeps of the reply at hand. */
typedef struct HttpSeen {
    char *head, *body; /* owned */
    ptrdiff_t n_head, cap_head, n_body, cap_body;
    bool cut;              /* there was more body than `body_max` */
    RegexScratch *scratch; /* owned */
} HttpSeen;

typedef struct HttpLook HttpLook;

/* From the options' maps, in the arena; *ret NULL when there is nothing to look at. `env` has the
 * names that values go to, and the functions that checks call; none outside scenarios. Owned,
 * http_look_release. -EINVAL. */
MUST_CHECK int http_look_prepare(Arena *a, const StrMap *extract, const StrMap *check,
                                 uint64_t body_max, TemplateEnv env, HttpLook **ret, Err *err);
void http_look_release(HttpLook *l);
/* Must head, or body, be kept? */
bool http_look_at_head(const HttpLook *l);
bool http_look_at_body(const HttpLook *l);
uint64_t http_look_body_max(const HttpLook *l);

void seen_begin(HttpSeen *s);
/* -ENOMEM is silent: the reply is then cut. */
void seen_head(HttpSeen *s, Str piece);
void seen_body(HttpSeen *s, Str piece, uint64_t body_max);
void seen_done(HttpSeen *s);
/* The next header field of that name (lower case) from `*at` on, which moves behind it; 0 at first.
 * ptr NULL: no more. */
Str seen_field(const HttpSeen *s, Str name, ptrdiff_t *at);

/* What else a reply is looked at for. */
struct HttpJar;
typedef struct HttpLookReply {
    HttpSeen *seen;
    const struct HttpJar *jar; /* NULL: none is kept */
    const Outcome *out;
    uint64_t body_bytes;
} HttpLookReply;
/* NULL when every check holds and every value was found and given to the draw; else static text
 * (the look's) that says what does not. */
const char *http_look(const HttpLook *l, VuIo *io, const HttpLookReply *reply);
