/* HdrHistogram's interval logs: a case a tag, a trial an interval with its distribution. Values are
 * taken for nanoseconds, as jHiccup and most writers have them. Of long logs, intervals that follow
 * each other are merged, so that a day of seconds does not become 86400 histograms. */
#include <errno.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "stats/hlog.h"

enum { INTERVALS_MAX = 200, BINS_MAX = 1 << 25 /* of all trials: 256 MiB */ };

static int recognise(const HarnessInput *in)
{
    return hlog_recognise(in->text) ? 95 : 0;
}

static ptrdiff_t count_intervals(Str text)
{
    ptrdiff_t n = 0;
    Str line;
    while (str_cut(&text, '\n', &line))
        n += str_find(line, STR(",HIST")) >= 0;
    return n;
}

/* Adds an interval to the case's last trial, or opens the next one. Takes the histogram. */
static int take_interval(Harvest *h, const HlogEntry *e, ptrdiff_t group, ptrdiff_t *bins, Err *err)
{
    CLEANUP(hist_freep) Hist *hist = e->hist;
    CaseResult *c = harvest_case(h, e->tag.len ? e->tag : STR("all"));
    Trial *t = c->n_trials ? c->trials[c->n_trials - 1] : NULL;
    double ns = e->length_s > 0 && e->length_s < 1e9 ? e->length_s * 1e9 : 0;
    harvest_epoch(h, h->run->started_wall_ns ? -1 : e->start_s, NS_PER_S);
    if (hist->n == 0)
        return 0;
    if (t && t->seq < group && t->n_metrics && hist_same_geometry(t->metrics[0].hist, hist)) {
        hist_add(t->metrics[0].hist, hist);
        t->metrics[0].value = hist_quantile(t->metrics[0].hist, 0.5);
    } else {
        if ((*bins += hist->n_bins) > BINS_MAX)
            return err_set(err, -E2BIG, "histograms with too many bins altogether");
        t = harvest_trial(h, c);
        t->started_wall_ns =
            e->start_s > 1e9 && e->start_s < 7e9 ? (uint64_t)(e->start_s * 1e9) : 0;
        harvest_hist(h, t, "latency", group > 1 ? "several intervals each" : "an interval each",
                     TAKE(hist));
    }
    t->seq++; /* intervals in it; numbered anew at the end */
    t->duration_ns += (uint64_t)ns;
    return 0;
}

static int read_log(const HarnessInput *in, Harvest *h, Err *err)
{
    HlogReader r = hlog_reader(in->text);
    HlogEntry e;
    ptrdiff_t group = count_intervals(in->text) / INTERVALS_MAX + 1;
    int got;
    ptrdiff_t bins = 0;
    while ((got = hlog_next(&r, &e, err)) > 0)
        TRY(take_interval(h, &e, group, &bins, err));
    return got;
}

const HarnessFormat harness_hdrlog = {
    .name = "hdrhistogram-log",
    .producer = "HdrHistogram",
    .summary = "HdrHistogram's interval logs (.hlog), as jHiccup writes them",
    .recognise = recognise,
    .read = read_log,
};
