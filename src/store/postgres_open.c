/* Opening: the tables are in a schema of their own named "assay", so that a database may be shared
 * with other programs. Its table `about` holds the schema number; making and migrating is one
 * transaction under an advisory lock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "store/postgres.h"
#include "store/postgres_schema.h"
#include "store/postgres_url.h"

static const uint64_t PATIENCE_NS = 10 * NS_PER_S;

void postgres_store_close(Store *base)
{
    Postgres *p = (Postgres *)base;
    postgres_disconnect(p);
    arena_done(&p->sql.arena);
    free(p);
}

static void close_half_open(Postgres **p)
{
    if (*p)
        postgres_store_close(&(*p)->sql.base);
}

/* First column of the first row as an integer. */
static int ask_int(Postgres *p, const char *text, int64_t *ret, Err *err)
{
    CLEANUP(sq_done) SqRow q = { 0 };
    TRY(postgres_send_text(p, text, err));
    TRY(postgres_rows(p, &q, err));
    int r = sq_next(&q, err);
    if (r > 0)
        *ret = col_int(&q, 0);
    return MIN(r, 0);
}

/* 0 for a database without a store. One look at what tables there are: another program may be
 * making them. */
int postgres_schema(SqlStore *base, int64_t *ret, Err *err)
{
    enum { NO_TABLES, OURS, OTHERS };
    Postgres *p = (Postgres *)base;
    int64_t whose = NO_TABLES;
    TRY(ask_int(p,
                "SELECT CASE WHEN count(*) = 0 THEN 0 WHEN bool_or(tablename = 'about') THEN 1 "
                "ELSE 2 END FROM pg_tables WHERE schemaname = 'assay'",
                &whose, err));
    *ret = 0;
    if (whose == OURS)
        return ask_int(p, "SELECT schema FROM assay.about", ret, err);
    if (whose == NO_TABLES)
        return 0;
    return err_set(err, -EBADMSG,
                   "'%s' has a schema 'assay' of another program; name a store of its own with "
                   "--store",
                   p->sql.path);
}

static int make_namespace(Postgres *p, Err *err)
{
    static const char about[] =
        "CREATE TABLE assay.about (only_row INT PRIMARY KEY CHECK (only_row = 1), schema BIGINT "
        "NOT NULL); INSERT INTO assay.about VALUES (1, 0)";
    int64_t there = 0;
    TRY(ask_int(p, "SELECT count(*) FROM pg_namespace WHERE nspname = 'assay'", &there, err));
    if (!there)
        TRY(postgres_exec(p, "CREATE SCHEMA assay", err));
    return postgres_exec(p, about, err);
}

/* In the transaction, with the lock: of several programs one migrates. */
static int migrate_locked(Postgres *p, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    int64_t schema;
    TRY(postgres_schema(&p->sql, &schema, err));
    if (schema > STORE_SCHEMA)
        return sq_refuse_newer(&p->sql, schema, err);
    if (schema == STORE_SCHEMA)
        return 0;
    if (schema == 0)
        TRY(make_namespace(p, err));
    for (int64_t i = schema; i < STORE_SCHEMA; i++)
        TRY(postgres_exec(p, postgres_translate(&a, sq_schema_texts[i]), err));
    return postgres_exec(p, arena_printf(&a, "UPDATE assay.about SET schema = %d", STORE_SCHEMA),
                         err);
}

static int migrate(Postgres *p, Err *err)
{
    int r = postgres_exec(p, "BEGIN; " POSTGRES_LOCK, err);
    if (r == 0)
        r = migrate_locked(p, err);
    if (r == 0)
        return postgres_exec(p, "COMMIT", err);
    if (!p->dropped)
        (void)!postgres_exec(p, "ROLLBACK", NULL);
    return r;
}

static int prove_body(SqlStore *s, void *arg, Err *err)
{
    (void)arg;
    return sq_run(s, SQL_PROVE_WRITABLE, SQ_NONE, err);
}

static int open_write(Postgres *p, Err *err)
{
    int64_t schema;
    TRY(postgres_schema(&p->sql, &schema, err));
    if (schema > STORE_SCHEMA)
        return sq_refuse_newer(&p->sql, schema, err);
    if (schema < STORE_SCHEMA)
        TRY(migrate(p, err));
    return sq_transact(&p->sql, "open the store", true, prove_body, NULL, err);
}

static int open_read(Postgres *p, StoreMode mode, Err *err)
{
    int64_t schema;
    TRY(postgres_schema(&p->sql, &schema, err));
    return sq_may_read(&p->sql, schema, mode, err);
}

static int read_patience(Postgres *p, Err *err)
{
    const char *text = getenv("ASSAY_STORE_TIMEOUT");
    p->patience_ns = PATIENCE_NS;
    if (!text || !*text)
        return 0;
    if (fmt_parse_duration(str(text), &p->patience_ns, err) < 0 || p->patience_ns < NS_PER_MS)
        return err_set(err, -EINVAL, "ASSAY_STORE_TIMEOUT=%s is no duration such as 10s", text);
    return 0;
}

/* What libpq says of a URL that it can't read may quote a password: own words instead. */
static int check_url(Postgres *p, Err *err)
{
    PQconninfoOption *options = pq.conninfoParse(p->url, NULL);
    bool good = options != NULL;
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val && (strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "port") == 0))
            good &= !strchr(o->val, '@');
    pq.conninfoFree(options);
    if (good)
        return 0;
    return err_set(err, -EINVAL,
                   "'%s' is no URL of a PostgreSQL store, which is "
                   "postgresql://USER@HOST:PORT/DATABASE?NAME=VALUE with signs such as @ / ? : in "
                   "a part written %%40 %%2F %%3F %%3A",
                   p->sql.path);
}

static int open_any(Postgres *p, StoreMode mode, Err *err)
{
    TRY(check_url(p, err));
    TRY(read_patience(p, err));
    TRY(postgres_connect(p, err));
    TRY(postgres_exec(p, "SET search_path = assay", err));
    return mode == STORE_WRITE ? open_write(p, err) : open_read(p, mode, err);
}

int postgres_store_open(Store **ret, const char *url, StoreMode mode, Err *err)
{
    TRY(libpq_load(err));
    CLEANUP(close_half_open) Postgres *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, -ENOMEM, "no memory for a store");
    p->sql.base.ops = &store_postgresql;
    p->sql.engine = &postgres_engine;
    p->sql.path = postgres_shown_url(&p->sql.arena, url);
    p->sql.doing = "open the store";
    p->url = arena_strdup(&p->sql.arena, url);
    TRY(open_any(p, mode, err));
    *ret = &TAKE(p)->sql.base;
    return 0;
}
