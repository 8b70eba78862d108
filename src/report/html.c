/* One self-contained page: no network, no files beside it, readable without its script.
 *
 * The page's security policy forbids every fetch, so that a name that slipped through could load
 * nothing. Size is bounded: lines get fewer points the more cases there are. */
#include "report/html.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "report/escape.h"
#include "report/formats.h"

enum {
    POINTS_OF_PAGE = 18000,
    POINTS_MIN = 60,
    POINTS_MAX = 600,
    TRIALS_OF_PAGE = 4000,
    CASES_OPEN = 6,
};

const char *esc(Html *h, const char *s)
{
    return xml_text(&h->a, s);
}

const char *html_grade(Grade g)
{
    return g == GRADE_VALID ? "good" : g == GRADE_SUSPECT ? "warn" : "bad";
}

const char *html_verdict(Verdict v)
{
    switch (v) {
    case VERDICT_IMPROVED:
        return "good";
    case VERDICT_REGRESSED:
    case VERDICT_INVALID:
        return "bad";
    case VERDICT_INCONCLUSIVE:
        return "warn";
    case VERDICT_UNCHANGED:
        break;
    }
    return "mute";
}

static const char *mark_of(const char *css)
{
    return strcmp(css, "good") == 0   ? "\xe2\x9c\x93 "
           : strcmp(css, "warn") == 0 ? "\xe2\x96\xb2 "
           : strcmp(css, "bad") == 0  ? "\xe2\x9c\x97 "
                                      : "";
}

void html_tag(Html *h, const char *css, const char *text)
{
    strbuf_addf(h->out, "<span class=\"tag %s\">%s%s</span>", css, mark_of(css), esc(h, text));
}

static void page_begin(Html *h, const char *title)
{
    strbuf_addz(h->out,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
                "<meta name=\"generator\" content=\"assay\"/>\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri "
                "'none'; form-action 'none'\"/>\n<link rel=\"icon\" href=\"data:,\"/>\n");
    strbuf_addf(h->out, "<title>%s</title>\n<style>\n%s</style></head>\n<body><main>\n",
                esc(h, title), html_style);
}

static void page_end(Html *h)
{
    strbuf_addf(h->out, "</main>\n<script>/*<![CDATA[*/\n%s/*]]>*/</script>\n</body></html>\n",
                html_script);
}

static void tile(Html *h, const char *label, const char *css, const char *figure, const char *more)
{
    strbuf_addf(h->out,
                "<div class=\"tile %s\"><span>%s</span><b>%s%s</b><small>%s</small></div>\n", css,
                label, mark_of(css), esc(h, figure), esc(h, more));
}

/* " in 1 min 35 s"; "" for a run that was not finished. */
static const char *elapsed(Html *h)
{
    const Run *r = h->r;
    if (r->finished_wall_ns <= r->started_wall_ns)
        return "";
    uint64_t s = (r->finished_wall_ns - r->started_wall_ns) / NS_PER_S;
    if (s < 60)
        return arena_printf(&h->a, " in %llu s", (unsigned long long)s);
    return arena_printf(&h->a, " in %llu min %llu s", (unsigned long long)(s / 60),
                        (unsigned long long)(s % 60));
}

static void tiles(Html *h, RunTally n)
{
    const Run *r = h->r;
    strbuf_addz(h->out, "<div class=\"tiles\">\n");
    tile(h, "Validity", html_grade(r->validity.grade), grade_name(r->validity.grade),
         arena_printf(&h->a, "%td of %td cases valid", n.grades[GRADE_VALID], n.cases));
    if (n.expects)
        tile(h, "Expectations", n.broken ? "bad" : "good",
             n.broken ? arena_printf(&h->a, "%td broken", n.broken) : "all held",
             arena_printf(&h->a, "%td of %td held", n.expects - n.broken, n.expects));
    if (r->comparison && words_contest(r->comparison))
        tile(h, "Contest", "mute", "judged", words_tally(&h->a, r->comparison));
    else if (r->comparison && r->comparison->n)
        tile(h, "Comparison", html_verdict(r->comparison->verdict),
             verdict_name(r->comparison->verdict), words_tally(&h->a, r->comparison));
    tile(h, "Measured", "mute", arena_printf(&h->a, "%td case%s", n.cases, n.cases == 1 ? "" : "s"),
         arena_printf(&h->a, "%td trials%s", n.trials, elapsed(h)));
    strbuf_addz(h->out, "</div>\n");
}

static void run_reasons(Html *h)
{
    const Validity *v = &h->r->validity;
    if (v->n == 0)
        return;
    strbuf_addz(h->out, "<ul class=\"reasons\">");
    for (ptrdiff_t i = 0; i < v->n; i++) {
        if (h->r->n_cases == 1 && reason_in_cases(h->r, &v->reasons[i]))
            continue; /* it stands right below */
        strbuf_addz(h->out, "<li>");
        html_tag(h, html_grade(v->reasons[i].grade), grade_name(v->reasons[i].grade));
        strbuf_addf(h->out, " <code>%s</code> %s</li>", esc(h, v->reasons[i].code),
                    esc(h, v->reasons[i].text));
    }
    strbuf_addz(h->out, "</ul>\n");
}

static void page_head(Html *h)
{
    const Run *r = h->r;
    RunTally n = run_tally(r);
    const char *commit = words_commit(&h->a, r);
    Grade tone;
    char *says = arena_strdup(&h->a, run_outcome(r, &tone));
    const char *css = html_grade(tone);
    says[0] = (char)toupper((unsigned char)says[0]);
    strbuf_addz(h->out, "<header><button type=\"button\" id=\"theme\" hidden=\"hidden\">theme"
                        "</button>\n");
    strbuf_addf(
        h->out,
        "<p class=\"eyebrow\">assay run %s</p>\n<h1>%s</h1>\n<p class=\"meta\">%s%s%s</p>\n",
        esc(h, r->id), esc(h, r->suite), esc(h, words_time(&h->a, r->started_wall_ns)),
        commit ? " \xc2\xb7 " : "", commit ? esc(h, commit) : "");
    strbuf_addf(
        h->out, "<p class=\"banner %s\" role=\"status\"><b>%s%s</b>%s</p>\n", css, mark_of(css),
        says, r->exit_code ? arena_printf(&h->a, " <span>exit code %d</span>", r->exit_code) : "");
    tiles(h, n);
    run_reasons(h);
    strbuf_addz(h->out, "</header>\n");
}

static bool in_trouble(const CaseResult *c)
{
    bool trouble = c->validity.grade != GRADE_VALID;
    for (ptrdiff_t i = 0; c->expectations && i < c->n_expects; i++)
        trouble |= !c->expectations[i].held;
    return trouble;
}

static void all_cases(Html *h)
{
    const Run *r = h->r;
    RunTally n = run_tally(r);
    ptrdiff_t opened = 0;
    strbuf_addz(h->out, "<section id=\"details\"><h2>In detail</h2>\n");
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        if (c->side != SIDE_HEAD)
            continue;
        bool open = (n.cases <= CASES_OPEN || in_trouble(c)) && opened < CASES_OPEN;
        opened += open;
        html_case(h, c, i, open);
    }
    strbuf_addz(h->out, "</section>\n");
}

static void fact(Html *h, const char *label, const char *text)
{
    if (text && *text)
        strbuf_addf(h->out, "<dt>%s</dt><dd>%s</dd>\n", label, esc(h, text));
}

static void reproduction(Html *h)
{
    const Run *r = h->r;
    const Testbed *t = &r->testbed;
    strbuf_addz(h->out, "<section id=\"reproduction\"><h2>How it was measured</h2>\n<dl>\n");
    fact(h, "tool", r->tool);
    fact(h, "suite", r->suite_path);
    fact(h, "commit", words_commit(&h->a, r));
    fact(h, "full hash", r->commit);
    fact(h, "against", r->against);
    fact(h, "stop rule", r->stop_rule);
    fact(h, "seed of the order", arena_printf(&h->a, "%llu", (unsigned long long)r->seed));
    fact(h, "confidence", words_round(&h->a, r->confidence, "share"));
    fact(h, "smallest effect", words_round(&h->a, r->min_effect, "share"));
    fact(h, "host", words_testbed(&h->a, t));
    fact(h, "system", t->os);
    fact(h, "clock", t->clock_source);
    fact(h, "governor", t->governor);
    fact(h, "testbed", t->fingerprint);
    for (ptrdiff_t i = 0; i < r->tags.n; i++)
        fact(h, "tag", arena_printf(&h->a, "%s = %s", r->tags.v[i].key, r->tags.v[i].value));
    strbuf_addz(h->out, "</dl></section>\n");
}

int report_html(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    ptrdiff_t cases = MAX(run_tally(r).cases, 1);
    Html h = { .out = out, .r = r };
    h.points = MAX(MIN(POINTS_OF_PAGE / cases, (ptrdiff_t)POINTS_MAX), (ptrdiff_t)POINTS_MIN);
    h.rows = MAX(MIN(TRIALS_OF_PAGE / cases, (ptrdiff_t)500), (ptrdiff_t)10);
    page_begin(&h, arena_printf(&h.a, "%s %s", r->suite, r->id));
    page_head(&h);
    if (r->comparison && r->comparison->n)
        html_comparison(&h, r->comparison);
    html_overview(&h);
    all_cases(&h);
    reproduction(&h);
    page_end(&h);
    arena_done(&h.a);
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}

int compare_html(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    Html h = { .out = out };
    page_begin(&h, "assay comparison");
    strbuf_addf(out,
                "<header><button type=\"button\" id=\"theme\" hidden=\"hidden\">theme</button>"
                "<p class=\"eyebrow\">assay compare</p><h1>%s</h1></header>\n",
                verdict_name(c->verdict));
    html_comparison(&h, c);
    page_end(&h);
    arena_done(&h.a);
    return out->overflow ? err_set(err, -ENOMEM, "report grew too large") : 0;
}
