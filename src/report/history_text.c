/* A history for the terminal: picture, change points, then sentences. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "report/history.h"
#include "report/text_out.h"
#include "report/words.h"

typedef struct Teller {
    TextOut t;
    Arena a;
    const HistoryReport *r;
} Teller;

static const char *value(Teller *x, double v)
{
    return words_value(&x->a, v, x->r->h->metric, x->r->h->unit);
}

static const char *change(Teller *x, double v)
{
    char buf[FMT_MAX];
    return isfinite(v) ? arena_strdup(&x->a, fmt_change(buf, v)) : "-";
}

/* "+1 % … +3 %"; an end that is open is named. */
static const char *change_range(Teller *x, double lo, double hi)
{
    const char *a = isfinite(lo) ? change(x, lo) : "?", *b = isfinite(hi) ? change(x, hi) : "?";
    return arena_printf(&x->a, "%s … %s", a, b);
}

static const char *p_text(Teller *x, double p)
{
    if (isnan(p))
        return "-";
    return p < 1e-15 ? "< 1e-15" : arena_printf(&x->a, "%.2g", p);
}

static const char *day_of(Teller *x, double wall_s)
{
    char iso[CLOCK_ISO_MAX];
    if (!(wall_s >= 0 && wall_s < 1e11))
        return NULL;
    clock_iso(iso, (uint64_t)(wall_s * 1e9));
    return arena_str(&x->a, (Str){ iso, 10 });
}

/* "#41 2026-01-31 0123456789" */
static const char *place(Teller *x, ptrdiff_t i)
{
    const HistoryPoint *p = &x->r->h->v[i];
    const char *day = day_of(x, p->wall_s);
    const char *who = p->commit ? p->commit : p->run;
    int most = p->commit ? 10 : 24;
    return arena_printf(&x->a, "%td%s%s%s%.*s", i, day ? " " : "", day ? day : "", who ? " " : "",
                        most, who ? who : "");
}

static Style sense_style(const History *h, double v)
{
    HistorySense s = history_sense(h, v);
    return s == SENSE_WORSE ? STYLE_BAD : s == SENSE_BETTER ? STYLE_GOOD : STYLE_BOLD;
}

static const char *state(Teller *x, const ChangePoint *p)
{
    if (p->confirmed)
        return "confirmed";
    return arena_printf(&x->a, "suspected, %td more needed", p->points_needed);
}

static const char *where(Teller *x, const ChangePoint *p)
{
    if (p->first == p->last)
        return "here";
    return arena_printf(&x->a, "%td … %td", p->first, p->last);
}

static void change_table(Teller *x)
{
    static const TextCol cols[] = {
        { .head = "#", .right = true },
        { .head = "at" },
        { .head = "change", .right = true },
        { .head = "before", .right = true, .drop = 2 },
        { .head = "after", .right = true, .drop = 1 },
        { .head = "state" },
        { .head = "within", .drop = 3 },
        { .head = "p", .right = true, .drop = 4 },
    };
    TextTable tt = table_new(&x->a, &x->t, cols, ARRAY_LEN(cols));
    for (ptrdiff_t i = 0; i < x->r->changes.n; i++) {
        const ChangePoint *p = &x->r->changes.v[i];
        if (p->confirmed)
            table_add(&tt, STYLE_BOLD, "%td", i + 1);
        else
            table_add(&tt, STYLE_BOLD, "?");
        table_add(&tt, STYLE_PLAIN, "%s", place(x, p->index));
        table_add(&tt, sense_style(x->r->h, p->after - p->before), "%s", change(x, p->change));
        table_add(&tt, STYLE_DIM, "%s", value(x, p->before));
        table_add(&tt, STYLE_PLAIN, "%s", value(x, p->after));
        table_add(&tt, p->confirmed ? STYLE_PLAIN : STYLE_WARN, "%s", state(x, p));
        table_add(&tt, STYLE_DIM, "%s", where(x, p));
        table_add(&tt, STYLE_DIM, "%s", p_text(x, p->p));
    }
    if (x->r->changes.n > 0)
        text_end(&x->t);
    table_print(&tt, &x->t, 2);
}

static void tell_triage(Teller *x)
{
    for (ptrdiff_t i = 0; i < x->r->changes.n; i++) {
        const Triage *t = history_triage(x->r, i);
        if (t)
            text_wrap(&x->t, 2, STYLE_DIM, arena_printf(&x->a, "change %td  ", i + 1), STYLE_PLAIN,
                      triage_words(t, &x->a));
    }
}

static void head(Teller *x)
{
    const History *h = x->r->h;
    const char *from = day_of(x, h->v[0].wall_s), *to = day_of(x, h->v[h->n - 1].wall_s);
    text_add(&x->t, STYLE_HEAD, h->name);
    text_addf(&x->t, STYLE_PLAIN, ", %s: %td points", words_metric(&x->a, h->metric), h->n);
    if (from && to)
        text_addf(&x->t, STYLE_PLAIN, ", %s to %s", from, to);
    if (h->n > x->r->n)
        text_addf(&x->t, STYLE_DIM, ", %td without a value", h->n - x->r->n);
    if (x->r->mode != HISTORY_ASSAY)
        text_addf(&x->t, STYLE_DIM, ", as %s sees it", history_modes[x->r->mode]);
    text_end(&x->t);
    if (h->n_elsewhere > 0) {
        text_addf(&x->t, STYLE_DIM, "%td on other testbeds left out (--any-testbed)",
                  h->n_elsewhere);
        text_end(&x->t);
    }
}

static void say(Teller *x, const char *first, Style s, const char *text)
{
    text_wrap(&x->t, 2, STYLE_DIM, first, s, text);
}

/* "+1.2 ms" */
static const char *slope(Teller *x, double v)
{
    const char *text = value(x, v);
    return v > 0 ? arena_printf(&x->a, "+%s", text) : text;
}

static void tell_trend(Teller *x)
{
    const HistoryReport *r = x->r;
    const Trend *t = r->timed ? &r->per_day : &r->per_point;
    const char *per = r->timed ? "day" : "point";
    if (isnan(t->slope))
        return;
    if (t->p >= 0.05) {
        say(x, "trend     ", STYLE_PLAIN,
            arena_printf(&x->a, "none to be seen (p %s)", p_text(x, t->p)));
        return;
    }
    const char *low = isfinite(t->low) ? slope(x, t->low) : "?";
    const char *high = isfinite(t->high) ? slope(x, t->high) : "?";
    say(x, "trend     ", STYLE_PLAIN,
        arena_printf(&x->a, "%s per %s (%s … %s), r2 %.2f, p %s%s", slope(x, t->slope), per, low,
                     high, t->r2, p_text(x, t->p),
                     r->since > 0 ? ", over the whole series, steps included" : ""));
}

static void tell_drift(Teller *x)
{
    const Drift *d = &x->r->drift;
    if (!d->drifted)
        return;
    say(x, "drift     ", sense_style(x->r->h, d->change),
        arena_printf(&x->a, "%s over the %td points%s, bit by bit (%s)", change(x, d->change), d->n,
                     x->r->since > 0 ? " since the last change" : "",
                     change_range(x, d->low, d->high)));
}

static void tell_week(Teller *x)
{
    const Period *w = &x->r->week;
    if (!x->r->timed || w->n_before == 0 || w->n_now == 0)
        return;
    say(x, "week      ", STYLE_PLAIN,
        arena_printf(&x->a, "%s after %s the week before: %s, p %s", value(x, w->now),
                     value(x, w->before), change(x, w->change), p_text(x, w->p)));
}

static void tell_expected(Teller *x)
{
    const Bounds *b = &x->r->expected;
    if (!isfinite(b->low) || !isfinite(b->high))
        return;
    say(x, "next      ", STYLE_PLAIN,
        arena_printf(&x->a, "99 %% likely within %s, by the %td values%s",
                     words_range(&x->a, b->low, b->high, x->r->h->unit), b->n,
                     x->r->since > 0 ? " since the last change" : ""));
}

/* A place of the projection: a date, or a number of points from now. */
static const char *moment(Teller *x, double at)
{
    const History *h = x->r->h;
    if (!isfinite(at))
        return "never";
    if (!x->r->timed)
        return arena_printf(&x->a, "point %.0f", ceil(at));
    const char *day = day_of(x, h->v[0].wall_s + at * 86400);
    return day ? day : "in centuries";
}

static void tell_crossing(Teller *x)
{
    const Crossing *c = &x->r->crossing;
    if (isnan(c->at))
        return;
    say(x, "limit     ", STYLE_WARN,
        arena_printf(&x->a, "reached about %s, if it goes on like this (%s … %s)", moment(x, c->at),
                     moment(x, c->low), moment(x, c->high)));
}

void history_text(const HistoryReport *r, const ReportOpts *o, StrBuf *out)
{
    Teller x = { .t = text_out(out, o), .r = r };
    head(&x);
    text_end(&x.t);
    history_plot(&x.t, &x.a, r);
    change_table(&x);
    text_end(&x.t);
    tell_triage(&x);
    if (r->changes.n == 0)
        say(&x, "changes   ", STYLE_PLAIN, "none");
    tell_trend(&x);
    tell_drift(&x);
    tell_week(&x);
    tell_crossing(&x);
    tell_expected(&x);
    arena_done(&x.a);
}
