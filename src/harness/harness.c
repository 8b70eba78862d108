#include "harness/harness.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "harness/harvest.h"

enum { TAKEN_ABOVE = 50, EMPTY = 1 };

const HarnessFormat *harness_find(const char *name)
{
    for (const HarnessFormat *const *f = harness_formats; *f; f++)
        if (strcmp((*f)->name, name) == 0)
            return *f;
    return NULL;
}

const HarnessFormat *harness_recognise(const HarnessInput *in)
{
    const HarnessFormat *best = NULL;
    int most = TAKEN_ABOVE;
    for (const HarnessFormat *const *f = harness_formats; *f; f++) {
        int sure = (*f)->recognise(in);
        if (sure > most) {
            most = sure;
            best = *f;
        }
    }
    return best;
}

/* The format asked for, or found; NULL with err set. */
static const HarnessFormat *find_format(const HarnessInput *in, const HarnessFormat *asked,
                                        Err *err)
{
    const HarnessFormat *f = asked ? asked : harness_recognise(in);
    if (!f && in->json_err.code < 0)
        err_set(err, -EINVAL, "%s", in->json_err.msg);
    else if (!f)
        err_set(err, -EINVAL, "'%s' is no result in a format that is known (assay import --list)",
                in->path);
    return f;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The id follows from content and date, so that reading a file again gives the same run. */
static int date_and_name(const HarnessInput *in, Run *r, ptrdiff_t at, Err *err)
{
    if (!r->started_wall_ns) {
        r->started_wall_ns = in->wall_ns ? in->wall_ns : clock_wall_ns();
        strmap_set(&r->arena, &r->tags, "dated_by", in->wall_ns ? "file" : "import");
    }
    Run *named = NULL;
    TRY(run_new(&named, "", in->hash + (uint64_t)at, r->started_wall_ns, err));
    memcpy(r->id, named->id, sizeof r->id);
    run_free(named);
    if (r->finished_wall_ns < r->started_wall_ns)
        r->finished_wall_ns = r->started_wall_ns;
    return 0;
}

/* EMPTY when there is no result in it. */
static int read_one(const HarnessInput *in, const HarnessFormat *f, ptrdiff_t at, Run **ret,
                    Err *err)
{
    CLEANUP(run_freep) Run *r = NULL;
    Harvest h;
    TRY(run_new(&r, f->name, 0, 0, err));
    harvest_begin(&h, r, f, at);
    harvest_tag(&h, "producer", str(f->producer));
    if (f->read(in, &h, err) < 0)
        return err_wrap(err, "%s as %s", in->path, f->name);
    if (r->n_cases == 0)
        return EMPTY;
    r->stop_rule = arena_printf(&r->arena, "%s's own", h.method);
    harvest_tag(&h, "format", str(f->name));
    harvest_tag(&h, "source", str(file_name(in->path)));
    harvest_number(&h);
    TRY(date_and_name(in, r, h.at, err));
    TRY(run_summarise(r, err));
    *ret = TAKE(r);
    return 0;
}

int harness_read(const HarnessInput *in, const HarnessFormat *format, Run **ret, Err *err)
{
    const HarnessFormat *f = find_format(in, format, err);
    if (!f)
        return -EINVAL;
    int r = read_one(in, f, f->count ? HARVEST_NEWEST : 0, ret, err);
    return r == EMPTY ? err_set(err, -EINVAL, "%s as %s: holds no result", in->path, f->name) : r;
}

int harness_read_history(const HarnessInput *in, const HarnessFormat *format, HarnessRunFn *each,
                         void *user, Err *err)
{
    const HarnessFormat *f = find_format(in, format, err);
    if (!f)
        return -EINVAL;
    ptrdiff_t n = f->count ? f->count(in) : 1, taken = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        CLEANUP(run_freep) Run *r = NULL;
        TRY(read_one(in, f, i, &r, err));
        if (r)
            TRY(each(r, user, err));
        taken += r != NULL;
    }
    return taken ? 0 : err_set(err, -EINVAL, "%s as %s: holds no result", in->path, f->name);
}
