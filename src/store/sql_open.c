/* What opening asks of a schema, the same for every engine. */
#include <errno.h>

#include "store/sql.h"
#include "store/sql_schema.h" /* generated from schema/ */

static_assert(ARRAY_LEN(schema_names) == STORE_SCHEMA, "one file in schema/ per schema number");

int sq_refuse_newer(const SqlStore *s, int64_t schema, Err *err)
{
    return err_set(err, -EPROTO,
                   "'%s' was written by a newer assay (schema %lld, this build knows %d): upgrade "
                   "assay or use another --store",
                   s->path, (long long)schema, STORE_SCHEMA);
}

int sq_no_results(const SqlStore *s, Err *err)
{
    return err_set(err, -ENOENT,
                   "no results are stored in '%s' yet: 'assay run' stores them; name another store "
                   "with --store or ASSAY_STORE",
                   s->path);
}

int sq_may_read(const SqlStore *s, int64_t schema, StoreMode mode, Err *err)
{
    if (schema > STORE_SCHEMA)
        return sq_refuse_newer(s, schema, err);
    if (schema == 0)
        return sq_no_results(s, err);
    if (schema < STORE_SCHEMA && mode != STORE_LOOK)
        return err_set(err, -EPROTO,
                       "'%s' has schema %lld, this build reads %d: 'assay db migrate', or the next "
                       "run stored in it, brings it up to date",
                       s->path, (long long)schema, STORE_SCHEMA);
    return 0;
}

int sq_migration(Store *base, Arena *a, Migration *ret, Err *err)
{
    SqlStore *s = (SqlStore *)base;
    int64_t schema = 0;
    s->doing = "read the schema";
    TRY(s->engine->schema(s, &schema, err));
    ret->schema = (int)schema;
    ret->n = STORE_SCHEMA - (int)schema;
    ret->steps = ARENA_ARRAY(a, const char *, ret->n);
    for (int i = 0; i < ret->n; i++)
        ret->steps[i] = schema_names[schema + i];
    return 0;
}
