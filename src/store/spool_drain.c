/* Bringing what waits in the spool to where it belongs. */
#include <errno.h>

#include "base/clock.h"
#include "base/fs.h"
#include "store/postgres_url.h"
#include "store/spool_file.h"

bool store_is_remote(const char *url)
{
    return postgres_is_url(url);
}

const char *store_shown(Arena *a, const char *url)
{
    return postgres_is_url(url) ? postgres_shown_url(a, url) : url;
}

static int bring_run(Store *from, Store *to, const char *id, DrainResult *ret, Err *err)
{
    CLEANUP(run_freep) Run *r = NULL;
    int found = from->ops->run_load(from, id, NULL, &r, err);
    if (found)
        return found < 0 ? found : -EBADMSG;
    int res = to->ops->run_add(to, r, err);
    if (res < 0)
        return err_wrap(err, "run %s", id);
    ret->brought += res == 0;
    ret->there += res == STORE_THERE;
    return 0;
}

int spool_bring(Store *to, const char *db, DrainResult *ret, Err *err)
{
    CLEANUP(store_closep) Store *from = NULL;
    CLEANUP(arena_done) Arena a = { 0 };
    RunInfo *v;
    ptrdiff_t n;
    TRY(store_sqlite.open(&from, db, STORE_WRITE, err)); /* its writer may have been killed */
    TRY(from->ops->run_list(from, &a, PTRDIFF_MAX, &v, &n, err));
    for (ptrdiff_t i = n; i > 0; i--)
        TRY(bring_run(from, to, v[i - 1].id, ret, err));
    return 0;
}

/* What a later try won't mend by itself either, but concerns one run alone. */
static bool is_of_this_run(int r)
{
    return r != -EHOSTUNREACH && r != -ENOSPC && r != -EACCES && r != -EROFS && r != -ENXIO;
}

typedef struct Drain {
    Store *to;
    const char *folder;
    Arena *a;
    DrainResult *ret;
    Err *err;   /* of the first that could not be brought */
    int failed; /* its code */
} Drain;

static void note_failure(Drain *d, int r, const Err *why)
{
    if (d->failed == 0)
        err_set(d->err, r, "%s", why->msg);
    d->failed = d->failed ? d->failed : r;
}

/* Returns false when going on is no use. */
static bool drain_file(Drain *d, const char *name)
{
    SpoolFile f = spool_file_named(d->a, d->folder, name);
    Err why = { 0 };
    int r = spool_lock(f.live, &f.lock_fd, &why);
    if (r == -EBUSY || (r == 0 && !fs_exists(f.db))) { /* its run goes on, or was just brought */
        spool_unlock(&f.lock_fd);
        return true;
    }
    if (r == 0)
        r = spool_bring(d->to, f.db, d->ret, &why);
    if (r == 0) {
        spool_remove(d->a, &f);
    } else if (r == -EBADMSG) {
        const char *where = spool_set_aside(d->a, d->folder, name, &f);
        const char *text = arena_printf(d->a, "%s (now '%s')", why.msg, where);
        ARENA_PUSH(d->a, d->ret->bad, d->ret->n_bad, d->ret->cap_bad, text);
    } else {
        note_failure(d, r, &why);
    }
    spool_unlock(&f.lock_fd);
    return r == 0 || is_of_this_run(r);
}

static int drain_all(Drain *d, const DrainOpts *o)
{
    ptrdiff_t n;
    const char **names = spool_list(d->a, d->folder, &n);
    uint64_t start = clock_mono_ns();
    for (ptrdiff_t i = 0; i < n; i++) {
        bool late = o->limit_ns && clock_mono_ns() - start > o->limit_ns;
        if (late || (o->stop && *o->stop) || !drain_file(d, names[i]))
            break;
    }
    spool_list(d->a, d->folder, &d->ret->left);
    return d->failed;
}

ptrdiff_t spool_count(const char *url, const char *folder)
{
    CLEANUP(arena_done) Arena a = { 0 };
    ptrdiff_t n = 0;
    if (postgres_is_url(url))
        spool_list(&a, spool_folder(&a, folder, url), &n);
    return n;
}

int spool_drain(Store *to, const char *url, const char *folder, const DrainOpts *o, Arena *a,
                DrainResult *ret, Err *err)
{
    Err why = { 0 };
    Drain d = { to, spool_folder(a, folder, url), a, ret, &why, 0 };
    int fd = -1;
    *ret = (DrainResult){ 0 };
    if (spool_count(url, folder) == 0)
        return 0;
    int r = spool_lock(arena_printf(a, "%s/lock", d.folder), &fd, &why);
    ret->busy = r == -EBUSY;
    if (r == 0)
        r = drain_all(&d, o);
    spool_unlock(&fd);
    return ret->busy || r == 0 ? 0 : err_set(err, r, "%s", why.msg);
}
