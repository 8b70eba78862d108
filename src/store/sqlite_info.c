/* What is in a store. */
#include <string.h>

#include "store/sqlite.h"

/* Rows of a statement in passing, of any schema: its text depends on what the file has. */
static int each_row(Sqlite *s, const char *sql,
                    void (*row)(sqlite3_stmt *q, Arena *a, StoreInfo *i), Arena *a, StoreInfo *info,
                    Err *err)
{
    sqlite3_stmt *q = NULL;
    int r = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);
    while (r == SQLITE_OK && (r = sqlite3_step(q)) == SQLITE_ROW) {
        row(q, a, info);
        r = SQLITE_OK;
    }
    int res = r == SQLITE_DONE ? 0 : sq_fail(s, err);
    sqlite3_finalize(q);
    return res;
}

static void take_counts(sqlite3_stmt *q, Arena *a, StoreInfo *i)
{
    (void)a;
    uint64_t *const fields[] = {
        &i->runs,           &i->cases,  &i->trials,     &i->measurements,
        &i->histograms,     &i->series, &i->baselines,  &i->oldest_wall_ns,
        &i->newest_wall_ns, &i->bytes,  &i->free_bytes,
    };
    for (int k = 0; k < ARRAY_LEN(fields); k++)
        *fields[k] = (uint64_t)sqlite3_column_int64(q, k);
}

static void take_rolled(sqlite3_stmt *q, Arena *a, StoreInfo *i)
{
    (void)a;
    i->rolled = (uint64_t)sqlite3_column_int64(q, 0);
    i->rolled_wall_ns = (uint64_t)sqlite3_column_int64(q, 1);
    i->rollups = (uint64_t)sqlite3_column_int64(q, 2);
}

static const char *text_or(sqlite3_stmt *q, int i, const char *none)
{
    const char *text = (const char *)sqlite3_column_text(q, i);
    return text ? text : none;
}

static void take_testbed(sqlite3_stmt *q, Arena *a, StoreInfo *i)
{
    const char *text =
        arena_printf(a, "%s  %s  %s", text_or(q, 0, "-"), text_or(q, 1, "-"), text_or(q, 2, "-"));
    ARENA_PUSH(a, i->testbeds, i->n_testbeds, i->cap_testbeds, text);
}

static void take_table(sqlite3_stmt *q, Arena *a, StoreInfo *i)
{
    TableInfo t = { arena_strdup(a, text_or(q, 0, "")), (uint64_t)sqlite3_column_int64(q, 1) };
    ARENA_PUSH(a, i->tables, i->n_tables, i->cap_tables, t);
}

typedef struct InfoArg {
    Arena *a;
    StoreInfo *info;
} InfoArg;

static int info_body(Sqlite *s, void *arg, Err *err)
{
    static const char counts[] =
        "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM cases), (SELECT count(*) FROM "
        "trials), (SELECT count(*) FROM figures), (SELECT count(*) FROM histograms), (SELECT "
        "count(*) FROM series), (SELECT count(*) FROM baselines), (SELECT min(started_ns) FROM "
        "runs), (SELECT max(started_ns) FROM runs), (SELECT page_count * page_size FROM "
        "pragma_page_count, pragma_page_size), (SELECT freelist_count * page_size FROM "
        "pragma_freelist_count, pragma_page_size)";
    static const char rolled[] = "SELECT count(rolled_ns), max(rolled_ns), (SELECT count(*) FROM "
                                 "rollups) FROM runs";
    static const char beds[] = "SELECT fingerprint, host, cpu FROM testbeds ORDER BY key";
    static const char tables[] =
        "SELECT m.tbl_name, sum(d.pgsize) AS n FROM dbstat d JOIN "
        "sqlite_schema m ON m.name = d.name WHERE d.aggregate = 1 GROUP BY 1 "
        "ORDER BY n DESC";
    const InfoArg *x = arg;
    StoreInfo *i = x->info;
    Arena *a = x->a;
    TRY(each_row(s, counts, take_counts, a, i, err));
    if (i->schema >= 3)
        TRY(each_row(s, rolled, take_rolled, a, i, err));
    TRY(each_row(s, beds, take_testbed, a, i, err));
    if (sqlite3_compileoption_used("ENABLE_DBSTAT_VTAB"))
        TRY(each_row(s, tables, take_table, a, i, err));
    return 0;
}

int sq_info(Store *base, Arena *a, StoreInfo *ret, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    Migration m = { 0 };
    StoreInfo i = { .path = arena_strdup(a, s->path) };
    InfoArg arg = { a, &i };
    s->doing = "look into the store";
    TRY(sq_migration(base, a, &m, err));
    i.schema = m.schema;
    TRY(sq_transact(s, "look into the store", false, info_body, &arg, err));
    *ret = i;
    return 0;
}
