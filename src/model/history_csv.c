/* A series out of CSV as people have it. */
#include <errno.h>
#include <math.h>
#include <strings.h>

#include "model/history_read.h"

enum { COLUMNS_MAX = 256 };

typedef struct Table {
    const char *name; /* of the file */
    ptrdiff_t line;   /* of the row at hand, from 1 */
    ptrdiff_t head_line;
    char separator;
    Str head[COLUMNS_MAX];
    int n_columns;
    bool has_head;
    int value, time, commit; /* columns; -1: none */
} Table;

static Str unquote(Str cell)
{
    cell = str_trim(cell);
    bool quoted = cell.len >= 2 && cell.ptr[0] == '"' && cell.ptr[cell.len - 1] == '"';
    return quoted ? str_trim(str_slice(cell, 1, cell.len - 1)) : cell;
}

/* Cut a cell off the row; a separator within quotes does not count. */
static bool next_cell(Str *rest, char separator, Str *ret)
{
    if (!rest->ptr)
        return false;
    bool quoted = false;
    ptrdiff_t i = 0;
    for (; i < rest->len && (quoted || rest->ptr[i] != separator); i++)
        quoted ^= rest->ptr[i] == '"';
    *ret = unquote(str_slice(*rest, 0, i));
    *rest = i < rest->len ? str_slice(*rest, i + 1, rest->len) : (Str){ NULL, 0 };
    return true;
}

/* The next row that says something. */
static bool next_row(Str *text, ptrdiff_t *line, Str *ret)
{
    Str row;
    while (str_cut(text, '\n', &row)) {
        ++*line;
        row = str_trim(row);
        if (row.len > 0 && row.ptr[0] != '#') {
            *ret = row;
            return true;
        }
    }
    return false;
}

static bool is_missing(Str cell)
{
    static const char *const words[] = { "", "-", "na", "n/a", "null", "nan", "none" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(words); i++)
        if (strncasecmp(cell.ptr, words[i], (size_t)cell.len) == 0 && str(words[i]).len == cell.len)
            return true;
    return false;
}

static bool is_value(Str cell)
{
    double v;
    return is_missing(cell) || str_to_f64(cell, &v) == 0;
}

static bool named(Str head, const char *const *names)
{
    for (; *names; names++)
        if (str(*names).len == head.len && strncasecmp(*names, head.ptr, (size_t)head.len) == 0)
            return true;
    return false;
}

/* "a, b, c" for messages. */
static const char *list_columns(Arena *a, const Table *t)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    for (int i = 0; i < t->n_columns && b.len < 400; i++)
        strbuf_addf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(t->head[i]));
    return arena_str(a, strbuf_str(&b));
}

static int choose_named(Arena *a, Table *t, const char *column, Err *err)
{
    for (int i = 0; i < t->n_columns; i++)
        if (str_eqz(t->head[i], column))
            t->value = i;
    if (t->value >= 0)
        return 0;
    return err_set(err, -EINVAL, "%s:%td: no column '%s'; there are %s", t->name, t->head_line,
                   column, list_columns(a, t));
}

/* The column of values: the one asked for, `value`, or the only one that is nothing else and holds
 * a number in the first row. */
static int choose_value(Arena *a, Table *t, const char *column, Str first_row, Err *err)
{
    static const char *const value_names[] = { "value", "values", NULL };
    if (column && t->has_head)
        return choose_named(a, t, column, err);
    int n = 0, found = -1;
    Str cell;
    for (int i = 0; next_cell(&first_row, t->separator, &cell) && i < t->n_columns; i++) {
        if (t->has_head && named(t->head[i], value_names)) {
            t->value = i;
            return 0;
        }
        if (i != t->time && i != t->commit && is_value(cell)) {
            found = i;
            n++;
        }
    }
    t->value = found;
    if (n == 1)
        return 0;
    if (n == 0)
        return err_set(err, -EINVAL,
                       "%s:%td: no column of numbers here; want one number per line, or "
                       "time,value",
                       t->name, t->line);
    return err_set(err, -EINVAL, "%s:%td: %d columns of numbers%s%s; say which with --metric NAME",
                   t->name, t->line, n, t->has_head ? ": " : " and no head",
                   t->has_head ? list_columns(a, t) : "");
}

static void read_head(Table *t, Str row)
{
    static const char *const times[] = { "time", "timestamp", "date", "datetime", NULL };
    static const char *const commits[] = { "commit", "revision", "sha", "commit_id", NULL };
    Str cell;
    bool all_values = true;
    t->n_columns = 0;
    for (; t->n_columns < COLUMNS_MAX && next_cell(&row, t->separator, &cell); t->n_columns++) {
        double when;
        t->head[t->n_columns] = cell;
        all_values = all_values && (is_value(cell) || history_parse_time(cell, &when) == 0);
    }
    t->has_head = !all_values;
    for (int i = 0; t->has_head && i < t->n_columns; i++) {
        t->time = named(t->head[i], times) ? i : t->time;
        t->commit = named(t->head[i], commits) ? i : t->commit;
    }
    if (!t->has_head && t->n_columns == 2)
        t->time = 0;
}

static char guess_separator(Str row)
{
    return str_find_char(row, '\t') >= 0 ? '\t' : str_find_char(row, ';') >= 0 ? ';' : ',';
}

static int read_value(const Table *t, Str cell, double *ret, Err *err)
{
    *ret = (double)NAN;
    if (is_missing(cell))
        return 0;
    int r = str_to_f64(cell, ret);
    if (r == 0)
        return 0;
    return err_set(err, -EINVAL,
                   "%s:%td: '" STR_FMT "' is %s; want a number, or nothing where it is "
                   "missing",
                   t->name, t->line, (int)MIN(cell.len, (ptrdiff_t)40), cell.ptr,
                   r == -ERANGE ? "too large" : "not a number");
}

static int read_row(Arena *a, const Table *t, Str row, History *h, Err *err)
{
    HistoryPoint p = { .value = (double)NAN, .wall_s = (double)NAN };
    Str rest = row, cell;
    bool seen = false;
    for (int i = 0; next_cell(&rest, t->separator, &cell); i++) {
        if (i == t->value) {
            TRY(read_value(t, cell, &p.value, err));
            seen = true;
        } else if (i == t->time && !is_missing(cell)) {
            if (history_parse_time(cell, &p.wall_s) < 0)
                return err_set(err, -EINVAL,
                               "%s:%td: time '" STR_FMT "' is neither a number nor a "
                               "date such as 2026-01-31T23:59:59Z",
                               t->name, t->line, (int)MIN(cell.len, (ptrdiff_t)40), cell.ptr);
        } else if (i == t->commit && cell.len > 0) {
            p.commit = arena_str(a, cell);
        }
    }
    if (!seen)
        return err_set(err, -EINVAL, "%s:%td: no column %d here: '" STR_FMT "'", t->name, t->line,
                       t->value + 1, (int)MIN(row.len, (ptrdiff_t)60), row.ptr);
    history_push(h, a, p);
    return 0;
}

int history_read_csv(Arena *a, Str text, const char *name, const char *column, History *ret,
                     Err *err)
{
    Table t = { .name = name, .value = -1, .time = -1, .commit = -1 };
    Str row = { NULL, 0 };
    if (!next_row(&text, &t.line, &row))
        return err_set(err, -EINVAL, "%s: no values; want one number per line, or time,value",
                       name);
    t.separator = guess_separator(row);
    t.head_line = t.line;
    read_head(&t, row);
    if (t.has_head && !next_row(&text, &t.line, &row))
        return err_set(err, -EINVAL, "%s:%td: a head and no values", name, t.head_line);
    TRY(choose_value(a, &t, column, row, err));
    ret->metric = t.has_head ? arena_str(a, t.head[t.value]) : column ? column : "value";
    do {
        TRY(read_row(a, &t, row, ret, err));
    } while (next_row(&text, &t.line, &row));
    return 0;
}
