#include "model/triage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "model/names.h"

static const char *const triage_names[] = { "acknowledged", "false", "expected", "invalid" };
static const char CODE[] = "set-aside";

const char *triage_name(TriageKind k)
{
    assert(k <= TRIAGE_INVALID);
    return triage_names[k];
}

int triage_parse(const char *text, TriageKind *ret)
{
    int i = name_index(triage_names, ARRAY_LEN(triage_names), text);
    if (i < 0)
        return i;
    *ret = (TriageKind)i;
    return 0;
}

void triage_new_id(char ret[TRIAGE_ID_MAX])
{
    snprintf(ret, TRIAGE_ID_MAX, "t-%010llx",
             (unsigned long long)(rng_fresh_seed() & UINT64_C(0xffffffffff)));
}

bool triage_covers(const Triage *t, const char *case_name, const char *of)
{
    Str metric = str(of), own = str(t->metric ? t->metric : "");
    if (!t->case_name || strcmp(t->case_name, case_name) != 0)
        return false;
    return !own.len || str_eq(own, metric) ||
           (str_starts(metric, own) && metric.ptr[own.len] == '.');
}

static bool speaks(const Triage *t, const TriageAsk *ask)
{
    bool over = t->until_wall_ns && ask->at_wall_ns >= t->until_wall_ns;
    bool early = ask->at_wall_ns < t->from_wall_ns;
    if (t->undone_wall_ns || over || early || !triage_covers(t, ask->case_name, ask->metric))
        return false;
    if (t->kind == TRIAGE_FALSE)
        return t->run_id && strcmp(t->run_id, ask->run_id) == 0;
    return t->kind != TRIAGE_INVALID && ask->reference_wall_ns < t->from_wall_ns;
}

const Triage *triage_find(const TriageList *l, const TriageAsk *ask)
{
    for (ptrdiff_t i = l ? l->n : 0; i > 0; i--)
        if (speaks(&l->v[i - 1], ask))
            return &l->v[i - 1];
    return NULL;
}

static bool same_case(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const Triage *triage_set_aside(const TriageList *l, const char *run_id, const char *case_name)
{
    for (ptrdiff_t i = l->n; i > 0; i--) {
        const Triage *t = &l->v[i - 1];
        if (t->kind == TRIAGE_INVALID && !t->undone_wall_ns && strcmp(t->run_id, run_id) == 0 &&
            same_case(t->case_name, case_name))
            return t;
    }
    return NULL;
}

static void mark(Validity *v, Arena *a, const Triage *t)
{
    if (!t)
        return;
    validity_add(v, a, GRADE_INVALID, CODE, "%s", triage_words(t, a));
    for (ptrdiff_t i = 0; i < v->n; i++)
        if (strcmp(v->reasons[i].code, CODE) == 0)
            v->reasons[i].derived = true;
}

void triage_mark(const TriageList *l, Run *r)
{
    const Triage *whole = triage_set_aside(l, r->id, NULL);
    mark(&r->validity, &r->arena, whole);
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        CaseResult *c = r->cases[i];
        mark(&c->validity, &r->arena, whole ? whole : triage_set_aside(l, r->id, c->name));
    }
}

const char *triage_marked(const Validity *v)
{
    for (ptrdiff_t i = 0; i < v->n; i++)
        if (strcmp(v->reasons[i].code, CODE) == 0)
            return v->reasons[i].text;
    return NULL;
}

/* " up to +10 %", or nothing. */
static const char *size_words(const Triage *t, Arena *a)
{
    char buf[FMT_MAX];
    if (isnan(t->change))
        return "";
    return arena_printf(a, "%s %s", t->kind == TRIAGE_EXPECT ? " change of" : " up to",
                        fmt_change(buf, t->change));
}

const char *triage_words(const Triage *t, Arena *a)
{
    static const char *const said[] = { "acknowledged", "dismissed as a false alarm", "expected",
                                        "set aside" };
    char iso[CLOCK_ISO_MAX];
    const char *until =
        t->until_wall_ns ? arena_printf(a, " until %.10s", clock_iso(iso, t->until_wall_ns)) : "";
    return arena_printf(a, "%s%s%s by %s: %s", said[t->kind], size_words(t, a), until, t->author,
                        t->reason);
}
