/* YAML as small trees that know where every piece stands.
 *
 * libyaml reads the text; this adds what a configuration language needs on top: duplicate keys,
 * several documents, aliases into oneself, tags and bombs are refused, merge keys (`<<`) are
 * resolved, and every complaint begins with `file:line:column`. Trees live in an arena and are not
 * changed once built; aliased parts are shared. */
#pragma once

#include "base/arena.h"

enum {
    YAML_DEPTH_MAX = 64,     /* nested maps and sequences, aliases unfolded */
    YAML_NODES_MAX = 100000, /* weight of the whole: an alias counts all that it stands for */
    YAML_TEXT_WEIGHT = 64,   /* so many bytes of text weigh as much as a node */
    YAML_ANCHORS_MAX = 1000,
    YAML_DIAG_MAX = 10, /* complaints reported together */
};

typedef enum YamlKind { YAML_SCALAR, YAML_MAP, YAML_SEQ } YamlKind;

typedef struct YamlNode YamlNode;

typedef struct YamlPair {
    const YamlNode *key; /* a scalar that is not empty; distinct within its map */
    const YamlNode *value;
} YamlPair;

struct YamlNode {
    YamlKind kind;
    bool quoted;            /* scalar in quotes or block style: '' and 'null' are texts */
    bool dollar;            /* a '$' stands in a scalar at or below this node */
    int height;             /* levels below: 0 for a scalar, 1 for [] and [a] */
    int line, column;       /* from 1; columns count characters */
    const char *origin;     /* NULL: the file; else where it came from instead ("--set users") */
    const YamlNode *from;   /* NULL, or the scalar before yaml_expand replaced its text */
    ptrdiff_t weight;       /* nodes at and below, aliases unfolded, and their text */
    Str text;               /* scalar: NUL-terminated, valid UTF-8, without NUL bytes */
    YamlPair *pairs;        /* map: [n], in the order given */
    const YamlNode **items; /* sequence: [n] */
    ptrdiff_t n;
};

/* Complaints about a text, gathered: one per place (line, column, path). */
typedef struct YamlDiag {
    const char *file; /* name used in messages, borrowed */
    int n;            /* complaints so far, also those that found no room */
    StrBuf text;      /* owned */
} YamlDiag;

/* Parse one document.
 *
 *   text   any bytes, borrowed only during the call; a UTF-8 byte order mark is skipped
 *   name   for messages
 *   max    most bytes allowed
 *
 * Returns 0 and *ret in the arena; -EINVAL with `name:line:column: what, and the cure`; -EFBIG. An
 * empty text (or one of comments only) is -EINVAL. All messages begin with a place. Cost: O(n log
 * n). */
MUST_CHECK int yaml_parse(Arena *a, Str text, const char *name, ptrdiff_t max, const YamlNode **ret,
                          Err *err);

/* Value behind `key` ('-' and '_' are the same), or NULL; `map` may be NULL. */
const YamlNode *yaml_get(const YamlNode *map, const char *key);
/* Nothing was written: a plain scalar that is empty, `~` or `null`. */
bool yaml_is_null(const YamlNode *n);
/* "a mapping", "a list", "nothing", "'text'" (cut to 40 bytes): what was found. Returns buf. */
enum { YAML_SHOW_MAX = 64 };
const char *yaml_show(char buf[YAML_SHOW_MAX], const YamlNode *n);

#define YAML_EACH(p, map) for (const YamlPair *p = (map)->pairs; p < (map)->pairs + (map)->n; p++)

/* Nodes made by hand, for values that come from elsewhere; `origin` is borrowed and may be NULL. */
YamlNode *yaml_new_scalar(Arena *a, Str text, const char *origin);
YamlNode *yaml_new_seq(Arena *a, const YamlNode **items, ptrdiff_t n, const char *origin);
/* A copy of `map` in which `key` has `value` (replaced or appended); other parts are shared. `map`
 * may be NULL: a map with one key. */
YamlNode *yaml_with(Arena *a, const YamlNode *map, const char *key, const YamlNode *value);

/* A copy in which every scalar value with a '$' has the text that `expand` gives; parts without one
 * are shared. `expand` writes *ret (in the arena, NUL-terminated) and returns 0, or a negative
 * errno after having complained; then the result is NULL, but the other scalars are still visited.
 * Keys are left alone. */
typedef int YamlExpand(void *user, Arena *a, const YamlNode *scalar, Str *ret);
const YamlNode *yaml_expand(Arena *a, const YamlNode *n, YamlExpand *expand, void *user);

/* Add `file:line:column: path: message` (path may be NULL or empty). Control characters are
 * replaced, long messages cut. Always -EINVAL. */
int yaml_refuse(YamlDiag *d, const YamlNode *at, const char *path, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Is there no use in looking for more? */
bool yaml_diag_full(const YamlDiag *d);
/* 0 when nothing was refused; else -EINVAL and all complaints, one per line, in err. */
MUST_CHECK int yaml_diag_end(const YamlDiag *d, Err *err);
void yaml_diag_done(YamlDiag *d);
