/* What a history says: where it changed, where it is heading, how the newest value stands.
 *
 * Pure: the same history and options give the same answer. Its change points are confirmed or
 * suspected (stats/changepoint.h), or those of the tools people come from. Trend, drift and
 * projection are those of the values since the last confirmed change: across a step a slope means
 * nothing; the whole series has its own. */
#pragma once

#include "model/history.h"
#include "model/triage.h"
#include "stats/changepoint.h"
#include "stats/threshold.h"
#include "stats/trend.h"

typedef enum HistoryMode { HISTORY_ASSAY, HISTORY_OTAVA, HISTORY_PERFHERDER } HistoryMode;
extern const char *const history_modes[]; /* "assay", "otava", "perfherder", NULL */

typedef struct HistoryOpts {
    HistoryMode mode;
    double p;                 /* level of change points; 0: the mode's own */
    uint32_t window;          /* otava: values per window; 0: 50 */
    double magnitude;         /* otava: smallest relative change */
    double limit;             /* project when the trend reaches it; NaN: no projection */
    const TriageList *triage; /* what was said of its changes; may be NULL */
} HistoryOpts;

typedef struct HistoryReport {
    const History *h;         /* borrowed */
    const TriageList *triage; /* borrowed; may be NULL */
    HistoryMode mode;
    ptrdiff_t n; /* points with a value */
    ChangePoints changes;
    bool timed; /* every point has a time, and they are not all the same */

    Trend per_point, per_day; /* of the whole series at 95 %; per_day only when timed: t in days
                               * since the first point */
    ptrdiff_t since;          /* first point after the last confirmed change; 0 without one */
    Drift drift;              /* of the points from there on */
    Period week;              /* last seven days against the seven before; only when timed */
    Crossing crossing;        /* of opts->limit, by the trend since `since`: t in days (timed) or
                               * points; NaN when it is not heading there */
    Bounds expected;          /* where the next value lies with 99 %, by the values since `since` */
} HistoryReport;

/* -EINVAL for options out of range; -ENOMEM. Freed by history_report_done. h has at least one
 * point. */
MUST_CHECK int history_analyse(const History *h, const HistoryOpts *opts, HistoryReport *ret,
                               Err *err);
void history_report_done(HistoryReport *r);

/* What was said of change k, or NULL: the newest entry that stands, on this case and metric, that
 * began within the range where the change lies, or, acknowledging a change to the worse, before the
 * next one. */
const Triage *history_triage(const HistoryReport *r, ptrdiff_t k);

/* Is a change in this direction to the worse, the better, or neither (better is "none")? */
typedef enum HistorySense { SENSE_NONE, SENSE_WORSE, SENSE_BETTER } HistorySense;
HistorySense history_sense(const History *h, double change);
