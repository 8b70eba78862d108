/* The comparison as a table in which every row has its interval drawn on one shared axis: no change
 * in the middle, the smallest effect of interest as a band. Gravest rows first. */
#include "report/html.h"

#include <math.h>
#include <stdlib.h>

enum { FOREST_HEIGHT = 26 };

static int gravity(Verdict v)
{
    static const int order[] = { [VERDICT_INVALID] = 0,
                                 [VERDICT_REGRESSED] = 1,
                                 [VERDICT_INCONCLUSIVE] = 2,
                                 [VERDICT_IMPROVED] = 3,
                                 [VERDICT_UNCHANGED] = 4 };
    return order[v];
}

static int by_gravity(const void *pa, const void *pb)
{
    const CompareRow *a = *(const CompareRow *const *)pa, *b = *(const CompareRow *const *)pb;
    int d = gravity(a->verdict) - gravity(b->verdict);
    return d ? d : (a > b) - (a < b); /* same array: keeps its order */
}

/* Half width of the axis in log ratio: all intervals fit, but one wild row cannot flatten the
 * others. */
static double forest_reach(const Comparison *c)
{
    double reach = 0.05;
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        const double ends[] = { row->ratio_low, row->ratio_high, row->ratio };
        for (ptrdiff_t k = 0; k < ARRAY_LEN(ends); k++)
            if (ends[k] > 0 && isfinite(ends[k]))
                reach = MAX(reach, fabs(log(ends[k])));
    }
    return MIN(reach * 1.05, log(4));
}

static double forest_at(double ratio, double reach)
{
    double v = ratio <= 0 ? -reach : isinf(ratio) ? reach : log(ratio);
    v = v < -reach ? -reach : v > reach ? reach : v;
    return (v / reach + 1) / 2 * PLOT_WIDTH;
}

static void forest_cell(Html *h, const CompareRow *row, double reach, double min_effect)
{
    strbuf_addf(h->out,
                "<td class=\"forest\"><svg role=\"img\" viewBox=\"0 0 %d %d\" height=\"%d\" "
                "preserveAspectRatio=\"none\" aria-label=\"%s\">",
                PLOT_WIDTH, FOREST_HEIGHT, FOREST_HEIGHT, esc(h, words_change_range(&h->a, row)));
    strbuf_addz(h->out, "<path class=\"b ci\" d=\"M");
    svg_number(h->out, forest_at(1 / (1 + min_effect), reach));
    strbuf_addz(h->out, " 0H");
    svg_number(h->out, forest_at(1 + min_effect, reach));
    strbuf_addf(h->out, "V%dH", FOREST_HEIGHT);
    svg_number(h->out, forest_at(1 / (1 + min_effect), reach));
    strbuf_addf(h->out, "z\"/><path class=\"m zero\" d=\"M%d 0V%d\"/>", PLOT_WIDTH / 2,
                FOREST_HEIGHT);
    if (!isnan(row->ratio_low) && !isnan(row->ratio_high)) {
        strbuf_addf(h->out, "<path class=\"l %s\" d=\"M", html_verdict(row->verdict));
        svg_number(h->out, forest_at(row->ratio_low, reach));
        strbuf_addf(h->out, " %dH", FOREST_HEIGHT / 2);
        svg_number(h->out, forest_at(row->ratio_high, reach));
        strbuf_addz(h->out, "\"/>");
    }
    if (isfinite(row->ratio)) {
        strbuf_addf(h->out, "<path class=\"d %s\" d=\"M", html_verdict(row->verdict));
        svg_number(h->out, forest_at(row->ratio, reach));
        strbuf_addf(h->out, " %dh0\"/>", FOREST_HEIGHT / 2);
    }
    strbuf_addz(h->out, "</svg></td>");
}

/* Numeric cell with its value for sorting. */
static void number_cell(Html *h, double v, const char *text)
{
    if (isfinite(v))
        strbuf_addf(h->out, "<td class=\"n\" data-v=\"%.9g\">%s</td>", v, esc(h, text));
    else
        strbuf_addf(h->out, "<td class=\"n\">%s</td>", esc(h, text));
}

static void verdict_cell(Html *h, const CompareRow *row)
{
    const char *action = words_action(&h->a, row);
    strbuf_addz(h->out, "<td>");
    html_tag(h, html_verdict(row->verdict), words_outcome(row));
    if (*action)
        strbuf_addf(h->out, " <b>%s</b>", esc(h, action));
    if (row->verdict == VERDICT_INCONCLUSIVE && row->rounds_more >= 1)
        strbuf_addf(h->out, " <small>about %.0f more round%s would tell</small>",
                    ceil(row->rounds_more), row->rounds_more <= 1 ? "" : "s");
    if (row->note)
        strbuf_addf(h->out, " <small>%s</small>", esc(h, row->note));
    strbuf_addz(h->out, "</td>");
}

static void compare_row(Html *h, const Comparison *c, const CompareRow *row, double reach)
{
    strbuf_addf(h->out, "<tr><th scope=\"row\">%s%s%s</th><td>%s</td>", esc(h, row->case_name),
                words_competing(row) ? " <small>against</small> " : "",
                words_competing(row) ? esc(h, row->reference) : "",
                esc(h, words_metric(&h->a, row->metric)));
    number_cell(h, row->value_a, words_value(&h->a, row->value_a, row->metric, row->unit));
    number_cell(h, row->value_b, words_value(&h->a, row->value_b, row->metric, row->unit));
    strbuf_addf(h->out, "<td class=\"n\" data-v=\"%.9g\"><b>%s</b><small>%s</small></td>",
                isfinite(row->ratio) ? row->ratio : 1, esc(h, words_change(&h->a, row)),
                esc(h, words_change_range(&h->a, row)));
    forest_cell(h, row, reach, c->min_effect);
    verdict_cell(h, row);
    strbuf_addf(h->out, "<td class=\"ev\"><small>n = %td", row->n);
    if (isfinite(row->p_adjusted))
        strbuf_addf(h->out, ", p = %.2g", row->p_adjusted);
    if (isfinite(row->mde))
        strbuf_addf(h->out, ", could show %s", words_round(&h->a, row->mde, "share"));
    strbuf_addf(h->out, "<br/>%s</small></td></tr>\n", esc(h, row->method ? row->method : ""));
}

/* "-20 %", "no change", "+25 %" over the plots. */
static void forest_head(Html *h, double reach)
{
    CompareRow lo = { .ratio = exp(-reach / 2) }, hi = { .ratio = exp(reach / 2) };
    strbuf_addf(h->out,
                "<th class=\"forest\"><span class=\"fx\" style=\"left:25%%\">%s</span><span "
                "class=\"fx\" style=\"left:50%%\">0</span><span class=\"fx\" style=\"left:75%%\">%s"
                "</span></th>",
                esc(h, words_change(&h->a, &lo)), esc(h, words_change(&h->a, &hi)));
}

static void competitor_answers(Html *h, const Comparison *c)
{
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        if (words_competing(row) && (i == 0 || c->rows[i - 1].case_name != row->case_name))
            strbuf_addf(h->out, "<p class=\"answer %s\">%s</p>\n", html_verdict(row->verdict),
                        esc(h, words_verdict(&h->a, c, row)));
    }
}

void html_comparison(Html *h, const Comparison *c)
{
    double reach = forest_reach(c);
    const CompareRow **rows = ARENA_ARRAY(&h->a, const CompareRow *, MAX(c->n, 1));
    bool competing = c->n > 0 && words_competing(&c->rows[0]);
    for (ptrdiff_t i = 0; i < c->n; i++)
        rows[i] = &c->rows[i];
    qsort(rows, (size_t)c->n, sizeof *rows, by_gravity);
    strbuf_addf(h->out,
                "<section id=\"comparison\"><h2>Comparison</h2>\n<p class=\"meta\">%s against "
                "%s: %s</p>\n",
                esc(h, c->b ? c->b : "?"), esc(h, c->a ? c->a : "?"),
                c->n ? esc(h, words_tally(&h->a, c)) : "nothing to compare");
    competitor_answers(h, c);
    strbuf_addf(h->out,
                "<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th>case</th>"
                "<th>metric</th><th class=\"n\">%s</th><th class=\"n\">%s</th>"
                "<th class=\"n\">change</th>",
                competing ? "reference" : "before", competing ? "this" : "after");
    forest_head(h, reach);
    strbuf_addz(h->out, "<th>verdict</th><th>evidence</th></tr></thead><tbody>\n");
    for (ptrdiff_t i = 0; i < c->n; i++)
        compare_row(h, c, rows[i], reach);
    strbuf_addf(h->out,
                "</tbody></table></div>\n<p class=\"key\">%s intervals of the ratio on a "
                "log axis; the band is the smallest effect of interest, %s. p is "
                "Holm-adjusted over all rows.</p></section>\n",
                words_round(&h->a, c->confidence, "share"),
                words_round(&h->a, c->min_effect, "share"));
}
