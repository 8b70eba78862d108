/* Catch2's console tables of benchmarks (versions 2 and 3): for each a line with name, samples and
 * iterations, one with the mean, one with the standard deviation. Long names take several lines;
 * the numbers stand on the last. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    bool head = str_find(in->text, STR("benchmark name")) >= 0;
    return head && str_find(in->text, STR("low mean")) > 0 &&
                   str_find(in->text, STR("low std dev")) > 0
               ? 90
               : 0;
}

/* The last word of the line, taken off its end. */
static bool pop_word(Str *line, Str *word)
{
    *line = str_trim(*line);
    ptrdiff_t i = line->len;
    while (i > 0 && line->ptr[i - 1] != ' ' && line->ptr[i - 1] != '\t')
        i--;
    *word = str_slice(*line, i, line->len);
    *line = str_trim(str_slice(*line, 0, i));
    return word->len > 0;
}

/* "NAME  samples  iterations  estimated unit" */
static bool name_line(Str line, Str *name, double *samples)
{
    Str unit, estimated, iterations, count, rest;
    uint64_t n;
    if (!pop_word(&line, &unit) || unit_time_ns(unit) <= 0 || !pop_word(&line, &estimated) ||
        isnan(scan_num(estimated, &rest)) || !pop_word(&line, &iterations) ||
        str_to_u64(iterations, &n) < 0 || !pop_word(&line, &count) || str_to_u64(count, &n) < 0)
        return false;
    *samples = (double)n;
    *name = line;
    return true;
}

/* "value unit low unit high unit", nothing else: the value in ns. */
static bool value_line(Str line, double *ns)
{
    for (int i = 0; i < 3; i++) {
        Str number, unit, rest;
        if (!scan_word(&line, &number) || !scan_word(&line, &unit))
            return false;
        double v = scan_num(number, &rest), factor = unit_time_ns(unit);
        if (isnan(v) || factor <= 0)
            return false;
        if (i == 0)
            *ns = v * factor;
    }
    return str_trim(line).len == 0;
}

typedef struct Reader {
    Harvest *h;
    Str before[3]; /* lines before the current one, latest first */
    Str title;     /* of the test case */
    StrBuf name;   /* lines of a name so far */
    bool table;    /* within a table of benchmarks */
    CaseResult *c; /* the benchmark whose mean is expected */
    Figures f;
    bool has_mean;
} Reader;

/* Names are only unique within a test case. */
static CaseResult *case_of(Reader *r)
{
    Str name = strbuf_str(&r->name);
    const CaseResult *there = harvest_find(r->h, name);
    CLEANUP(strbuf_done) StrBuf full = { 0 };
    if (there && there->component && !str_eqz(r->title, there->component))
        strbuf_addf(&full, STR_FMT "/", STR_ARG(r->title));
    strbuf_add(&full, name);
    CaseResult *c = harvest_case(r->h, strbuf_str(&full));
    c->component = harvest_text(r->h, r->title);
    return c;
}

static void flush(Reader *r)
{
    if (r->c && r->has_mean)
        harvest_figures(r->h, r->c, harvest_trial(r->h, r->c), "time", UNIT_NS, "mean", r->f);
    r->c = NULL;
    r->has_mean = false;
    r->f = figures_none();
    strbuf_clear(&r->name);
}

static void table_line(Reader *r, Str line)
{
    Str name;
    double v = 0, samples = 0;
    line = str_trim(line);
    if (r->c && value_line(line, &v)) {
        *(r->has_mean ? &r->f.stddev : &r->f.mean) = v;
        if (r->has_mean)
            flush(r);
        else
            r->has_mean = true;
    } else if (name_line(line, &name, &samples)) {
        if (r->c)
            flush(r);
        strbuf_addf(&r->name, "%s" STR_FMT, r->name.len && name.len ? " " : "", STR_ARG(name));
        r->c = case_of(r);
        r->f.count = samples;
    } else if (line.len == 0) {
        strbuf_clear(&r->name);
    } else if (r->name.len < 4096) {
        strbuf_addf(&r->name, "%s" STR_FMT, r->name.len ? " " : "", STR_ARG(line));
    }
}

static void take_line(Reader *r, Str line)
{
    Str dummy;
    bool rule = str_starts(line, STR("-----")), end = str_starts(line, STR("====="));
    if (scan_after(line, "benchmark name", &dummy) || scan_after(line, "mean  ", &dummy) ||
        scan_after(line, "std dev  ", &dummy)) {
        r->table = false; /* the rule below opens it */
    } else if (rule && scan_after(r->before[0], "std dev", &dummy)) {
        flush(r);
        r->table = true;
    } else if (rule || end) {
        flush(r);
        r->table = false;
    } else if (str_starts(line, STR("....."))) {
        r->title = str_trim(r->before[2]); /* title, rule, place, dots */
    } else if (r->table) {
        table_line(r, line);
    }
    r->before[2] = r->before[1];
    r->before[1] = r->before[0];
    r->before[0] = line;
}

/* "Catch2_bench is a Catch v2.11.0 host application." */
static void take_version(Harvest *h, Str text)
{
    ptrdiff_t at = str_find(text, STR(" is a Catch"));
    Str rest = str_slice(text, at < 0 ? text.len : at, text.len), line = { 0 }, word;
    scan_line(&rest, &line);
    while (scan_word(&line, &word))
        if (str_starts(word, STR("v")) && word.len > 1)
            harvest_tag(h, "producer_version", str_slice(word, 1, word.len));
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Reader r = { .h = h, .f = figures_none() };
    Str rest = in->text, line;
    take_version(h, in->text);
    while (scan_line(&rest, &line))
        take_line(&r, line);
    flush(&r);
    strbuf_done(&r.name);
    return 0;
}

const HarnessFormat harness_catch2 = {
    .name = "catch2",
    .producer = "Catch2",
    .summary = "Catch2's console tables of benchmarks",
    .recognise = recognise,
    .read = read_text,
};
