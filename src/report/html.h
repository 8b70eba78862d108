/* Pieces of the HTML page. Each appends whole elements; everything from outside goes through
 * escape_xml. The page is well-formed XML too, so that any XML tool can check it. */
#pragma once

#include "report/plot_svg.h"
#include "report/report.h"
#include "report/words.h"

typedef struct Html {
    StrBuf *out;
    Arena a;
    const Run *r;     /* NULL when a comparison stands alone */
    ptrdiff_t points; /* most points of one line, so that the whole page stays small */
    ptrdiff_t rows;   /* most rows of a table of trials */
} Html;

extern const char html_style[];  /* page.css */
extern const char html_script[]; /* page.js: comfort only */

/* Escaped text, in the scratch arena. */
const char *esc(Html *h, const char *s);
/* "good", "warn", "bad" and the mark that goes with it. */
const char *html_grade(Grade g);
const char *html_verdict(Verdict v);
/* A small coloured label with a mark: <span class="tag good">✓ VALID</span>. */
void html_tag(Html *h, const char *css, const char *text);

/* html_compare.c: table with a forest plot. */
void html_comparison(Html *h, const Comparison *c);
/* html_overview.c: tables of all cases of the head side. */
void html_overview(Html *h);
/* html_case.c: one case, folded unless `open`. */
void html_case(Html *h, const CaseResult *c, ptrdiff_t number, bool open);
/* html_plots.c */
void html_runs(Html *h, const CaseResult *c);
/* `base` may be NULL. */
void html_latency(Html *h, const CaseResult *c, const CaseResult *base);
void html_outcomes(Html *h, const CaseResult *c);
/* html_time.c: panels over time, sharing an axis. */
void html_time(Html *h, const CaseResult *c);
