/* Which metrics and statistics may be named: nobody misses a promise that was misspelt. */
#include <errno.h>
#include <string.h>

#include "model/expect.h"
#include "model/metric.h"

static bool is_stat(Str s)
{
    for (const char *const *stat = expect_stats; *stat; stat++)
        if (str_eqz(s, *stat))
            return true;
    return false;
}

int expect_check_stat(Str stat, Err *err)
{
    ptrdiff_t n = 0;
    CLEANUP(strbuf_done) StrBuf list = { .max = 256 };
    for (; expect_stats[n]; n++)
        strbuf_addf(&list, "%s%s", n ? ", " : "", expect_stats[n]);
    if (is_stat(stat))
        return 0;
    const char *near = str_nearest(stat, expect_stats, n);
    return err_set(err, -EINVAL, "no statistic '" STR_FMT "'%s%s%s; there are %s", STR_ARG(stat),
                   near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "",
                   strbuf_z(&list));
}

static ptrdiff_t last_point(Str name)
{
    for (ptrdiff_t i = name.len - 1; i > 0; i--)
        if (name.ptr[i] == '.')
            return i;
    return -1;
}

/* What each kind is measured for. */
static const char *main_metric(const Kind *kind)
{
    return !kind || kind_is_load(*kind) ? "latency" : *kind == KIND_COMMAND ? "wall" : "time";
}

/* "wal.p95" is near "wall.p95", and a lone "p95" is one of the kind's own metric. */
static bool suggest(Str name, const Kind *kind, StrBuf *out)
{
    ptrdiff_t point = last_point(name);
    Str stat = point > 0 ? str_slice(name, point + 1, name.len) : STR("");
    if (is_stat(name)) {
        strbuf_addf(out, "%s." STR_FMT, main_metric(kind), STR_ARG(name));
        return true;
    }
    const char *near = metric_nearest(name, kind);
    if (near)
        strbuf_addz(out, near);
    else if (is_stat(stat) && (near = metric_nearest(str_slice(name, 0, point), kind)))
        strbuf_addf(out, "%s." STR_FMT, near, STR_ARG(stat));
    return near != NULL;
}

/* "wall, cpu, user …", cut where it gets long. */
static void list_metrics(const Kind *kind, StrBuf *out)
{
    enum { ENOUGH = 11 };
    int n = 0;
    for (const MetricDef *d = metric_defs; d->name; d++) {
        if (kind && !metric_of_kind(d, *kind))
            continue;
        if (n++ == ENOUGH) {
            strbuf_addz(out, " …");
            return;
        }
        strbuf_addf(out, "%s%s", n > 1 ? ", " : "", d->name);
    }
}

int expect_refuse_metric(Str name, const Kind *kind, Err *err)
{
    CLEANUP(strbuf_done) StrBuf cure = { .max = 512 };
    name = str_slice(name, 0, MIN(name.len, (ptrdiff_t)60));
    if (suggest(name, kind, &cure) || (kind && suggest(name, NULL, &cure)))
        return err_set(err, -EINVAL, "no metric '" STR_FMT "'; did you mean '%s'?", STR_ARG(name),
                       strbuf_z(&cure));
    list_metrics(kind, &cure);
    return err_set(err, -EINVAL, "no metric '" STR_FMT "'; there are %s", STR_ARG(name),
                   strbuf_z(&cure));
}

int expect_check(const Expect *e, Kind kind, Err *err)
{
    const MetricDef *d = metric_find(e->metric);
    if (!d && kind_is_load(kind))
        d = metric_find_of_stage(e->metric);
    if (kind == KIND_HARNESS)
        return 0;
    if (!d) {
        CLEANUP(strbuf_done) StrBuf name = { 0 };
        strbuf_addf(&name, "%s%s%s", e->metric, e->stat ? "." : "", e->stat ? e->stat : "");
        return expect_refuse_metric(strbuf_str(&name), &kind, err);
    }
    if (metric_of_kind(d, kind))
        return 0;
    static const char *const nouns[] = { [KIND_COMMAND] = "a command",
                                         [KIND_LOAD] = "a load",
                                         [KIND_FUNCTION] = "a function",
                                         [KIND_STREAM] = "a stream" };
    CLEANUP(strbuf_done) StrBuf list = { .max = 512 };
    list_metrics(&kind, &list);
    return err_set(err, -EINVAL, "%s has no %s; it has %s", nouns[kind], e->metric,
                   strbuf_z(&list));
}
