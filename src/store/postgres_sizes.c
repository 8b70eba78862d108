/* The room that a PostgreSQL store takes. Giving back what is unused is the server's own affair
 * (autovacuum), and so are copies of one moment (pg_dump). */
#include <errno.h>

#include "store/postgres.h"

int postgres_sizes(SqlStore *base, Arena *a, StoreInfo *i, Err *err)
{
    static const char tables[] =
        "SELECT c.relname::text, pg_total_relation_size(c.oid) AS n FROM pg_class c WHERE "
        "c.relnamespace = 'assay'::regnamespace AND c.relkind = 'r' ORDER BY n DESC, 1";
    CLEANUP(sq_done) SqRow q = { 0 };
    int r;
    TRY(sq_open_text(base, tables, &q, err));
    while ((r = sq_next(&q, err)) > 0) {
        sq_info_table(a, i, &q);
        i->bytes += i->tables[i->n_tables - 1].bytes;
    }
    return r;
}

int postgres_shrink(Store *base, Err *err)
{
    (void)base;
    (void)err;
    return 0;
}

int postgres_backup(Store *base, const char *to, bool force, Err *err)
{
    const SqlStore *s = (const SqlStore *)base;
    (void)force;
    return err_set(err, -ENOTSUP,
                   "'%s' is backed up by PostgreSQL's own means: pg_dump -Fc -n assay -f '%s' and "
                   "the URL; 'assay db copy' makes an SQLite file of it",
                   s->path, to);
}
