/* Streams: what became of every message, and how evenly it was dealt out. */
#include <math.h>

#include "base/fmt.h"
#include "report/text_run.h"

/* Of all trials together. */
static double total(const CaseResult *c, const char *name)
{
    const MetricSummary *m = case_find_metric(c, name);
    double sum = 0;
    for (ptrdiff_t i = 0; m && i < m->n_trials; i++)
        sum += isnan(m->trials[i]) ? 0 : m->trials[i];
    return m ? sum : (double)NAN;
}

static const char *count(TextReport *tr, const CaseResult *c, const char *name)
{
    return words_count(&tr->a, (uint64_t)total(c, name));
}

static void deliveries(TextReport *tr, const CaseResult *c)
{
    static const char *const odd[] = { "lost", "duplicated", "reordered" };
    static const char *const rare[] = { "unconfirmed", "foreign", "resubscribed" };
    const char *text = arena_printf(&tr->a, "%s of %s expected", count(tr, c, "delivered"),
                                    count(tr, c, "expected"));
    for (ptrdiff_t i = 0; i < ARRAY_LEN(odd); i++)
        text = arena_printf(&tr->a, "%s \xc2\xb7 %s %s", text, count(tr, c, odd[i]), odd[i]);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rare); i++)
        if (total(c, rare[i]) > 0)
            text = arena_printf(&tr->a, "%s \xc2\xb7 %s %s", text, count(tr, c, rare[i]), rare[i]);
    text_wrap(&tr->t, 2, STYLE_DIM, "delivered  ", total(c, "lost") > 0 ? STYLE_BAD : STYLE_PLAIN,
              text);
}

static void pace(TextReport *tr, const CaseResult *c)
{
    char rate[FMT_MAX];
    const MetricSummary *r = case_find_metric(c, "delivery_rate");
    const MetricSummary *drain = case_find_metric(c, "drain_time");
    const MetricSummary *most = case_find_metric(c, "backlog_peak");
    if (!r || !drain || !most)
        return;
    text_wrap(&tr->t, 2, STYLE_DIM, "deliveries ", STYLE_BOLD,
              arena_printf(&tr->a,
                           "%s \xc2\xb7 backlog at most %s \xc2\xb7 drained %s after the "
                           "last publication",
                           fmt_value(rate, r->mean, r->unit),
                           words_value(&tr->a, most->max, most->name, most->unit),
                           words_round(&tr->a, drain->max, "ns")));
}

static void evenness(TextReport *tr, const CaseResult *c)
{
    char share[FMT_MAX];
    const MetricSummary *fair = case_find_metric(c, "fairness");
    const MetricSummary *spread = case_find_metric(c, "latency_spread");
    if (!fair || !spread)
        return;
    text_wrap(&tr->t, 2, STYLE_DIM, "fairness   ", STYLE_PLAIN,
              arena_printf(&tr->a,
                           "%s of an even share of messages \xc2\xb7 the slowest "
                           "subscriber's median is %.2f times the fastest's",
                           fmt_share(share, fair->mean), spread->mean));
}

void text_stream(TextReport *tr, const CaseResult *c)
{
    if (!case_find_metric(c, "expected"))
        return;
    deliveries(tr, c);
    pace(tr, c);
    evenness(tr, c);
}
