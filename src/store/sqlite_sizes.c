/* The room that an SQLite file takes, and giving back what is unused. */
#include "store/sqlite.h"

enum { PAGES_AT_ONCE = 2000 };

int sqlite_sizes(SqlStore *base, Arena *a, StoreInfo *i, Err *err)
{
    static const char tables[] =
        "SELECT m.tbl_name, sum(d.pgsize) AS n FROM dbstat d JOIN sqlite_schema m ON m.name = "
        "d.name WHERE d.aggregate = 1 GROUP BY 1 ORDER BY n DESC";
    CLEANUP(sq_done) SqRow q = { 0 };
    Sqlite *s = (Sqlite *)base;
    int64_t page = 0, pages = 0, unused = 0;
    int r;
    TRY(sqlite_ask_int(s, "PRAGMA page_size", &page, err));
    TRY(sqlite_ask_int(s, "PRAGMA page_count", &pages, err));
    TRY(sqlite_ask_int(s, "PRAGMA freelist_count", &unused, err));
    i->bytes = (uint64_t)(pages * page);
    i->free_bytes = (uint64_t)(unused * page);
    if (!sqlite3_compileoption_used("ENABLE_DBSTAT_VTAB"))
        return 0;
    TRY(sq_open_text(base, tables, &q, err));
    while ((r = sq_next(&q, err)) > 0)
        sq_info_table(a, i, &q);
    return r;
}

/* Each call is a transaction of its own: writers get in between. */
int sqlite_shrink(Store *base, Err *err)
{
    Sqlite *s = (Sqlite *)base;
    CLEANUP(arena_done) Arena scratch = { 0 };
    int64_t free_pages = 0, left = 0;
    const char *vacuum = arena_printf(&scratch, "PRAGMA incremental_vacuum(%d)", PAGES_AT_ONCE);
    s->sql.doing = "give room back";
    TRY(sqlite_ask_int(s, "PRAGMA freelist_count", &free_pages, err));
    if (free_pages)
        TRY(sqlite_exec_text(s, vacuum, err));
    TRY(sqlite_ask_int(s, "PRAGMA freelist_count", &left, err));
    return left > 0 && left < free_pages; /* files without auto_vacuum keep what they have */
}
