#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "stats/quantile.h"

#define DOTS " \xe2\x80\xa6 "
#define PLUS_MINUS " \xc2\xb1 "
#define AT_LEAST "\xe2\x89\xa5 "
#define AT_MOST "\xe2\x89\xa4 "
#define MIDDLE_DOT " \xc2\xb7 "

bool words_is_cores(const char *metric, const char *unit)
{
    size_t n = strlen(metric);
    return strcmp(unit, "count") == 0 &&
           (strcmp(metric, "cpu") == 0 || (n > 4 && strcmp(metric + n - 4, ".cpu") == 0));
}

const char *words_value(Arena *a, double v, const char *metric, const char *unit)
{
    char buf[FMT_MAX];
    if (words_is_cores(metric, unit) && isfinite(v))
        return arena_printf(a, "%.2f cores", v);
    return arena_strdup(a, fmt_value(buf, v, unit));
}

/* Cut "102 ms" to "102" when the other figure ends in the same unit. */
static ptrdiff_t number_len(const char *x, const char *y)
{
    const char *ux = strchr(x, ' '), *uy = strchr(y, ' ');
    bool same = ux && uy && strcmp(ux, uy) == 0;
    return same ? ux - x : (ptrdiff_t)strlen(x);
}

const char *words_range(Arena *a, double lo, double hi, const char *unit)
{
    char l[FMT_MAX], h[FMT_MAX];
    if (isnan(lo) || isnan(hi))
        return "-";
    if (isinf(lo) && isinf(hi))
        return "unbounded";
    if (isinf(hi))
        return arena_printf(a, AT_LEAST "%s", fmt_value(l, lo, unit));
    if (isinf(lo))
        return arena_printf(a, AT_MOST "%s", fmt_value(h, hi, unit));
    fmt_value(l, lo, unit);
    fmt_value(h, hi, unit);
    return arena_printf(a, "%.*s" DOTS "%s", (int)number_len(l, h), l, h);
}

const char *words_quantile(Arena *a, const MetricSummary *m, double q, double v)
{
    const char *mark = summary_is_bound(m, q) && isfinite(v) ? AT_LEAST : "";
    return arena_printf(a, "%s%s", mark, words_value(a, v, m->name, m->unit));
}

const char *words_expected(Arena *a, const ExpectResult *e, const char *metric)
{
    const char *mark = e->bound && isfinite(e->value) ? AT_LEAST : "";
    return arena_printf(a, "%s%s", mark, words_value(a, e->value, metric, e->unit ? e->unit : ""));
}

const char *words_extent(Arena *a, const MetricSummary *m)
{
    char lo[FMT_MAX];
    if (!summary_is_bound(m, 1))
        return words_range(a, m->min, m->max, m->unit);
    return arena_printf(a, "%s" DOTS "%s", fmt_value(lo, m->min, m->unit),
                        words_quantile(a, m, 1, m->max));
}

/* Digits behind the point of the number that `text` starts with. */
static int decimals_of(Str number)
{
    ptrdiff_t point = str_find_char(number, '.');
    return point < 0 ? 0 : (int)(number.len - point - 1);
}

const char *words_spread(Arena *a, double mean, double stddev, const char *unit)
{
    char m[FMT_MAX], s[FMT_MAX];
    double shown;
    fmt_value(m, mean, unit);
    if (isnan(mean) || isnan(stddev))
        return arena_strdup(a, m);
    ptrdiff_t end = str_find_char(str(m), ' ');
    Str number = str_slice(str(m), 0, end < 0 ? (ptrdiff_t)strlen(m) : end);
    int decimals = decimals_of(number);
    if (end > 0 && str_to_f64(number, &shown) == 0 && shown > 0) {
        double scaled = stddev / (mean / shown);
        if (scaled >= 0.5 * pow(10, -decimals))
            return arena_printf(a, STR_FMT PLUS_MINUS "%.*f%s", STR_ARG(number), decimals, scaled,
                                m + end);
    }
    return arena_printf(a, "%s" PLUS_MINUS "%s", m, fmt_value(s, stddev, unit));
}

const char *words_round(Arena *a, double v, const char *unit)
{
    char buf[FMT_MAX];
    fmt_value(buf, v, unit);
    Str all = str(buf);
    ptrdiff_t end = 0;
    while (end < all.len && (str_find_char(STR("0123456789.-+"), all.ptr[end]) >= 0))
        end++;
    ptrdiff_t keep = end;
    if (decimals_of(str_slice(all, 0, end)) > 0) {
        while (buf[keep - 1] == '0')
            keep--;
        keep -= buf[keep - 1] == '.';
    }
    return arena_printf(a, "%.*s%s", (int)keep, buf, buf + end);
}

const char *words_count(Arena *a, uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    char *out = arena_alloc(a, 2 * len + 1);
    char *p = out;
    for (int i = 0; i < len; i++) {
        if (i > 0 && len > 4 && (len - i) % 3 == 0)
            *p++ = ' ';
        *p++ = digits[i];
    }
    return out;
}

const char *words_time(Arena *a, uint64_t wall_ns)
{
    char iso[CLOCK_ISO_MAX];
    clock_iso(iso, wall_ns);
    return arena_printf(a, "%.10s %.8s UTC", iso, strlen(iso) > 11 ? iso + 11 : "");
}

const char *words_commit(Arena *a, const Run *r)
{
    if (!r->commit)
        return NULL;
    return arena_printf(a, "%.10s%s%s%s", r->commit, r->branch ? " on " : "",
                        r->branch ? r->branch : "", r->dirty ? ", with uncommitted changes" : "");
}

static const char *join(Arena *a, const char *head, const char *piece)
{
    if (!piece || !*piece)
        return head;
    return head ? arena_printf(a, "%s" MIDDLE_DOT "%s", head, piece) : piece;
}

const char *words_testbed(Arena *a, const Testbed *t)
{
    const char *s = join(a, NULL, t->host);
    s = join(a, s, t->cpu);
    if (t->cpus)
        s = join(a, s, arena_printf(a, "%u CPU%s", t->cpus, t->cpus == 1 ? "" : "s"));
    if (t->memory_bytes)
        s = join(a, s, words_round(a, (double)t->memory_bytes, "bytes"));
    if (t->kernel)
        s = join(a, s, arena_printf(a, "Linux %s", t->kernel));
    if (t->virtualisation && strcmp(t->virtualisation, "none") != 0)
        s = join(a, s, t->virtualisation);
    return s;
}

const char *words_metric(Arena *a, const char *name)
{
    static const char *const names[][2] = {
        { "rss_peak", "peak memory" },
        { "cpu", "user + system" },
        { "rss", "memory" },
        { "error_rate", "error rate" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    char *text = arena_strdup(a, name);
    for (char *p = text; *p; p++)
        *p = *p == '_' ? ' ' : *p;
    return text;
}

const char *words_change(Arena *a, const CompareRow *row)
{
    char buf[FMT_MAX];
    if (isfinite(row->ratio))
        return arena_strdup(a, fmt_change(buf, row->ratio - 1));
    if (!isfinite(row->difference))
        return "-";
    const char *sign = row->difference > 0 ? "+" : "";
    return arena_printf(a, "%s%s", sign, fmt_value(buf, row->difference, row->unit));
}

const char *words_change_range(Arena *a, const CompareRow *row)
{
    char lo[FMT_MAX], hi[FMT_MAX];
    double l = row->ratio_low, h = row->ratio_high;
    bool low_open = l <= 0 || isinf(l), high_open = isinf(h);
    if (isnan(l) || isnan(h) || (low_open && high_open))
        return "-";
    if (high_open)
        return arena_printf(a, AT_LEAST "%s", fmt_change(lo, l - 1));
    if (low_open)
        return arena_printf(a, AT_MOST "%s", fmt_change(hi, h - 1));
    return arena_printf(a, "%s" DOTS "%s", fmt_change(lo, l - 1), fmt_change(hi, h - 1));
}

bool words_competing(const CompareRow *row)
{
    return row->reference && strcmp(row->reference, row->case_name) != 0;
}

bool words_contest(const Comparison *c)
{
    bool contest = c->n > 0;
    for (ptrdiff_t i = 0; i < c->n; i++)
        contest &= words_competing(&c->rows[i]);
    return contest;
}

const char *words_outcome(const CompareRow *row)
{
    if (words_competing(row) && row->verdict == VERDICT_REGRESSED)
        return "worse";
    if (words_competing(row) && row->verdict == VERDICT_IMPROVED)
        return "better";
    return verdict_name(row->verdict);
}

static const char *more_rounds(Arena *a, const CompareRow *row)
{
    if (!(row->rounds_more >= 1 && row->rounds_more <= 10000))
        return "more rounds than are practical would tell";
    return arena_printf(a, "about %.0f more round%s would tell", ceil(row->rounds_more),
                        row->rounds_more <= 1 ? "" : "s");
}

/* `fast` needs 1 / times of what `slow` needs. */
static const char *speed_sentence(Arena *a, const char *fast, const char *slow, double times,
                                  double low, double high)
{
    return arena_printf(a, "%s is %.*f times as fast as %s (%.*f" DOTS "%.*f)", fast,
                        times < 10 ? 2 : 1, times, slow, times < 10 ? 2 : 1, low,
                        times < 10 ? 2 : 1, high);
}

static const char *clear_verdict(Arena *a, const CompareRow *row)
{
    bool timed = strcmp(row->unit, "ns") == 0 && row->ratio > 0 && row->ratio_low > 0 &&
                 isfinite(row->ratio_high);
    /* Close to 1, "1.01 times as fast (1.01 … 1.02)" says less than per cent do. */
    bool far = timed && fabs(log(row->ratio)) > 0.05;
    if (far && words_competing(row)) {
        if (row->ratio < 1)
            return speed_sentence(a, row->case_name, row->reference, 1 / row->ratio,
                                  1 / row->ratio_high, 1 / row->ratio_low);
        return speed_sentence(a, row->reference, row->case_name, row->ratio, row->ratio_low,
                              row->ratio_high);
    }
    const char *what = words_metric(a, row->metric);
    const char *whose = words_competing(row) ? arena_printf(a, "%s of %s against %s", what,
                                                            row->case_name, row->reference)
                                             : arena_printf(a, "%s of %s", what, row->case_name);
    return arena_printf(a, "%s: %s (%s), %s", whose, words_change(a, row),
                        words_change_range(a, row), words_outcome(row));
}

bool words_worth_saying(const CompareRow *row, bool first)
{
    if (words_competing(row))
        return first;
    if (!*row->metric || row->verdict == VERDICT_INVALID)
        return true;
    bool one_side = isnan(row->value_a) || isnan(row->value_b);
    return row->note && (row->verdict != VERDICT_INCONCLUSIVE || one_side);
}

static int compare_doubles(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

const char *words_inconclusive(Arena *a, const Comparison *c)
{
    double *more = ARENA_ARRAY(a, double, c->n);
    ptrdiff_t n = 0, known = 0;
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        if (words_competing(row) || !*row->metric || row->verdict != VERDICT_INCONCLUSIVE)
            continue;
        n++;
        if (row->rounds_more >= 1)
            more[known++] = row->rounds_more;
    }
    if (n == 0)
        return NULL;
    qsort(more, (size_t)known, sizeof *more, compare_doubles);
    double middle = known ? more[known / 2] : (double)NAN;
    const char *cure =
        isnan(middle) ? ""
        : middle > 10000
            ? "; more rounds than are practical would be needed"
            : arena_printf(a, "; about %.0f more round%s would settle %s", ceil(middle),
                           middle <= 1 ? "" : "s", n > 1 ? "half of them" : "it");
    return arena_printf(a, "%td inconclusive: too little evidence either way%s", n, cure);
}

const char *words_verdict(Arena *a, const Comparison *c, const CompareRow *row)
{
    if (!*row->metric && row->note)
        return arena_printf(a, "%s: %s", row->case_name, row->note);
    const char *pair = words_competing(row)
                           ? arena_printf(a, "%s and %s", row->case_name, row->reference)
                           : row->case_name;
    const char *range = words_change_range(a, row);
    switch (row->verdict) {
    case VERDICT_IMPROVED:
    case VERDICT_REGRESSED:
        return clear_verdict(a, row);
    case VERDICT_UNCHANGED:
        return arena_printf(a, "%s: no difference beyond %s (%s)", pair,
                            words_round(a, c->min_effect, "share"), range);
    case VERDICT_INCONCLUSIVE:
        if (row->note && str_starts(str(row->note), STR("too few ")))
            return arena_printf(a, "%s: %s", pair, row->note);
        if (strcmp(range, "-") == 0)
            return arena_printf(a, "%s: no difference shown: inconclusive, %s", pair,
                                row->note ? row->note : more_rounds(a, row));
        return arena_printf(a, "%s: no difference shown: inconclusive (%s), %s", pair, range,
                            more_rounds(a, row));
    case VERDICT_INVALID:
        return arena_printf(a, "%s: not judged, one side is INVALID", pair);
    }
    return "";
}

const char *words_action(Arena *a, const CompareRow *row)
{
    static const char *const does[] = { "", "", ", review", ", blocks" };
    if (row->severity == SEVERITY_NONE)
        return "";
    return arena_printf(a, "%s%s", severity_name(row->severity), does[row->action]);
}

static const char *words_exit(int exit_code)
{
    switch (exit_code) {
    case 0:
        return "every gate held";
    case 1:
        return "the run failed";
    case 3:
        return "an expectation broke";
    case 4:
        return "a regression blocks";
    case 5:
        return "the measurement is INVALID";
    case 6:
        return "inconclusive: not enough evidence either way";
    default:
        return "unknown";
    }
}

bool run_has_gates(const Run *r)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        if (r->cases[i]->side == SIDE_HEAD && r->cases[i]->n_expects > 0)
            return true;
    for (ptrdiff_t i = 0; r->comparison && i < r->comparison->n; i++)
        if (!words_competing(&r->comparison->rows[i]))
            return true;
    return false;
}

const char *run_outcome(const Run *r, Grade *ret_tone)
{
    bool suspect = r->validity.grade == GRADE_SUSPECT;
    *ret_tone = GRADE_SUSPECT;
    if (r->interrupted)
        return "interrupted: what was measured is shown, no gate was evaluated";
    if (r->exit_code == 0 && suspect)
        return run_has_gates(r) ? "every gate held, but the measurement is SUSPECT"
                                : "measured, but SUSPECT";
    if (r->exit_code == 0) {
        *ret_tone = r->validity.grade;
        return run_has_gates(r) ? words_exit(0) : "measured; no gate was set";
    }
    *ret_tone = r->exit_code == 6 ? GRADE_SUSPECT : GRADE_INVALID;
    return words_exit(r->exit_code);
}

bool row_blocks(const CompareRow *row)
{
    return row->verdict == VERDICT_REGRESSED && row->action == ACTION_BLOCK;
}

RunTally run_tally(const Run *r)
{
    RunTally t = { 0 };
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const CaseResult *c = r->cases[i];
        t.trials += c->n_trials;
        if (c->side != SIDE_HEAD)
            continue;
        t.cases++;
        t.grades[c->validity.grade]++;
        for (ptrdiff_t k = 0; c->expectations && k < c->n_expects; k++) {
            t.expects++;
            t.broken += !c->expectations[k].held;
        }
    }
    for (ptrdiff_t i = 0; r->comparison && i < r->comparison->n; i++) {
        t.verdicts[r->comparison->rows[i].verdict]++;
        t.blocking += row_blocks(&r->comparison->rows[i]);
    }
    return t;
}

/* Rows that have this word, or "" when the word was counted at an earlier row. */
static const char *count_word(Arena *a, const Comparison *c, ptrdiff_t at)
{
    const char *word = words_outcome(&c->rows[at]);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < c->n; i++) {
        bool same = strcmp(words_outcome(&c->rows[i]), word) == 0;
        if (same && i < at)
            return "";
        n += same;
    }
    return arena_printf(a, "%td %s", n, word);
}

const char *words_tally(Arena *a, const Comparison *c)
{
    static const Verdict order[] = { VERDICT_INVALID, VERDICT_REGRESSED, VERDICT_INCONCLUSIVE,
                                     VERDICT_IMPROVED, VERDICT_UNCHANGED };
    const char *text = "";
    for (ptrdiff_t k = 0; k < ARRAY_LEN(order); k++) {
        for (ptrdiff_t i = 0; c && i < c->n; i++) {
            const char *count = c->rows[i].verdict == order[k] ? count_word(a, c, i) : "";
            if (*count)
                text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", count);
        }
    }
    return text;
}

bool reason_in_cases(const Run *r, const Reason *reason)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++) {
        const Validity *v = &r->cases[i]->validity;
        for (ptrdiff_t k = 0; r->cases[i]->side == SIDE_HEAD && k < v->n; k++)
            if (strcmp(v->reasons[k].code, reason->code) == 0 &&
                str_ends(str(reason->text), str(v->reasons[k].text)))
                return true;
    }
    return false;
}

double rows_geomean(const Comparison *c, const char *metric, ptrdiff_t *ret_n)
{
    double sum = 0;
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const CompareRow *row = &c->rows[i];
        if (words_competing(row)) /* a contest between commands is no before and after */
            continue;
        if (strcmp(row->metric, metric) == 0 && row->verdict != VERDICT_INVALID && row->ratio > 0 &&
            isfinite(row->ratio)) {
            sum += log(row->ratio);
            n++;
        }
    }
    *ret_n = n;
    return n < 2 ? (double)NAN : exp(sum / (double)n);
}

double *values_sorted(Arena *a, const MetricSummary *m, ptrdiff_t *ret_n)
{
    double *x = ARENA_ARRAY(a, double, MAX(m->n_trials, 1));
    for (ptrdiff_t i = 0; i < m->n_trials; i++)
        x[i] = m->trials[i];
    sort_doubles(x, m->n_trials);
    *ret_n = count_numbers(x, m->n_trials);
    return x;
}

bool case_is_load(const CaseResult *c)
{
    return c->kind == KIND_LOAD || c->kind == KIND_STREAM || c->has_outcomes;
}

const MetricSummary *case_main_metric(const CaseResult *c)
{
    static const char *const names[] = { "latency", "wall", "time" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++) {
        const MetricSummary *m = case_find_metric(c, names[i]);
        if (m)
            return m;
    }
    return c->n_metrics ? &c->metrics[0] : NULL;
}

double case_offered_rate(const CaseResult *c)
{
    double seconds = 0, due = 0;
    for (ptrdiff_t i = 0; i < c->n_trials; i++) {
        const Trial *t = c->trials[i];
        if (!t->has_outcomes || t->duration_ns == 0)
            continue;
        seconds += (double)t->duration_ns / 1e9;
        due += (double)t->outcomes.scheduled;
    }
    return seconds > 0 ? due / seconds : (double)NAN;
}
