/* What is in a store. */
#include "store/sql.h"

typedef struct InfoArg {
    Arena *a;
    StoreInfo *info;
} InfoArg;

static void take_counts(Arena *a, StoreInfo *i, const SqRow *q)
{
    (void)a;
    uint64_t *const fields[] = { &i->runs,         &i->cases,          &i->trials,
                                 &i->measurements, &i->histograms,     &i->series,
                                 &i->baselines,    &i->oldest_wall_ns, &i->newest_wall_ns };
    for (int k = 0; k < ARRAY_LEN(fields); k++)
        *fields[k] = (uint64_t)col_int(q, k);
}

static void take_rolled(Arena *a, StoreInfo *i, const SqRow *q)
{
    (void)a;
    i->rolled = (uint64_t)col_int(q, 0);
    i->rolled_wall_ns = (uint64_t)col_int(q, 1);
    i->rollups = (uint64_t)col_int(q, 2);
}

static const char *text_or(Arena *a, const SqRow *q, int i, const char *none)
{
    const char *text = col_text(a, q, i);
    return text ? text : none;
}

static void take_testbed(Arena *a, StoreInfo *i, const SqRow *q)
{
    const char *text = arena_printf(a, "%s  %s  %s", text_or(a, q, 0, "-"), text_or(a, q, 1, "-"),
                                    text_or(a, q, 2, "-"));
    ARENA_PUSH(a, i->testbeds, i->n_testbeds, i->cap_testbeds, text);
}

void sq_info_table(Arena *a, StoreInfo *i, const SqRow *q)
{
    TableInfo t = { text_or(a, q, 0, ""), (uint64_t)col_int(q, 1) };
    ARENA_PUSH(a, i->tables, i->n_tables, i->cap_tables, t);
}

/* In passing, since what can be asked depends on the schema that the store has. */
static int each_row(SqlStore *s, const char *sql,
                    void (*row)(Arena *a, StoreInfo *i, const SqRow *q), const InfoArg *x, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    TRY(sq_open_text(s, sql, &q, err));
    while ((r = sq_next(&q, err)) > 0)
        row(x->a, x->info, &q);
    return r;
}

static int info_body(SqlStore *s, void *arg, Err *err)
{
    static const char counts[] =
        "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM cases), (SELECT count(*) FROM "
        "trials), (SELECT count(*) FROM figures), (SELECT count(*) FROM histograms), (SELECT "
        "count(*) FROM series), (SELECT count(*) FROM baselines), (SELECT min(started_ns) FROM "
        "runs), (SELECT max(started_ns) FROM runs)";
    static const char rolled[] = "SELECT count(rolled_ns), max(rolled_ns), (SELECT count(*) FROM "
                                 "rollups) FROM runs";
    static const char beds[] = "SELECT fingerprint, host, cpu FROM testbeds ORDER BY key";
    const InfoArg *x = arg;
    TRY(each_row(s, counts, take_counts, x, err));
    if (x->info->schema >= 3)
        TRY(each_row(s, rolled, take_rolled, x, err));
    TRY(each_row(s, beds, take_testbed, x, err));
    return s->engine->sizes(s, x->a, x->info, err);
}

int sq_info(Store *base, Arena *a, StoreInfo *ret, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    Migration m = { 0 };
    StoreInfo i = { .path = arena_strdup(a, s->path) };
    InfoArg arg = { a, &i };
    TRY(sq_migration(base, a, &m, err));
    i.schema = m.schema;
    TRY(sq_transact(s, "look into the store", false, info_body, &arg, err));
    *ret = i;
    return 0;
}
