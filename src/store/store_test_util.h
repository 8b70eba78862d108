/* For tests of stores: folders that go away, SQL behind the store's back, runs stored as the lab
 * stores them. */
#pragma once

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "model/run_json.h"
#include "model/run_sample.h"
#include "store/upkeep.h"

typedef struct TmpDir {
    char path[64];
    char db[256]; /* path or URL of a store that is not there yet */
} TmpDir;

/* The engine under test: SQLite, or with a URL in ASSAY_TEST_STORE the databases that we make of
 * the server it names. */
UNUSED static bool on_server(void)
{
    return getenv("ASSAY_TEST_STORE") != NULL;
}

#if __has_include(<libpq-fe.h>)
#include <poll.h>

#include "base/libpq.h"

static PGconn *server_connect(const char *url)
{
    static const char *const keywords[] = { "dbname", NULL };
    const char *const values[] = { url, NULL };
    PGconn *c = libpq_load(NULL) == 0 ? pq.connectStartParams(keywords, values, 1) : NULL;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (c && (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING)) {
        struct pollfd fd = { pq.socket(c), next == PGRES_POLLING_READING ? POLLIN : POLLOUT, 0 };
        if (poll(&fd, 1, -1) < 0 && errno != EINTR)
            break;
        next = pq.connectPoll(c);
    }
    return c;
}

/* First column of the last result's first row, or what went wrong. */
static void server_ask(const char *url, const char *text, char *answer, size_t size)
{
    PGconn *c = server_connect(url);
    answer[0] = '\0';
    if (!c || !pq.sendQuery(c, text))
        snprintf(answer, size, "%s", c ? pq.errorMessage(c) : "no libpq");
    for (PGresult *r; c && (r = pq.getResult(c)) != NULL; pq.clear(r)) {
        if (pq.resultStatus(r) == PGRES_FATAL_ERROR)
            snprintf(answer, size, "%s", pq.errorMessage(c));
        if (pq.resultStatus(r) == PGRES_TUPLES_OK && pq.ntuples(r) > 0)
            snprintf(answer, size, "%s", pq.getvalue(r, 0, 0));
    }
    if (c)
        pq.finish(c);
}
#else
static void server_ask(const char *url, const char *text, char *answer, size_t size)
{
    snprintf(answer, size, "no libpq for %s of %s", text, url);
}
#endif

/* Another store beside the first: a file, or a database, that is not there yet. */
UNUSED static void tmp_store(const TmpDir *d, const char *name, char *ret, size_t size)
{
    static int made;
    char text[128], answer[256];
    const char *server = getenv("ASSAY_TEST_STORE"), *query;
    if (!server) {
        snprintf(ret, size, "%s/s/%s.db", d->path, name);
        return;
    }
    snprintf(text, sizeof text, "CREATE DATABASE assay_%d_%d", (int)getpid(), made);
    server_ask(server, text, answer, sizeof answer);
    if (answer[0])
        fprintf(stderr, "# %s\n", answer);
    query = strchr(server, '?'); /* postgresql://USER@/postgres?host=…&port=… */
    ptrdiff_t place = strrchr(server, '/') > query ? strchr(server + 13, '/') - server + 1
                                                   : strrchr(server, '/') - server + 1;
    snprintf(ret, size, "%.*sassay_%d_%d%s", (int)place, server, (int)getpid(), made++,
             query ? query : "");
}

UNUSED static TmpDir tmp_dir(void)
{
    TmpDir d = { .path = "/tmp/assay-store-XXXXXX" };
    if (!mkdtemp(d.path))
        abort();
    tmp_store(&d, "assay", d.db, sizeof d.db);
    return d;
}

UNUSED static void tmp_gone(TmpDir *d)
{
    if (fs_remove_tree(d->path, NULL) < 0)
        abort();
}

/* The same on a server, whose tables are in a schema and whose bytes are written otherwise. */
static const char *server_sql(const char *url, const char *text)
{
    static char answer[256];
    char whole[1024], *hex;
    snprintf(whole, sizeof whole, "SET search_path = assay; SET client_min_messages = error; %s",
             text);
    while ((hex = strstr(whole, " x'")) != NULL) { /* x'00' is '\x00' */
        char rest[1024];
        snprintf(rest, sizeof rest, "%s", hex + 3);
        snprintf(hex, sizeof whole - (size_t)(hex - whole), "'\\x%s", rest);
    }
    server_ask(url, whole, answer, sizeof answer);
    return answer;
}

/* First column of the first row as text; "" when there is none. Statements in passing. */
UNUSED static const char *sql(const char *path, const char *text)
{
    static char answer[256];
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    if (strncmp(path, "postgresql:", 11) == 0)
        return server_sql(path, text);
    answer[0] = '\0';
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, text, -1, &q, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(db, 10000);
        if (sqlite3_step(q) == SQLITE_ROW)
            snprintf(answer, sizeof answer, "%s", (const char *)sqlite3_column_text(q, 0));
    } else {
        snprintf(answer, sizeof answer, "%s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(q);
    sqlite3_close(db);
    return answer;
}

/* Faults that verifying finds; -1 when it can't. */
UNUSED static ptrdiff_t count_faults(const char *db)
{
    CLEANUP(store_closep) Store *s = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    StoreFaults f = { 0 };
    Err err = { 0 };
    if (store_open(&s, db, STORE_LOOK, &err) < 0 || store_verify(s, &a, &f, &err) < 0) {
        fprintf(stderr, "# %s\n", err.msg);
        return -1;
    }
    for (ptrdiff_t i = 0; i < f.n; i++)
        fprintf(stderr, "# %s\n", f.v[i]);
    return f.n;
}

/* What SQLite itself says; a server guards its pages and keys. */
UNUSED static bool is_intact(const char *db)
{
    return on_server() ||
           (strcmp(sql(db, "PRAGMA integrity_check"), "ok") == 0 &&
            strcmp(sql(db, "SELECT count(*) FROM pragma_foreign_key_check"), "0") == 0);
}

/* All trials of the run, in order of execution. */
UNUSED static int store_trials(Store *s, const Run *r, Err *err)
{
    for (uint32_t seq = 0;; seq++) {
        bool found = false;
        for (ptrdiff_t c = 0; c < r->n_cases; c++)
            for (ptrdiff_t t = 0; t < r->cases[c]->n_trials; t++) {
                if (r->cases[c]->trials[t]->seq != seq)
                    continue;
                found = true;
                TRY(store_trial_add(s, r, r->cases[c], r->cases[c]->trials[t], err));
            }
        if (!found)
            return 0;
    }
}

UNUSED static int store_whole(Store *s, const Run *r, Err *err)
{
    TRY(store_run_begin(s, r, err));
    TRY(store_trials(s, r, err));
    return store_run_finish(s, r, err);
}

UNUSED static void run_text(const Run *r, StrBuf *out)
{
    CLEANUP(json_free) json_t *j = run_to_json(r);
    strbuf_clear(out);
    if (json_print(j, out, NULL) < 0)
        abort();
}

/* Does the run load as the same document? Err says where it differs. */
UNUSED static bool loads_the_same(Store *s, const Run *r, Err *err)
{
    CLEANUP(run_freep) Run *back = NULL;
    CLEANUP(strbuf_done) StrBuf was = { 0 }, is = { 0 };
    if (store_run_load(s, r->id, NULL, &back, err) != 0)
        return false;
    run_text(r, &was);
    run_text(back, &is);
    ptrdiff_t at = 0;
    while (at < was.len && at < is.len && was.ptr[at] == is.ptr[at])
        at++;
    if (was.len == is.len && at == was.len)
        return true;
    at = MAX(at - 100, (ptrdiff_t)0);
    err_set(err, -EBADMSG, "was: %.200s\nis: %.200s", strbuf_z(&was) + at,
            strbuf_z(&is) + MIN(at, is.len));
    return false;
}
