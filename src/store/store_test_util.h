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
#include "store/store.h"

typedef struct TmpDir {
    char path[64];
    char db[96];
} TmpDir;

UNUSED static TmpDir tmp_dir(void)
{
    TmpDir d = { .path = "/tmp/assay-store-XXXXXX" };
    if (!mkdtemp(d.path))
        abort();
    snprintf(d.db, sizeof d.db, "%s/s/assay.db", d.path);
    return d;
}

UNUSED static void tmp_gone(TmpDir *d)
{
    if (fs_remove_tree(d->path, NULL) < 0)
        abort();
}

/* First column of the first row as text; "" when there is none. Statements in passing. */
UNUSED static const char *sql(const char *path, const char *text)
{
    static char answer[256];
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
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
