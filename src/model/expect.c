#include "model/expect.h"

#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "model/metric.h"
#include "model/names.h"

const char *const expect_stats[] = { "mean", "stddev", "min", "max",  "median", "p50",
                                     "p90",  "p95",    "p99", "p999", NULL };
enum { N_STATS = ARRAY_LEN(expect_stats) - 1 };

static const char *const op_names[] = { "<", "<=", ">", ">=", "==" };

/* Longer spellings first: "<=" before "<". */
static const struct {
    const char *text;
    ExpectOp op;
} ops[] = {
    { "<=", EXPECT_LE }, { "\xe2\x89\xa4", EXPECT_LE },
    { ">=", EXPECT_GE }, { "\xe2\x89\xa5", EXPECT_GE },
    { "==", EXPECT_EQ }, { "<", EXPECT_LT },
    { ">", EXPECT_GT },
};

typedef struct Parts {
    Str name, value;
    ExpectOp op;
} Parts;

const char *expect_op_name(ExpectOp op)
{
    assert(op <= EXPECT_EQ);
    return op_names[op];
}

bool expect_holds(const Expect *e, double value)
{
    switch (e->op) { /* every comparison with NaN is false */
    case EXPECT_LT:
        return value < e->limit;
    case EXPECT_LE:
        return value <= e->limit;
    case EXPECT_GT:
        return value > e->limit;
    case EXPECT_GE:
        return value >= e->limit;
    case EXPECT_EQ:
        return value == e->limit;
    }
    assert(false);
    return false;
}

/* Cut at the first operator; false when there is none. */
static bool cut_at_operator(Str text, Parts *p)
{
    for (ptrdiff_t at = 0; at < text.len; at++) {
        Str rest = str_slice(text, at, text.len);
        for (ptrdiff_t i = 0; i < ARRAY_LEN(ops); i++) {
            Str op = str(ops[i].text);
            if (!str_starts(rest, op))
                continue;
            p->name = str_trim(str_slice(text, 0, at));
            p->value = str_trim(str_slice(rest, op.len, rest.len));
            p->op = ops[i].op;
            return true;
        }
    }
    return false;
}

static bool is_name(Str s)
{
    static const Str blanks = { " \t\r\n", 4 };
    for (ptrdiff_t i = 0; i < blanks.len; i++)
        if (str_find_char(s, blanks.ptr[i]) >= 0)
            return false;
    return s.len > 0;
}

static bool is_stat(Str s)
{
    for (ptrdiff_t i = 0; i < N_STATS; i++)
        if (str_eqz(s, expect_stats[i]))
            return true;
    return false;
}

/* "p" and digits: certainly meant as a percentile. */
static bool looks_like_percentile(Str s)
{
    bool digits = s.len > 1 && s.ptr[0] == 'p';
    for (ptrdiff_t i = 1; i < s.len; i++)
        digits = digits && s.ptr[i] >= '0' && s.ptr[i] <= '9';
    return digits;
}

static int refuse_stat(Str text, Str stat, Err *err)
{
    (void)!expect_check_stat(stat, err);
    return err_wrap(err, "'" STR_FMT "'", STR_ARG(text));
}

/* People write the 99.9th percentile with its point, which else parts name and statistic. */
static Str plain_name(Arena *a, Str name)
{
    static const Str written = { "p99.9", 5 };
    ptrdiff_t head = name.len - written.len;
    if (!str_ends(name, written) || (head > 0 && name.ptr[head - 1] != '.'))
        return name;
    return str(arena_printf(a, STR_FMT "p999", STR_ARG(str_slice(name, 0, head))));
}

/* metric[.stat]: a whole well-known name wins ("target.cpu"), then a statistic behind the last
 * point. */
static int parse_name(Arena *a, Str text, Str name, Expect *e, Err *err)
{
    e->metric = arena_str(a, name);
    if (metric_find(e->metric) || metric_find_of_stage(e->metric))
        return 0;
    ptrdiff_t point = name.len;
    while (point > 0 && name.ptr[point - 1] != '.')
        point--;
    if (point <= 1)
        return 0;
    Str head = str_slice(name, 0, point - 1), stat = str_slice(name, point, name.len);
    const char *metric = arena_str(a, head);
    if (!is_stat(stat) && (metric_find(metric) || looks_like_percentile(stat)))
        return refuse_stat(text, stat, err);
    if (is_stat(stat)) {
        e->metric = metric;
        e->stat = arena_str(a, stat);
    }
    return 0;
}

static int as_duration(Str s, double *ret)
{
    uint64_t v;
    TRY(fmt_parse_duration(s, &v, NULL));
    *ret = (double)v;
    return 0;
}

static int as_size(Str s, double *ret)
{
    uint64_t v;
    TRY(fmt_parse_size(s, &v, NULL));
    *ret = (double)v;
    return 0;
}

static int as_size_rate(Str s, double *ret)
{
    if (str_ends(s, STR("/s")))
        s = str_trim(str_slice(s, 0, s.len - 2));
    return as_size(s, ret);
}

static int as_rate(Str s, double *ret)
{
    return fmt_parse_rate(s, ret, NULL);
}

static int as_share(Str s, double *ret)
{
    return fmt_parse_share(s, false, ret, NULL);
}

static int as_number(Str s, double *ret)
{
    return fmt_parse_number(s, ret, NULL);
}

typedef struct Reading {
    const char *unit;
    int (*parse)(Str s, double *ret);
    const char *wants;
} Reading;

/* In the order in which they are tried where the unit is not known. */
static const Reading readings[] = {
    { "count", as_number, "a count is a plain number, e.g. 100 or 10k" },
    { "ns", as_duration, "a time needs a unit, e.g. 100ms" },
    { "share", as_share, "a share is a percentage or a fraction, e.g. 1% or 0.01" },
    { "bytes", as_size, "a size is bytes or has a unit, e.g. 64MiB" },
    { "1/s", as_rate, "a rate is per second, e.g. 500/s or 10k/s" },
    { "bytes/s", as_size_rate, "a rate of bytes, e.g. 10MB/s" },
};

static const Reading *reading_of(const char *metric)
{
    const MetricDef *def = metric_find(metric);
    def = def ? def : metric_find_of_stage(metric);
    for (ptrdiff_t i = 0; def && i < ARRAY_LEN(readings); i++)
        if (strcmp(readings[i].unit, def->unit) == 0)
            return &readings[i];
    return NULL;
}

/* "100" where a time is wanted becomes "e.g. 100ms": the cure in the user's own figure. */
static int refuse_value(Str text, Str value, const Reading *r, Err *err)
{
    double v;
    if (r && strcmp(r->unit, "ns") == 0 && str_to_f64(value, &v) == 0)
        return err_set(err, -EINVAL, "'" STR_FMT "': a time needs a unit, e.g. " STR_FMT "ms",
                       STR_ARG(text), STR_ARG(value));
    return err_set(err, -EINVAL, "'" STR_FMT "': '" STR_FMT "' does not fit: %s", STR_ARG(text),
                   STR_ARG(value),
                   r ? r->wants : "a number, or one with a unit: 100ms, 5%, 64MiB, 500/s");
}

static int parse_value(Str text, Str value, Expect *e, Err *err)
{
    const Reading *r = reading_of(e->metric);
    if (r)
        return r->parse(value, &e->limit) == 0 ? 0 : refuse_value(text, value, r, err);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(readings); i++)
        if (readings[i].parse(value, &e->limit) == 0)
            return 0;
    return refuse_value(text, value, NULL, err);
}

int expect_parse(Arena *a, Str text, Expect *ret, Err *err)
{
    static const char cure[] = "an expectation reads 'latency.p95 < 100ms'";
    Parts p;
    text = str_trim(text);
    if (!cut_at_operator(text, &p))
        return err_set(err, -EINVAL, "'" STR_FMT "': no <, <=, >, >= or == in it; %s",
                       STR_ARG(text), cure);
    if (!is_name(p.name))
        return err_set(err, -EINVAL, "'" STR_FMT "': no metric before '%s'; %s", STR_ARG(text),
                       expect_op_name(p.op), cure);
    if (p.value.len == 0)
        return err_set(err, -EINVAL, "'" STR_FMT "': no value behind '%s'; %s", STR_ARG(text),
                       expect_op_name(p.op), cure);
    p.name = plain_name(a, p.name);
    Expect e = { .op = p.op };
    TRY(parse_name(a, text, p.name, &e, err));
    TRY(parse_value(text, p.value, &e, err));
    e.expr = arena_printf(a, STR_FMT " %s " STR_FMT, STR_ARG(p.name), expect_op_name(p.op),
                          STR_ARG(p.value));
    *ret = e;
    return 0;
}
