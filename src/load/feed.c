#include "load/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/fs.h"
#include "base/json.h"
#include "load/template.h"

enum { FEED_BYTES_MAX = 1 << 30, COLUMNS_MAX = 256, PLACE_MAX = 512 };

struct Feed {
    FeedOrder order;
    Str *names;         /* [n_columns] */
    Str *values;        /* [n_rows][n_columns] */
    ptrdiff_t *longest; /* [n_columns] */
    ptrdiff_t n_columns, n_rows, cap_values;
    uint64_t next; /* FEED_CIRCULAR, atomic */
};

/* ---- the table ---- */

static Str keep(Arena *a, Str s)
{
    return (Str){ arena_str(a, s), s.len };
}

static void add_row(Arena *a, Feed *f, const Str *fields)
{
    ptrdiff_t n = f->n_rows * f->n_columns;
    for (ptrdiff_t i = 0; i < f->n_columns; i++) {
        ARENA_PUSH(a, f->values, n, f->cap_values, fields[i]);
        f->longest[i] = MAX(f->longest[i], fields[i].len);
    }
    f->n_rows++;
}

/* NUL-terminated, so that they are keys as well. */
static void name_columns(Arena *a, Feed *f, const Str *names, ptrdiff_t n)
{
    f->n_columns = n;
    f->names = ARENA_ARRAY(a, Str, n);
    f->longest = ARENA_ARRAY(a, ptrdiff_t, n);
    for (ptrdiff_t i = 0; i < n; i++)
        f->names[i] = keep(a, str_trim(names[i]));
}

/* ---- CSV ---- */

typedef struct Csv {
    Arena *arena;
    Str rest;
    const char *name;
    ptrdiff_t line;
} Csv;

static ptrdiff_t line_ends(Str s)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

static int quoted(Csv *c, Str *ret, Err *err)
{
    ptrdiff_t at = 1;
    bool closed = csv_quoted(c->arena, c->rest, &at, ret);
    c->line += line_ends(str_slice(c->rest, 0, at));
    c->rest = str_slice(c->rest, at, c->rest.len);
    if (!closed)
        return err_set(err, -EINVAL, "%s:%td: a quote without its end", c->name, c->line);
    if (c->rest.len && !strchr(",\r\n", c->rest.ptr[0]))
        return err_set(err, -EINVAL, "%s:%td: text behind a field in quotes", c->name, c->line);
    return 0;
}

static void plain(Csv *c, Str *ret)
{
    ptrdiff_t n = 0;
    while (n < c->rest.len && c->rest.ptr[n] != ',' && c->rest.ptr[n] != '\n' &&
           c->rest.ptr[n] != '\r')
        n++;
    *ret = str_slice(c->rest, 0, n);
    c->rest = str_slice(c->rest, n, c->rest.len);
}

/* One line's fields, at most `cap`; their number, 0 at the end, or negative. */
static ptrdiff_t read_row(Csv *c, Str *fields, ptrdiff_t cap, Err *err)
{
    ptrdiff_t n = 0;
    while (c->rest.len && (c->rest.ptr[0] == '\n' || c->rest.ptr[0] == '\r')) {
        c->line += c->rest.ptr[0] == '\n';
        c->rest = str_slice(c->rest, 1, c->rest.len);
    }
    if (!c->rest.len)
        return 0;
    for (;;) {
        if (n == cap)
            return err_set(err, -EINVAL, "%s:%td: more than %td fields", c->name, c->line, cap);
        if (c->rest.len && c->rest.ptr[0] == '"')
            TRY(quoted(c, &fields[n], err));
        else
            plain(c, &fields[n]);
        n++;
        if (!c->rest.len || c->rest.ptr[0] != ',')
            return n;
        c->rest = str_slice(c->rest, 1, c->rest.len);
    }
}

static int read_csv(Arena *a, Feed *f, Str text, const char *name, Err *err)
{
    Csv c = { .arena = a, .rest = text, .name = name, .line = 1 };
    Str fields[COLUMNS_MAX];
    if (str_starts(text, STR("\xef\xbb\xbf")))
        c.rest = str_slice(text, 3, text.len);
    for (;;) {
        ptrdiff_t n = read_row(&c, fields, COLUMNS_MAX, err);
        if (n <= 0)
            return (int)n;
        if (!f->names)
            name_columns(a, f, fields, n);
        else if (n != f->n_columns)
            return err_set(err, -EINVAL, "%s:%td: %td fields where the first line has %td", name,
                           c.line, n, f->n_columns);
        else
            add_row(a, f, fields);
    }
}

/* ---- JSON Lines ---- */

/* A string as it is, anything else as JSON. */
static Str text_of(Arena *a, const json_t *v)
{
    if (json_is_string(v))
        return keep(a, (Str){ json_string_value(v), (ptrdiff_t)json_string_length(v) });
    char *dump = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
    Str copy = keep(a, str(dump));
    free(dump);
    return copy;
}

static int add_object(Arena *a, Feed *f, json_t *j, const char *place, Err *err)
{
    Str fields[COLUMNS_MAX];
    ptrdiff_t n = 0;
    const char *key;
    json_t *value;
    if (!json_is_object(j) || json_object_size(j) == 0 || json_object_size(j) > COLUMNS_MAX)
        return err_set(err, -EINVAL, "%s: a line holds one object of 1 to %d keys", place,
                       COLUMNS_MAX);
    if (!f->names) {
        json_object_foreach(j, key, value) fields[n++] = str(key);
        name_columns(a, f, fields, n);
    }
    for (n = 0; n < f->n_columns; n++) {
        value = json_object_get(j, f->names[n].ptr);
        if (!value)
            return err_set(err, -EINVAL, "%s: no key '" STR_FMT "', which the first line has",
                           place, STR_ARG(f->names[n]));
        fields[n] = text_of(a, value);
    }
    add_row(a, f, fields);
    return 0;
}

static int read_json_lines(Arena *a, Feed *f, Str text, const char *name, Err *err)
{
    Str line;
    char place[PLACE_MAX];
    ptrdiff_t at = 0;
    while (str_cut(&text, '\n', &line)) {
        at++;
        if (!str_trim(line).len)
            continue;
        CLEANUP(json_free) json_t *j = NULL;
        snprintf(place, sizeof place, "%s:%td", name, at);
        TRY(json_parse(line, place, &j, err));
        TRY(add_object(a, f, j, place, err));
    }
    return 0;
}

/* ---- reading ---- */

int feed_parse(Arena *a, Str text, const char *name, FeedOrder order, Feed **ret, Err *err)
{
    Feed *f = ARENA_ARRAY(a, Feed, 1);
    f->order = order;
    bool json = str_ends(str(name), STR(".jsonl")) || str_ends(str(name), STR(".ndjson"));
    TRY(json ? read_json_lines(a, f, text, name, err) : read_csv(a, f, text, name, err));
    if (f->n_rows == 0)
        return err_set(err, -EINVAL, "%s: has no rows (its first line names the columns)", name);
    *ret = f;
    return 0;
}

int feed_read(Arena *a, const char *path, FeedOrder order, Feed **ret, Err *err)
{
    Str text;
    TRY(fs_read(a, path, FEED_BYTES_MAX, &text, err));
    return feed_parse(a, text, path, order, ret, err);
}

ptrdiff_t feed_rows(const Feed *f)
{
    return f->n_rows;
}

ptrdiff_t feed_column(const Feed *f, Str name)
{
    for (ptrdiff_t i = 0; i < f->n_columns; i++)
        if (str_eq(f->names[i], name))
            return i;
    return -1;
}

const char *feed_column_names(Arena *a, const Feed *f)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    for (ptrdiff_t i = 0; i < f->n_columns; i++)
        strbuf_addf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(f->names[i]));
    return arena_strdup(a, strbuf_z(&b));
}

ptrdiff_t feed_longest(const Feed *f, ptrdiff_t column)
{
    return f->longest[column];
}

Str feed_value(const Feed *f, ptrdiff_t row, ptrdiff_t column)
{
    return f->values[row * f->n_columns + column];
}

/* A user's own rows: user, user + n_users, … With fewer rows than users some must share. */
static ptrdiff_t own_row(const Feed *f, const Draw *d)
{
    uint64_t rows = (uint64_t)f->n_rows, first = d->user % rows;
    uint64_t n = d->user < rows ? (rows - first - 1) / d->n_users + 1 : 1;
    return (ptrdiff_t)(first + d->n_rows % n * d->n_users);
}

static ptrdiff_t next_row(Feed *f, Draw *d)
{
    uint64_t rows = (uint64_t)f->n_rows;
    switch (f->order) {
    case FEED_RANDOM:
        return (ptrdiff_t)rng_below(&d->rng, rows);
    case FEED_UNIQUE:
        return own_row(f, d);
    case FEED_CIRCULAR:
        break;
    }
    return (ptrdiff_t)(__atomic_fetch_add(&f->next, 1, __ATOMIC_RELAXED) % rows);
}

ptrdiff_t feed_next(Feed *f, Draw *d)
{
    ptrdiff_t row = next_row(f, d);
    d->n_rows++;
    return row;
}
