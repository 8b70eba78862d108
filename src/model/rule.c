#include "model/rule.h"

#include <math.h>
#include <string.h>

#include "base/fmt.h"
#include "model/expect.h"
#include "model/metric.h"
#include "model/names.h"

static const char *const severity_names[] = { "none", "notice", "warning", "critical" };
static const char *const action_names[] = { "none", "log", "review", "block" };

const RuleSet *rules_default(void)
{
    static Rule rows[] = {
        { SEVERITY_CRITICAL, ACTION_BLOCK, RULE_ANY, +0.10 },
        { SEVERITY_CRITICAL, ACTION_BLOCK, RULE_ANY, -0.10 },
        { SEVERITY_WARNING, ACTION_REVIEW, RULE_ANY, +0.05 },
        { SEVERITY_WARNING, ACTION_REVIEW, RULE_ANY, -0.05 },
    };
    static const RuleSet set = { .v = rows, .n = ARRAY_LEN(rows), .cap = ARRAY_LEN(rows) };
    return &set;
}

#define CRITICAL(METRIC, CHANGE)                                                                   \
    {                                                                                              \
        SEVERITY_CRITICAL, ACTION_BLOCK, METRIC, CHANGE                                            \
    }
#define WARNING(METRIC, CHANGE)                                                                    \
    {                                                                                              \
        SEVERITY_WARNING, ACTION_REVIEW, METRIC, CHANGE                                            \
    }
#define NOTICE(METRIC, CHANGE)                                                                     \
    {                                                                                              \
        SEVERITY_NOTICE, ACTION_LOG, METRIC, CHANGE                                                \
    }
#define SET(ROWS)                                                                                  \
    {                                                                                              \
        .v = ROWS, .n = ARRAY_LEN(ROWS), .cap = ARRAY_LEN(ROWS)                                    \
    }

const char *const rules_names[] = { "tiered", "magnitude", "per-benchmark", NULL };

const RuleSet *rules_named(Str name)
{
    static Rule tiered[] = {
        CRITICAL("latency", +0.20),    WARNING("latency", +0.10),    NOTICE("latency", +0.05),
        CRITICAL("wall", +0.20),       WARNING("wall", +0.10),       NOTICE("wall", +0.05),
        CRITICAL("time", +0.20),       WARNING("time", +0.10),       NOTICE("time", +0.05),
        CRITICAL("throughput", -0.15), WARNING("throughput", -0.05), CRITICAL("error_rate", +1.00),
        WARNING("error_rate", +0.50),  WARNING("cpu", +0.10),        WARNING("target.cpu", +0.10),
    };
    static Rule magnitude[] = {
        CRITICAL(RULE_ANY, +0.50), CRITICAL(RULE_ANY, -0.50), WARNING(RULE_ANY, +0.20),
        WARNING(RULE_ANY, -0.20),  NOTICE(RULE_ANY, +0.10),   NOTICE(RULE_ANY, -0.10),
    };
    static Rule per_benchmark[] = {
        CRITICAL(RULE_ANY, +0.50),
        CRITICAL(RULE_ANY, -0.50),
        WARNING(RULE_ANY, +0.15),
        WARNING(RULE_ANY, -0.15),
    };
    static const RuleSet sets[] = { SET(tiered), SET(magnitude), SET(per_benchmark) };
    static_assert(ARRAY_LEN(sets) == ARRAY_LEN(rules_names) - 1, "a name for each");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(sets); i++)
        if (str_eqz(name, rules_names[i]))
            return &sets[i];
    return NULL;
}

bool rule_is_about(const Rule *r, const char *case_name)
{
    if (!r->cases)
        return true;
    Str name = str(case_name), benchmark = name, glob = str(r->cases);
    ptrdiff_t slash = str_find(name, STR("/"));
    if (slash >= 0)
        benchmark = str_slice(name, 0, slash);
    return str_glob(glob, name) || str_glob(glob, benchmark);
}

static ptrdiff_t pick(const RuleSet *set, const char *case_name, bool own, const Rule **out)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; set && i < set->n; i++) {
        const Rule *r = &set->v[i];
        if (!r->reason && own == (r->cases != NULL) && rule_is_about(r, case_name))
            out[n++] = r;
    }
    return n;
}

ptrdiff_t rules_for(const RuleSet *set, const char *case_name, Arena *a, const Rule ***ret)
{
    const RuleSet *others = rules_default();
    const Rule **out = ARENA_ARRAY(a, const Rule *, MAX(set ? set->n : 0, others->n));
    ptrdiff_t n = pick(set, case_name, true, out);
    n = n ? n : pick(set, case_name, false, out);
    *ret = out;
    return n ? n : pick(others, case_name, false, out);
}

/* "latency" covers "latency.p99" as well. */
static bool is_on(const Rule *r, Str metric)
{
    Str own = str(r->metric);
    return str_eqz(own, RULE_ANY) || str_eq(own, metric) ||
           (str_starts(metric, own) && metric.ptr[own.len] == '.');
}

const Rule *rules_exception(const RuleSet *set, const char *case_name, const char *metric,
                            uint64_t at_wall_ns)
{
    for (ptrdiff_t i = 0; set && i < set->n; i++) {
        const Rule *r = &set->v[i];
        bool over = r->until_wall_ns && at_wall_ns >= r->until_wall_ns;
        if (r->reason && !over && rule_is_about(r, case_name) && is_on(r, str(metric)))
            return r;
    }
    return NULL;
}

/* The well-known metric that the rule names, and the statistic behind it (ptr NULL: none). */
static const MetricDef *def_of(const Rule *r, Str *stat)
{
    Str name = str(r->metric);
    *stat = (Str){ 0 };
    for (const MetricDef *d = metric_defs; d->name; d++) {
        Str head = str(d->name);
        if (str_eq(name, head))
            return d;
    }
    for (const MetricDef *d = metric_defs; d->name; d++) {
        Str head = str(d->name);
        if (!str_starts(name, head) || name.ptr[head.len] != '.')
            continue;
        *stat = str_slice(name, head.len + 1, name.len);
        return d;
    }
    return NULL;
}

static bool is_any(const Rule *r)
{
    return str_eqz(str(r->metric), RULE_ANY);
}

int rule_check_metric(const Rule *r, Err *err)
{
    Str stat;
    if (is_any(r))
        return 0;
    const MetricDef *d = def_of(r, &stat);
    if (!d)
        return expect_refuse_metric(str(r->metric), NULL, err);
    if (stat.ptr)
        TRY(expect_check_stat(stat, err));
    if (d->better == BETTER_NONE)
        return err_set(err, -EINVAL, "%s has no direction, it can't regress", d->name);
    return 0;
}

int rule_check_sign(const Rule *r, Err *err)
{
    Str stat;
    const MetricDef *d = is_any(r) ? NULL : def_of(r, &stat);
    bool lower = d && d->better == BETTER_LOWER;
    if (!d || (r->change > 0) == lower)
        return 0;
    char n[FMT_MAX];
    return err_set(err, -EINVAL, "%s is better when %s: write %c%s", d->name,
                   better_name(d->better), lower ? '+' : '-', fmt_share_exact(n, fabs(r->change)));
}

/* Latencies have many values per trial, of which the median and two tails are kept. */
static bool is_distribution(const MetricDef *d)
{
    return strcmp(d->unit, "ns") == 0 && metric_of_kind(d, KIND_LOAD);
}

bool rule_is_judged(const Rule *r)
{
    static const char *const kept[] = { "median", "p50", "p95", "p99" };
    Str stat;
    const MetricDef *d = is_any(r) ? NULL : def_of(r, &stat);
    if (!d || d->better == BETTER_NONE)
        return is_any(r);
    if (!stat.ptr || !is_distribution(d))
        return !stat.ptr || !str_eqz(stat, "stddev");
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kept); i++)
        if (str_eqz(stat, kept[i]))
            return true;
    return false;
}

bool rule_is_time(const Rule *r)
{
    Str stat;
    const MetricDef *d = is_any(r) ? NULL : def_of(r, &stat);
    return d && strcmp(d->unit, "ns") == 0;
}

const char *severity_name(Severity s)
{
    assert(s <= SEVERITY_CRITICAL);
    return severity_names[s];
}

const char *action_name(Action a)
{
    assert(a <= ACTION_BLOCK);
    return action_names[a];
}

int severity_parse(const char *text, Severity *ret)
{
    int i = name_index(severity_names, ARRAY_LEN(severity_names), text);
    if (i < 0)
        return i;
    *ret = (Severity)i;
    return 0;
}

int action_parse(const char *text, Action *ret)
{
    int i = name_index(action_names, ARRAY_LEN(action_names), text);
    if (i < 0)
        return i;
    *ret = (Action)i;
    return 0;
}
