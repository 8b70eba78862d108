/* From a stream's counts to metrics. */
#include <math.h>
#include <string.h>

#include "load/stream.h"

static void add_figure(Run *run, Trial *t, const char *name, const char *method, double v)
{
    const MetricDef *d = metric_find(name);
    assert(d);
    trial_add_metric(run, t, name, d->unit, d->better, method, v, NULL);
}

/* Takes the histogram; an empty one is missing, not zero. */
static void add_times(Run *run, Trial *t, const char *name, const char *method, Hist **h)
{
    if ((*h)->n == 0)
        return;
    double p50 = hist_quantile(*h, 0.5);
    trial_add_metric(run, t, name, "ns", metric_find(name)->better, method, p50, TAKE(*h));
}

/* All into the first worker's. */
static void merge_shares(StreamLoad *l)
{
    for (uint32_t i = 1; i < l->n_workers; i++) {
        hist_add(l->shares[0].delivery, l->shares[i].delivery);
        hist_add(l->shares[0].transit, l->shares[i].transit);
        hist_add(l->shares[0].fanout, l->shares[i].fanout);
        hist_add(l->shares[0].subscribe, l->shares[i].subscribe);
    }
}

/* A message that was published and has not reached all: its place says how many are left. */
static bool is_incomplete(const StreamPub *p, const StreamSlot *slot)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    return (state & ((1u << STREAM_LEFT_BITS) - 1)) && state >> STREAM_LEFT_BITS < p->next;
}

/* It was due before the window ended, and has not come by now. */
static void bound_lost(StreamLoad *l, uint64_t lost, uint64_t waited_ns)
{
    for (uint64_t i = 0; i < lost; i++)
        hist_record_censored(l->shares[0].delivery, waited_ns);
    for (uint32_t i = 0; i < l->n_pubs; i++)
        for (uint32_t k = 0; l->pubs[i].ring && k < l->ring_size; k++)
            if (is_incomplete(&l->pubs[i], &l->pubs[i].ring[k]))
                hist_record_censored(l->shares[0].fanout, waited_ns);
}

/* Jain, Chiu and Hawe, "A quantitative measure of fairness", DEC-TR-301, 1984: 1 when all have the
 * same, 1/n when one has it all. */
static double jain(const StreamLoad *l)
{
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < l->spec.subscribers; i++) {
        double x = (double)l->subs[i].delivered;
        sum += x;
        squares += x * x;
    }
    return squares > 0 ? sum * sum / (l->spec.subscribers * squares) : (double)NAN;
}

/* What each subscriber saw, one value for each of them. */
static void add_fairness(StreamLoad *l, Run *run, Trial *t)
{
    Err err;
    Hist *medians = NULL;
    if (l->spec.subscribers < 2 || hist_new(&medians, &err) < 0)
        return;
    for (uint32_t i = 0; i < l->spec.subscribers; i++)
        if (l->subs[i].latency->n)
            hist_record(medians, (uint64_t)hist_quantile(l->subs[i].latency, 0.5));
    if (medians->n && medians->min)
        add_figure(run, t, "latency_spread", "slowest by fastest subscriber's median delivery",
                   (double)medians->max / (double)medians->min);
    add_times(run, t, "subscriber_latency", "histogram, a subscriber's median delivery each",
              &medians);
    hist_free(medians);
    if (!isnan(jain(l)))
        add_figure(run, t, "fairness", "Jain's index over messages delivered to each subscriber",
                   jain(l));
}

static void add_counts(const StreamLoad *l, const StreamSum *s, Run *run, Trial *t)
{
    const struct {
        const char *name, *method;
        uint64_t n;
    } counts[] = {
        { "published", "measured messages that were accepted", s->published },
        { "unconfirmed", "measured messages whose publication failed", s->unconfirmed },
        { "expected", "published, times who is to get each", s->expected },
        { "delivered", "different messages at each place", s->delivered },
        { "lost", "expected, and not there at the end of the drain", s->lost },
        { "duplicated", "seen before at the same place", s->duplicated },
        { "reordered", "behind a later message of the same publisher", s->reordered },
        { "foreign", "no messages of this trial, or not as they were sent", s->foreign },
        { "resubscribed", "subscriptions made again in mid-trial", s->resubscribed },
        { "backlog_peak", "expected and not delivered, most at 10 Hz", l->backlog_peak },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(counts); i++)
        add_figure(run, t, counts[i].name, counts[i].method, (double)counts[i].n);
}

/* So many messages take the time that they take; else what is in the window counts. */
static void add_rate(const StreamLoad *l, const StreamSum *s, Run *run, Trial *t, uint64_t begin_ns,
                     uint64_t end_ns)
{
    if (!l->spec.messages)
        add_figure(run, t, "delivery_rate", "deliveries within the window",
                   (double)s->in_window * 1e9 / (double)(end_ns - begin_ns));
    else if (s->delivered)
        add_figure(run, t, "delivery_rate", "deliveries, by the time until the last one",
                   (double)s->delivered * 1e9 / (double)(s->last_ns - begin_ns));
}

/* Whose doing it was is for people to say; the counts are sound. */
static void tell_cuts(const StreamLoad *l, Run *run, Trial *t)
{
    uint64_t n = 0;
    const StreamShare *last = NULL;
    for (uint32_t i = 0; i < l->n_workers; i++) {
        n += l->shares[i].cut;
        last = l->shares[i].cut ? &l->shares[i] : last;
    }
    if (last)
        validity_add(&t->validity, &run->arena, GRADE_VALID, "subscriptions-lost",
                     "%llu subscription%s lost or refused, the last one: %s", (unsigned long long)n,
                     n == 1 ? " was" : "s were",
                     last->cut_cause ? last->cut_cause : strerror(-last->cut_error));
}

void stream_report(StreamLoad *l, Run *run, Trial *t, uint64_t begin_ns, uint64_t end_ns)
{
    StreamShare *all = &l->shares[0];
    StreamSum s = stream_sum(l);
    uint64_t over_ns = 0;
    for (uint32_t i = 0; i < l->n_workers; i++)
        over_ns = MAX(over_ns, l->shares[i].over_ns);
    merge_shares(l);
    bound_lost(l, s.lost, over_ns - MIN(over_ns, end_ns));
    add_counts(l, &s, run, t);
    add_figure(run, t, "drain_time", "from the last publication to the last delivery",
               (double)s.drain_ns);
    add_rate(l, &s, run, t, begin_ns, end_ns);
    add_times(run, t, "delivery_latency", "histogram, from due; lost as lower bounds",
              &all->delivery);
    add_times(run, t, "transit_time", "histogram, from sent", &all->transit);
    add_times(run, t, "fanout_latency",
              "histogram, from due to the last delivery; incomplete as lower bounds", &all->fanout);
    add_times(run, t, "subscribe_time", "histogram, connection open", &all->subscribe);
    add_fairness(l, run, t);
    tell_cuts(l, run, t);
}
