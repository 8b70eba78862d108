/* Texts that differ from operation to operation: `/item/${zipf(1000)}?page=${uniform(1,9)}`.
 *
 * Compiled once, rendered for each operation without allocation, lock or system call (now() reads
 * the clock without one). What can stand in a text:
 *
 *     ${uniform(A,B)}       a whole number from A to B, each equally likely
 *     ${zipf(N)} ${zipf(N,S)}   from 1 to N, k with a probability like 1 / k^S; S is 0.99
 *     ${hotspot(N,H,P)}     from 1 to N: the first H of them in P % of all cases
 *     ${seq()}              0, 1, 2 …: no number twice in a trial
 *     ${user()}             the virtual user's number, from 0
 *     ${id()} ${uuid()}     16 random hexadecimal digits; a random UUID (RFC 9562, version 4)
 *     ${now()}              milliseconds since 1970
 *     ${string(N)}          N random letters and digits
 *     ${pick(A|B|C)}        one of the texts
 *     ${feed.COLUMN}        of the operation's row of a file (load/feed.h)
 *     ${NAME}               in scenarios: what a step extracted under that name; empty before
 *
 * Anything else stands for itself. Zipf by rejection-inversion: Hörmann and Derflinger,
 * "Rejection-inversion to generate variates from monotone discrete distributions", 1996. */
#pragma once

#include "base/arena.h"
#include "base/rng.h"
#include "load/feed.h"

/* The value of a variable. */
typedef struct DrawVar {
    char *text; /* owned */
    ptrdiff_t n, cap;
} DrawVar;

struct Script;
struct ScriptState;

/* What a virtual user draws from; its own, over all its connections. */
typedef struct Draw {
    Rng rng;
    uint64_t n;                 /* operations rendered: draw_next counts */
    uint64_t n_rows;            /* … and rows taken */
    uint32_t user, n_users;     /* its number among all of them */
    ptrdiff_t row;              /* of the feed, for the operation at hand */
    uint32_t record;            /* of a replay, for the operation at hand */
    struct ScriptState *script; /* borrowed; of the scenario at hand, NULL: it has none */
    DrawVar *vars;              /* owned by who gave them; as many as the names in TemplateEnv */
} Draw;

/* What a text may refer to beside generators. Borrowed by the templates. */
typedef struct TemplateEnv {
    const Feed *feed;      /* NULL: none */
    const StrList *vars;   /* names of variables; NULL: none */
    struct Script *script; /* functions that checks may name; NULL: none */
} TemplateEnv;

/* How values are written so that they can't break out of what they stand in. Generators that make
 * only letters, digits and '-' need none of it. */
typedef enum TemplateQuote {
    QUOTE_NONE,
    QUOTE_URL,    /* percent-encoded but for unreserved characters (RFC 3986, 2.3) */
    QUOTE_HEADER, /* control characters become blanks */
    QUOTE_JSON,   /* as within a string (RFC 8259, 7) */
} TemplateQuote;

typedef struct Template Template;

/* Does anything in the text differ from operation to operation? `vars`: NULL, or names of
 * variables. */
bool template_varies(Str text, const StrList *vars);
/* Where the first such reference begins, or -1; *ret_bytes is its length with the braces, 0 when
 * its end is missing. */
ptrdiff_t template_find(Str text, const StrList *vars, ptrdiff_t *ret_bytes);
/* In the arena; borrows `text` and what is in `env`. -EINVAL: what is wrong with which call. */
MUST_CHECK int template_compile(Arena *a, Str text, TemplateQuote quote, TemplateEnv env,
                                Template **ret, Err *err);
/* No rendering is longer, in bytes, what variables hold left out. */
ptrdiff_t template_max(const Template *t);
/* The same, with what they hold now: so much room template_render may need. */
ptrdiff_t template_room(const Template *t, const Draw *d);
/* Writes at most template_room bytes; returns how many. Cost: some 10 ns a substitution. */
ptrdiff_t template_render(const Template *t, Draw *d, char *buf);
/* Index of the variable, or -1. */
ptrdiff_t template_var(const StrList *vars, Str name);

/* Give a variable its value, which is copied. -ENOMEM leaves the old one. */
MUST_CHECK int draw_set(Draw *d, ptrdiff_t var, Str value);
Str draw_get(const Draw *d, ptrdiff_t var);
/* The user forgets what its variables hold; with `release`, their memory goes, too. */
void draw_forget(Draw *d, ptrdiff_t n_vars, bool release);

/* Rows that a request brings itself: *ret, and *env has them. Nothing when `path` is NULL. -EINVAL
 * when there are some already, the scenario's. */
MUST_CHECK int template_feed(Arena *a, const char *path, FeedOrder order, TemplateEnv *env,
                             Feed **ret, Err *err);
/* A user's next operation begins: its number, and its row when it has rows of its own. */
void draw_next(Draw *d, Feed *feed);
