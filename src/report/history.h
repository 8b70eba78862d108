/* Outputs of a history (assay history). The rules are those of report.h: pure, missing is never 0,
 * whatever came from outside is made harmless. */
#pragma once

#include "judge/history.h"
#include "report/report.h"

/* A plot, the change points as a table, what the trend says in sentences. */
void history_text(const HistoryReport *r, const ReportOpts *o, StrBuf *out);
/* assay.history/1. With `points` the series itself is in it. -ENOMEM. */
MUST_CHECK int history_json(const HistoryReport *r, double limit, bool points, StrBuf *out,
                            Err *err);
/* One line per point: index, time, run, commit, value, median of its stretch, change. */
void history_csv(const HistoryReport *r, StrBuf *out);
/* A picture that stands alone; light and dark. */
void history_svg(const HistoryReport *r, StrBuf *out);

/* Shared by them. The stretch that point i lies in: from a confirmed change to the next. */
typedef struct HistoryStretch {
    ptrdiff_t from, to; /* points [from, to) */
    double level;       /* median of its values; NaN without any */
} HistoryStretch;
/* All stretches, in the arena; there is at least one. */
HistoryStretch *history_stretches(const HistoryReport *r, Arena *a, ptrdiff_t *ret_n);
/* history_plot.c: the plot, with the change points marked and numbered. */
struct TextOut;
void history_plot(struct TextOut *t, Arena *a, const HistoryReport *r);
