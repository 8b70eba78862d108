/* Storing by way of the spool: a store whose runs are written beside the suite and brought to the
 * server when they end. */
#include "store/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "store/spool_file.h"

typedef struct Spool {
    Store base; /* first: a Store * is a Spool * */
    Arena arena;
    const char *url, *folder;
    Store *to;   /* NULL while the server is out of reach */
    Store *run;  /* the file of the run at hand, or NULL */
    bool direct; /* no file can be made here: the run at hand goes straight to the server */
    Arena paths; /* of that file's names */
    SpoolFile file;
} Spool;

/* A run that did not end stays; it is drained as one that was cut off. */
static void leave_run(Spool *s)
{
    s->run = store_close(s->run);
    s->direct = false;
    spool_unlock(&s->file.lock_fd);
    arena_done(&s->paths);
}

static void close_spool(Store *base)
{
    Spool *s = (Spool *)base;
    leave_run(s);
    store_close(s->to);
    arena_done(&s->arena);
    free(s);
}

static int refuse_known(Spool *s, const Run *r, Err *err)
{
    Err why = { 0 };
    int there = s->to ? s->to->ops->run_there(s->to, r->id, &why) : 0;
    if (there == STORE_THERE)
        return err_set(err, -EEXIST, "run %s is stored in '%s' already", r->id,
                       store_shown(&s->paths, s->url));
    if (there < 0) /* asked again when the run ends */
        s->to = store_close(s->to);
    if (fs_exists(s->file.db))
        return err_set(err, -EEXIST, "run %s waits in '%s' already", r->id, s->file.db);
    return 0;
}

static int begin_file(Spool *s, const Run *r, Err *err)
{
    TRY(spool_make_folder(s->folder, s->url, err));
    TRY(spool_lock(s->file.live, &s->file.lock_fd, err)); /* before there is anything to drain */
    TRY(store_sqlite.open(&s->run, s->file.db, STORE_WRITE, err));
    return s->run->ops->run_begin(s->run, r, err);
}

/* Where there is no room or right for a file, a server that is there takes the run as it goes on.
 */
static int begin_run(Spool *s, const Run *r, Err *err)
{
    TRY(refuse_known(s, r, err));
    int res = begin_file(s, r, err);
    if (res == 0 || !s->to)
        return res;
    s->direct = s->to->ops->run_begin(s->to, r, err) == 0;
    return s->direct ? 0 : res;
}

static int spool_run_begin(Store *base, const Run *r, Err *err)
{
    Spool *s = (Spool *)base;
    leave_run(s);
    s->file = spool_file_of_run(&s->paths, s->folder, r->id);
    int res = begin_run(s, r, err);
    if (res < 0)
        leave_run(s);
    return res;
}

static int spool_trial_add(Store *base, const Run *r, const CaseResult *c, const Trial *t, Err *err)
{
    Spool *s = (Spool *)base;
    Store *where = s->direct ? s->to : s->run;
    return where->ops->trial_add(where, r, c, t, err);
}

/* The connection may have died of age while the run went on: once more over a new one. */
static int bring(Spool *s, Err *err)
{
    DrainResult done = { 0 };
    int r = s->to ? spool_bring(s->to, s->file.db, &done, err) : -EHOSTUNREACH;
    if (r != -EHOSTUNREACH)
        return r;
    s->to = store_close(s->to);
    TRY(store_open(&s->to, s->url, STORE_WRITE, err));
    return spool_bring(s->to, s->file.db, &done, err);
}

/* The file could not take all of it (a full disk), but the run is in memory still. */
static int bring_from_memory(Spool *s, const Run *r, int failed)
{
    Err why = { 0 };
    if (!s->to || s->to->ops->run_add(s->to, r, &why) < 0)
        return failed;
    s->run = store_close(s->run);
    spool_remove(&s->paths, &s->file);
    return 0;
}

static int bring_file(Spool *s, const Run *r, Err *err)
{
    Err why = { 0 };
    s->run = store_close(s->run);
    int res = bring(s, &why);
    if (res == 0) {
        spool_remove(&s->paths, &s->file);
        return 0;
    }
    err_set(err, res,
            "%s. Run %s is whole in '%s': the next command that opens that store brings it there, "
            "and so does 'assay db drain'",
            why.msg, r->id, s->file.db);
    return STORE_SPOOLED;
}

static int spool_run_finish(Store *base, const Run *r, Err *err)
{
    Spool *s = (Spool *)base;
    if (!s->run && !s->direct)
        return err_set(err, -ENOENT, "run %s was not begun", r->id);
    Store *where = s->direct ? s->to : s->run;
    int res = where->ops->run_finish(where, r, err);
    if (!s->direct)
        res = res < 0 ? bring_from_memory(s, r, res) : bring_file(s, r, err);
    leave_run(s);
    return res;
}

static const StoreOps spool_ops = {
    .scheme = "spool",
    .summary = "on the way to a server's store",
    .close = close_spool,
    .run_begin = spool_run_begin,
    .trial_add = spool_trial_add,
    .run_finish = spool_run_finish,
};

Store *spool_server(Store *s)
{
    assert(s->ops == &spool_ops);
    return ((Spool *)s)->to;
}

int spool_open(Store **ret, const char *url, const char *folder, Err *err)
{
    Store *to = NULL;
    int r = store_open(&to, url, STORE_WRITE, err);
    if (!store_is_remote(url) || (r < 0 && r != -EHOSTUNREACH)) {
        if (r == 0)
            *ret = to;
        return r;
    }
    Spool *s = calloc(1, sizeof *s);
    if (!s) {
        store_close(to);
        return err_set(err, -ENOMEM, "no memory for a spool");
    }
    s->base.ops = &spool_ops;
    s->url = arena_strdup(&s->arena, url);
    s->folder = spool_folder(&s->arena, folder, url);
    s->to = to;
    s->file.lock_fd = -1;
    *ret = &s->base;
    return r < 0 ? STORE_SPOOLED : 0;
}
