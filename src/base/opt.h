/* Option rows: one declaration feeds the command line, suite files, --help, manual, completion and
 * the JSON Schema.
 *
 *     typedef struct NullOpts { uint32_t fail_every; uint64_t delay; } NullOpts;
 *     static const Opt null_opts[] = {
 *         OPT(NullOpts, fail_every, U32, .dflt = "0", .help = "fail every Nth operation, 0 for
 * never"), OPT(NullOpts, delay, NS, .dflt = "0", .help = "time each operation pretends to take"),
 *         { .type = OPT_END },
 *     };
 *
 * A field `max_time` is `--max-time` on the command line and `max_time` (or `max-time`) in a suite.
 * Rows stand in static tables; values are written into a caller's struct at `offset`. A refused
 * value leaves the struct as it was, and the message names option, value and cure. Strings and
 * lists live in the arena that is passed in. */
#pragma once

#include "base/arena.h"
#include "base/fmt.h"

typedef enum OptType {
    OPT_END,
    OPT_BOOL,  /* bool */
    OPT_U32,   /* uint32_t, plain count (k and M understood) */
    OPT_U64,   /* uint64_t */
    OPT_F64,   /* double */
    OPT_NS,    /* uint64_t, a duration */
    OPT_BYTES, /* uint64_t, a size */
    OPT_RATE,  /* double, per second */
    OPT_SHARE, /* double, fraction; text may say per cent */
    OPT_STR,   /* const char *, NULL when not given and without default */
    OPT_LIST,  /* StrList; may be given several times, or as a sequence in a suite */
    OPT_MAP,   /* StrMap; `key=value`, may be given several times, or as a mapping in a suite */
    OPT_ENUM,  /* int, index into choices */
    OPT_HEAD,  /* no value: a heading in --help and the manual (name is the heading) */
} OptType;

typedef struct StrList {
    const char **v; /* [n], borrowed from the arena */
    ptrdiff_t n, cap;
} StrList;

typedef struct StrPair {
    const char *key, *value;
} StrPair;

typedef struct StrMap {
    StrPair *v; /* [n], in the order given; keys are distinct, a later value replaces */
    ptrdiff_t n, cap;
} StrMap;

typedef struct Opt {
    OptType type;
    const char *name; /* field name, with underscores */
    ptrdiff_t offset; /* into the struct */
    char letter;      /* `-c`, or 0 */
    bool required;    /* suites: refuse a mapping without it */
    bool hidden;      /* neither in help nor in the manual */
    bool secret;      /* the value stays out of results and names */
    bool json;        /* STR; in suites a mapping or a list is written as its JSON */
    const char *dflt; /* text, parsed like a given value; NULL: the field stays zero */
    const char *arg;  /* what --help calls the value; NULL: by type */
    double min,
        max; /* inclusive range where min < max (F64, U32, U64, NS in ns, BYTES, RATE, SHARE) */
    const char *const *choices; /* ENUM: NULL-terminated names */
    const char *help;           /* one sentence, lower case, no full stop */
} Opt;

#define OPT(T, field, kind, ...)                                                                   \
    {                                                                                              \
        .type = OPT_##kind, .name = #field, .offset = offsetof(T, field), __VA_ARGS__              \
    }

#define OPT_EACH(o, rows) for (const Opt *o = (rows); o->type != OPT_END; o++)

/* Rows with the struct they fill; a command line usually joins several. */
typedef struct OptSet {
    const Opt *rows;
    void *dst;
} OptSet;

/* Write every default. The defaults of a table must parse: a broken one is our bug (assert). */
void opt_defaults(Arena *a, const Opt *rows, void *dst);

/* Row by name; '-' and '_' are the same. NULL when unknown. */
const Opt *opt_find(const Opt *rows, Str name);

/* Parse one value into its field (LIST and MAP append). 0, or -EINVAL / -ERANGE: "rate: '5x' is not
 * a rate …". */
MUST_CHECK int opt_set(Arena *a, const Opt *row, void *dst, Str value, Err *err);

/* Parse a command line. `sets` ends with rows == NULL. Understands `--name value`, `--name=value`,
 * `--flag`,
 * `--no-flag`, `-c 3`, `-c3`, `-qv`; after `--` all is positional. Positional words go to `pos` (in
 * order; may stand between options); *dashdash is the index of the first word behind `--`, or -1.
 * 0 or -EINVAL with a "did you mean". Fields must hold their defaults already. */
MUST_CHECK int opt_parse(Arena *a, const OptSet *sets, int argc, char *const *argv, StrList *pos,
                         ptrdiff_t *dashdash, Err *err);

/* The field's value as text that opt_set would take; NULL for an unset string, an empty list or
 * map, a heading. In the arena or borrowed from the struct. */
const char *opt_text(Arena *a, const Opt *row, const void *src);
/* Does the field hold its default? `size` is that of the struct. */
bool opt_is_default(Arena *a, const Opt *rows, const Opt *row, const void *src, ptrdiff_t size);

/* The option part of --help: aligned, wrapped to `columns`, defaults and ranges shown. */
void opt_help(StrBuf *out, const OptSet *sets, int columns);

/* What the value is called: the row's own `arg`, else by its type ("DUR", "SIZE", "N" …); "" for
 * flags and headings. */
const char *opt_arg(const Opt *row);
/* "--max-time" of max_time. Returns buf. */
enum { OPT_NAME_MAX = 64 };
const char *opt_flag(char buf[OPT_NAME_MAX], const Opt *row);

void strlist_add(Arena *a, StrList *l, const char *s);
/* Adds or replaces. */
void strmap_set(Arena *a, StrMap *m, const char *key, const char *value);
/* Value of key, or NULL. */
const char *strmap_get(const StrMap *m, const char *key);
