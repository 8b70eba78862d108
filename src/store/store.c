/* Which engine serves a URL. A further engine is one file and one row here. */
#include "store/store.h"

#include <errno.h>
#include <string.h>

#include "store/store_ops.h"

static const StoreOps *const engines[] = { &store_sqlite, &store_postgresql };

static const StoreOps *find_engine(Str scheme)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(engines); i++)
        if (str_eqz(scheme, engines[i]->scheme) ||
            (engines[i]->alias && str_eqz(scheme, engines[i]->alias)))
            return engines[i];
    return NULL;
}

/* "postgresql" of "postgresql://host/db", "sqlite" of "sqlite:file"; empty for a path. A path may
 * have a colon: only a known scheme, or "://" behind it, makes it a URL. */
static Str scheme_of(Str url)
{
    ptrdiff_t colon = str_find_char(url, ':');
    Str scheme = str_slice(url, 0, MAX(colon, (ptrdiff_t)0));
    bool url_like = str_starts(str_slice(url, scheme.len, url.len), STR("://"));
    return find_engine(scheme) || url_like ? scheme : (Str){ NULL, 0 };
}

int store_engine(const char *url, const StoreOps **ret, const char **ret_where, Err *err)
{
    assert(url);
    Str scheme = scheme_of(str(url));
    const StoreOps *ops = scheme.len ? find_engine(scheme) : &store_sqlite;
    if (!ops)
        return err_set(err, -EPROTONOSUPPORT,
                       "'%s': this build has no store '" STR_FMT
                       "'; give a path, sqlite:PATH or postgresql://USER@HOST/DATABASE",
                       url, STR_ARG(scheme));
    *ret = ops;
    *ret_where = ops->remote || !scheme.len ? url : url + scheme.len + 1;
    return 0;
}

int store_open(Store **ret, const char *url, StoreMode mode, Err *err)
{
    const StoreOps *ops;
    const char *where;
    TRY(store_engine(url, &ops, &where, err));
    return ops->open(ret, where, mode, err);
}

Store *store_close(Store *s)
{
    if (s)
        s->ops->close(s);
    return NULL;
}

void store_closep(Store **s)
{
    *s = store_close(*s);
}

int store_run_begin(Store *s, const Run *r, Err *err)
{
    return s->ops->run_begin(s, r, err);
}

int store_trial_add(Store *s, const Run *r, const CaseResult *c, const Trial *t, Err *err)
{
    return s->ops->trial_add(s, r, c, t, err);
}

int store_run_finish(Store *s, const Run *r, Err *err)
{
    return s->ops->run_finish(s, r, err);
}

int store_run_load(Store *s, const char *ref, const char *suite, Run **ret, Err *err)
{
    return s->ops->run_load(s, ref, suite, ret, err);
}

int store_run_list(Store *s, Arena *a, ptrdiff_t limit, RunInfo **ret, ptrdiff_t *ret_n, Err *err)
{
    return s->ops->run_list(s, a, limit, ret, ret_n, err);
}

int store_baseline_set(Store *s, const char *name, const char *run_id, Err *err)
{
    return s->ops->baseline_set(s, name, run_id, err);
}

int store_baseline_keep(Store *s, const BaselineInfo *b, Err *err)
{
    return s->ops->baseline_keep(s, b, err);
}

int store_baseline_remove(Store *s, const char *name, Err *err)
{
    return s->ops->baseline_remove(s, name, err);
}

int store_baseline_list(Store *s, Arena *a, BaselineInfo **ret, ptrdiff_t *ret_n, Err *err)
{
    return s->ops->baseline_list(s, a, ret, ret_n, err);
}

int store_history(Store *s, Arena *a, const HistoryQuery *q, History *ret, Err *err)
{
    return s->ops->history(s, a, q, ret, err);
}

int store_triage_set(Store *s, const Triage *t, Err *err)
{
    return s->ops->triage_set(s, t, err);
}

int store_triage_list(Store *s, Arena *a, TriageList *ret, Err *err)
{
    return s->ops->triage_list(s, a, ret, err);
}

int store_regressed_list(Store *s, Arena *a, TriageAsk **ret, ptrdiff_t *ret_n, Err *err)
{
    return s->ops->regressed_list(s, a, ret, ret_n, err);
}
