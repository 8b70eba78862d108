#include "harness/unit.h"

typedef struct Word {
    const char *text;
    double factor;
} Word;

static const Word times[] = {
    { "ps", 1e-3 },          { "ns", 1 },
    { "nsec", 1 },           { "nanosecond", 1 },
    { "nanoseconds", 1 },    { "us", 1e3 },
    { "usec", 1e3 },         { "\xc2\xb5s", 1e3 },
    { "\xce\xbcs", 1e3 },    { "microsecond", 1e3 },
    { "microseconds", 1e3 }, { "ms", 1e6 },
    { "msec", 1e6 },         { "millisecond", 1e6 },
    { "milliseconds", 1e6 }, { "s", 1e9 },
    { "sec", 1e9 },          { "secs", 1e9 },
    { "second", 1e9 },       { "seconds", 1e9 },
    { "min", 60e9 },         { "minutes", 60e9 },
    { "hr", 3600e9 },        { "hours", 3600e9 },
};

static const Word sizes[] = {
    { "B", 1 },           { "byte", 1 },         { "bytes", 1 },
    { "Bytes", 1 },       { "kB", 1e3 },         { "KB", 1e3 },
    { "MB", 1e6 },        { "GB", 1e9 },         { "Kilobytes", 1e3 },
    { "Megabytes", 1e6 }, { "Gigabytes", 1e9 },  { "kilobytes", 1e3 },
    { "megabytes", 1e6 }, { "gigabytes", 1e9 },  { "KiB", 1024 },
    { "MiB", 1048576 },   { "GiB", 1073741824 },
};

static const Word per_second[] = {
    { "tps", 1 }, { "qps", 1 },   { "rps", 1 },   { "iops", 1 },  { "IOPS", 1 },
    { "Hz", 1 },  { "kHz", 1e3 }, { "MHz", 1e6 }, { "GHz", 1e9 },
};

static const Word shares[] = {
    { "%", 0.01 },
    { "percent", 0.01 },
    { "Percent", 0.01 },
    { "percentage", 0.01 },
};

/* What is counted in a rate: then "X/s" is a plain rate. */
static const Word counted[] = {
    { "", 1 },
    { "1", 1 },
    { "#", 1 },
    { "op", 1 },
    { "ops", 1 },
    { "req", 1 },
    { "reqs", 1 },
    { "request", 1 },
    { "requests", 1 },
    { "iter", 1 },
    { "iters", 1 },
    { "iteration", 1 },
    { "iterations", 1 },
    { "event", 1 },
    { "events", 1 },
    { "item", 1 },
    { "items", 1 },
    { "elem", 1 },
    { "msg", 1 },
    { "msgs", 1 },
    { "message", 1 },
    { "messages", 1 },
    { "transactions", 1 },
    { "queries", 1 },
    { "calls", 1 },
    { "operations", 1 },
    { "operation", 1 },
};

static const Word *find_word(const Word *words, ptrdiff_t n, Str text)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_eqz(text, words[i].text))
            return &words[i];
    return NULL;
}
#define FIND(table, text) find_word(table, ARRAY_LEN(table), text)

double unit_time_ns(Str text)
{
    const Word *w = FIND(times, text);
    return w ? w->factor : 0;
}

static bool simple_unit(Str text, Unit *ret)
{
    const Word *w;
    if ((w = FIND(times, text)))
        *ret = (Unit){ "ns", w->factor, BETTER_LOWER };
    else if ((w = FIND(sizes, text)))
        *ret = (Unit){ "bytes", w->factor, BETTER_LOWER };
    else if ((w = FIND(per_second, text)))
        *ret = (Unit){ "1/s", w->factor, BETTER_HIGHER };
    else if ((w = FIND(shares, text)))
        *ret = (Unit){ "share", w->factor, BETTER_NONE };
    else
        return false;
    return true;
}

static bool rate_unit(Str above, Str below, Unit *ret)
{
    const Word *w, *time = FIND(times, below);
    if (!time)
        return false;
    double per_s = 1e9 / time->factor;
    if ((w = FIND(sizes, above)))
        *ret = (Unit){ "bytes/s", w->factor * per_s, BETTER_HIGHER };
    else if (FIND(counted, above))
        *ret = (Unit){ "1/s", per_s, BETTER_HIGHER };
    else
        return false;
    return true;
}

/* "ns/op" says time per operation, which is what the figure is of anyway. */
static bool is_per_operation(Str below)
{
    return str_eqz(below, "op") || str_eqz(below, "ops") || str_eqz(below, "iter") ||
           str_eqz(below, "iteration") || str_eqz(below, "call");
}

Unit unit_find(Arena *a, Str text)
{
    Unit u = { "", 1, BETTER_NONE };
    text = str_trim(text);
    if (text.len == 0 || simple_unit(text, &u))
        return u;
    ptrdiff_t slash = str_find_char(text, '/');
    if (slash >= 0) {
        Str above = str_slice(text, 0, slash), below = str_slice(text, slash + 1, text.len);
        if (rate_unit(above, below, &u) || (is_per_operation(below) && simple_unit(above, &u)))
            return u;
        if (is_per_operation(below) && str_eqz(above, "allocs"))
            return unit_better(UNIT_COUNT, BETTER_LOWER);
    }
    u.name = arena_str(a, text);
    return u;
}
