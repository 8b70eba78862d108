#include "harness/harvest.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "stats/summary.h"

void harvest_begin(Harvest *h, Run *run, const HarnessFormat *f, ptrdiff_t at)
{
    *h = (Harvest){ .run = run, .method = f->producer, .at = at };
}

void harvest_number(Harvest *h)
{
    uint32_t seq = 0;
    for (ptrdiff_t i = 0; i < h->run->n_cases; i++)
        for (ptrdiff_t k = 0; k < h->run->cases[i]->n_trials; k++) {
            h->run->cases[i]->trials[k]->round = (uint32_t)k;
            h->run->cases[i]->trials[k]->seq = seq++;
        }
}

const char *harvest_text(Harvest *h, Str text)
{
    text = str_trim(text);
    return text.len ? arena_str(&h->run->arena, text) : NULL;
}

void harvest_tag(Harvest *h, const char *key, Str value)
{
    const char *v = harvest_text(h, value);
    if (v)
        strmap_set(&h->run->arena, &h->run->tags, arena_strdup(&h->run->arena, key), v);
}

/* --- dates --- */

static bool digits_at(Str s, ptrdiff_t at, ptrdiff_t n)
{
    for (ptrdiff_t i = at; i < at + n; i++)
        if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return true;
}

/* "+09:00", "-0700", "+09", "Z", "" or anything: seconds east of Greenwich. */
static int64_t zone_seconds(Str z)
{
    z = str_trim(z);
    uint64_t hours, minutes = 0;
    if (z.len < 3 || (z.ptr[0] != '+' && z.ptr[0] != '-') || !digits_at(z, 1, 2))
        return 0;
    ptrdiff_t m = z.len > 3 && z.ptr[3] == ':' ? 4 : 3;
    if (str_to_u64(str_slice(z, 1, 3), &hours) < 0 ||
        (digits_at(z, m, 2) && str_to_u64(str_slice(z, m, m + 2), &minutes) < 0))
        return 0;
    int64_t s = (int64_t)(hours * 3600 + minutes * 60);
    return z.ptr[0] == '-' ? -s : s;
}

uint64_t harvest_parse_date(Str s)
{
    enum { SECONDS_END = 19, FRACTION_MAX = 9 };
    char iso[CLOCK_ISO_MAX];
    s = str_trim(s);
    if (s.len < SECONDS_END || (s.ptr[10] != 'T' && s.ptr[10] != ' '))
        return 0;
    ptrdiff_t n = SECONDS_END, at = SECONDS_END;
    memcpy(iso, s.ptr, SECONDS_END);
    iso[10] = 'T';
    if (at + 1 < s.len && s.ptr[at] == '.' && digits_at(s, at + 1, 1)) {
        iso[n++] = '.';
        for (at++; digits_at(s, at, 1); at++)
            if (n <= SECONDS_END + FRACTION_MAX)
                iso[n++] = s.ptr[at];
    }
    memcpy(iso + n, "Z", 2);
    uint64_t ns;
    int64_t east = zone_seconds(str_slice(s, at, s.len));
    if (clock_iso_parse(iso, &ns) < 0 || ns < (uint64_t)86400 * NS_PER_S * 2)
        return 0;
    return ns - (uint64_t)east * NS_PER_S;
}

void harvest_date(Harvest *h, Str text)
{
    uint64_t ns = harvest_parse_date(text);
    if (ns)
        h->run->started_wall_ns = ns;
}

void harvest_epoch(Harvest *h, double since_1970, uint64_t unit_ns)
{
    const double y1980 = 315532800e9, y2200 = 7258118400e9, ns = since_1970 * (double)unit_ns;
    if (ns >= y1980 && ns < y2200) {
        double whole = floor(since_1970);
        h->run->started_wall_ns =
            (uint64_t)whole * unit_ns + (uint64_t)((since_1970 - whole) * (double)unit_ns + 0.5);
    }
}

/* --- cases --- */

static uint64_t hash_name(const char *s)
{
    uint64_t x = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *s; s++)
        x = (x ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return x;
}

static CaseResult **slot_of(CaseResult **slots, ptrdiff_t n, const char *name)
{
    ptrdiff_t i = (ptrdiff_t)(hash_name(name) & (uint64_t)(n - 1));
    while (slots[i] && strcmp(slots[i]->name, name) != 0)
        i = (i + 1) & (n - 1);
    return &slots[i];
}

static void grow_slots(Harvest *h)
{
    ptrdiff_t n = h->n_slots ? h->n_slots * 2 : 64;
    CaseResult **bigger = ARENA_ARRAY(&h->run->arena, CaseResult *, n);
    for (ptrdiff_t i = 0; i < h->n_slots; i++)
        if (h->slots[i])
            *slot_of(bigger, n, h->slots[i]->name) = h->slots[i];
    h->slots = bigger;
    h->n_slots = n;
}

static CaseResult *case_named(Harvest *h, const char *name, const char *benchmark)
{
    if (h->n_used * 2 >= h->n_slots)
        grow_slots(h);
    CaseResult **slot = slot_of(h->slots, h->n_slots, name);
    if (!*slot) {
        *slot = run_add_case(h->run, name, benchmark, KIND_HARNESS, SIDE_HEAD);
        h->n_used++;
    }
    return *slot;
}

CaseResult *harvest_find(const Harvest *h, Str name)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    return h->n_slots ? *slot_of(h->slots, h->n_slots, arena_str(&scratch, str_trim(name))) : NULL;
}

CaseResult *harvest_case(Harvest *h, Str name)
{
    const char *text = harvest_text(h, name);
    return case_named(h, text ? text : "unnamed", text ? text : "unnamed");
}

void harvest_param(Harvest *h, CaseResult *c, const char *key, Str value)
{
    strmap_set(&h->run->arena, &c->params, arena_strdup(&h->run->arena, key),
               arena_str(&h->run->arena, value));
}

CaseResult *harvest_case_with(Harvest *h, Str benchmark, const StrMap *params)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    benchmark = str_trim(benchmark);
    if (!benchmark.len)
        benchmark = STR("unnamed");
    strbuf_add(&name, benchmark);
    for (ptrdiff_t i = 0; i < params->n; i++)
        strbuf_addf(&name, "%c%s=%s", i ? ',' : '/', params->v[i].key, params->v[i].value);
    CaseResult *c = case_named(h, arena_str(&h->run->arena, strbuf_str(&name)),
                               arena_str(&h->run->arena, benchmark));
    for (ptrdiff_t i = 0; i < params->n; i++)
        harvest_param(h, c, params->v[i].key, str(params->v[i].value));
    return c;
}

Trial *harvest_trial(Harvest *h, CaseResult *c)
{
    return case_add_trial(h->run, c);
}

/* --- values --- */

static const char *method_text(Harvest *h, const char *what)
{
    return what ? arena_printf(&h->run->arena, "%s, %s", h->method, what) : h->method;
}

static void add_metric(Harvest *h, Trial *t, const char *name, Unit unit, const char *method,
                       double v, Hist *hist)
{
    trial_add_metric(h->run, t, name, unit.name, unit.better, method, v, hist);
}

void harvest_value(Harvest *h, Trial *t, const char *name, Unit unit, const char *what, double v)
{
    if (isfinite(v * unit.factor) && !trial_find_metric(t, name))
        add_metric(h, t, name, unit, method_text(h, what), v * unit.factor, NULL);
}

static Figures figures_of(const double *v, ptrdiff_t n)
{
    Summary s;
    Figures f = figures_none();
    if (summarise(v, n, &s, NULL) == 0)
        f = (Figures){ .count = (double)s.n,
                       .mean = s.mean,
                       .stddev = s.stddev,
                       .min = s.min,
                       .max = s.max,
                       .p50 = s.p50,
                       .p90 = s.p90,
                       .p95 = s.p95,
                       .p99 = s.p99,
                       .p999 = s.p999 };
    return f;
}

static ptrdiff_t count_of(double count)
{
    return count >= 1 && count < 9e15 ? (ptrdiff_t)count : 0;
}

void harvest_given(Harvest *h, CaseResult *c, const char *name, Unit u, const char *method,
                   Figures f)
{
    MetricSummary s = { .name = name,
                        .unit = u.name,
                        .method = method,
                        .better = u.better,
                        .count = count_of(f.count),
                        .mean = f.mean * u.factor,
                        .stddev = f.stddev * u.factor,
                        .min = f.min * u.factor,
                        .max = f.max * u.factor,
                        .p50 = f.p50 * u.factor,
                        .p90 = f.p90 * u.factor,
                        .p95 = f.p95 * u.factor,
                        .p99 = f.p99 * u.factor,
                        .p999 = f.p999 * u.factor,
                        .given = true };
    const MetricDef *def = metric_find(name);
    if (def && strcmp(def->unit, u.name) == 0)
        s.better = def->better;
    ARENA_PUSH(&h->run->arena, c->metrics, c->n_metrics, c->cap_metrics, s);
}

static void thin_samples(Harvest *h, CaseResult *c, ptrdiff_t first, const char *name, Unit unit,
                         const double *v, ptrdiff_t n)
{
    const char *method = arena_printf(&h->run->arena, "%s, %d of %td samples kept", h->method,
                                      HARVEST_TRIALS_MAX, n);
    for (ptrdiff_t i = 0; i < HARVEST_TRIALS_MAX; i++) {
        double x = v[(ptrdiff_t)((double)i * (double)n / HARVEST_TRIALS_MAX)] * unit.factor;
        Trial *t = first + i < c->n_trials ? c->trials[first + i] : harvest_trial(h, c);
        if (isfinite(x) && !trial_find_metric(t, name))
            add_metric(h, t, name, unit, method, x, NULL);
    }
    if (first == 0)
        harvest_given(h, c, name, unit, method, figures_of(v, n));
}

void harvest_samples(Harvest *h, CaseResult *c, ptrdiff_t first, const char *name, Unit unit,
                     const double *v, ptrdiff_t n)
{
    assert(first <= c->n_trials);
    if (n > HARVEST_TRIALS_MAX) {
        thin_samples(h, c, first, name, unit, v, n);
        return;
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        Trial *t = first + i < c->n_trials ? c->trials[first + i] : harvest_trial(h, c);
        harvest_value(h, t, name, unit, NULL, v[i]);
    }
}

Figures figures_none(void)
{
    double nan = (double)NAN;
    return (Figures){ nan, nan, nan, nan, nan, nan, nan, nan, nan, nan };
}

void figures_set(Figures *f, double q, double v)
{
    const struct {
        double q;
        double *to;
    } known[] = { { 0, &f->min },    { 0.5, &f->p50 },    { 0.9, &f->p90 }, { 0.95, &f->p95 },
                  { 0.99, &f->p99 }, { 0.999, &f->p999 }, { 1, &f->max } };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(known); i++)
        if (fabs(known[i].q - q) < 1e-9)
            *known[i].to = v;
}

static double first_finite(const double *v, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (isfinite(v[i]))
            return v[i];
    return (double)NAN;
}

static void drop_given(CaseResult *c, const char *name)
{
    for (ptrdiff_t i = 0; i < c->n_metrics; i++)
        if (strcmp(c->metrics[i].name, name) == 0) {
            memmove(c->metrics + i, c->metrics + i + 1,
                    (size_t)(c->n_metrics - i - 1) * sizeof *c->metrics);
            c->n_metrics--;
            return;
        }
}

static bool had_metric(const CaseResult *c, const Trial *except, const char *name)
{
    for (ptrdiff_t i = 0; i < c->n_trials; i++)
        if (c->trials[i] != except && trial_find_metric(c->trials[i], name))
            return true;
    return false;
}

void harvest_figures(Harvest *h, CaseResult *c, Trial *t, const char *name, Unit unit,
                     const char *what, Figures f)
{
    const double order[] = { f.p50, f.mean, f.p90, f.p95, f.p99, f.p999, f.min, f.max };
    double v = first_finite(order, ARRAY_LEN(order)) * unit.factor;
    if (!isfinite(v) || trial_find_metric(t, name))
        return;
    const char *method = method_text(h, what);
    add_metric(h, t, name, unit, method, v, NULL);
    if (had_metric(c, t, name))
        drop_given(c, name);
    else
        harvest_given(h, c, name, unit, method, f);
}

void harvest_hist(Harvest *h, Trial *t, const char *name, const char *what, Hist *hist)
{
    if (hist->n == 0 || trial_find_metric(t, name)) {
        hist_free(hist);
        return;
    }
    add_metric(h, t, name, UNIT_NS, method_text(h, what), (double)NAN, hist);
}

void harvest_record(Hist *hist, double ns, double count)
{
    const double most = 9e18;
    if (ns >= 0 && ns < most && count >= 1 && count < 0x1p53)
        hist_record_n(hist, (uint64_t)(ns + 0.5), (uint64_t)count);
}

static uint64_t whole(double v)
{
    return v >= 1 && v < 0x1p53 ? (uint64_t)v : 0;
}

void harvest_outcomes(Trial *t, double ok, double failed, FailClass how, double timed_out)
{
    t->has_outcomes = true;
    t->outcomes.ok += whole(ok);
    t->outcomes.failed[how] += whole(failed);
    t->outcomes.timed_out += whole(timed_out);
    t->outcomes.scheduled = t->outcomes.ok + outcomes_failed(&t->outcomes) + t->outcomes.timed_out;
}

void harvest_status(Trial *t, Str status, double count)
{
    uint64_t code = 0;
    bool reply = str_to_u64(status, &code) == 0 && code >= 100;
    if (reply && code < 400)
        harvest_outcomes(t, count, 0, FAIL_STATUS, 0);
    else
        harvest_outcomes(t, 0, count, reply ? FAIL_STATUS : FAIL_CONNECT, 0);
}

void harvest_error_rate(Harvest *h, Trial *t)
{
    if (t->has_outcomes)
        harvest_value(h, t, "error_rate", UNIT_SHARE, "counted", outcomes_error_rate(&t->outcomes));
}
