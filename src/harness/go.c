/* `go test -bench` text: configuration lines, result lines, unit metadata; everything else is other
 * programs' talk. Repeated lines (-count) are samples of one benchmark.
 * Source: the Go project's benchmark data format, proposal 14313. */
#include <math.h>
#include <string.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

enum { UNITS_MAX = 64 };

typedef struct UnitRule {
    Str unit;
    Better better;
} UnitRule;

typedef struct GoReader {
    Harvest *h;
    Str pkg;
    UnitRule rules[UNITS_MAX];
    ptrdiff_t n_rules;
} GoReader;

/* "BenchmarkName-8  100  325 ns/op": the name, the iterations, and a number behind. */
static bool is_result(Str line)
{
    Str rest = line, word, tail;
    uint64_t n;
    if (!str_starts(line, STR("Benchmark")) || !scan_word(&rest, &word) ||
        !scan_word(&rest, &word) || str_to_u64(word, &n) < 0)
        return false;
    return scan_word(&rest, &word) && !isnan(scan_num(word, &tail)) && scan_word(&rest, &word);
}

static int recognise(const HarnessInput *in)
{
    Str rest = in->text, line;
    for (int i = 0; i < 100000 && scan_line(&rest, &line); i++)
        if (is_result(line))
            return 90;
    return 0;
}

/* "key: value", key in lower case without blanks; an empty value takes the setting away. */
static bool config_line(Str line, Str *key, Str *value)
{
    ptrdiff_t colon = str_find_char(line, ':');
    if (colon <= 0 || line.ptr[0] < 'a' || line.ptr[0] > 'z')
        return false;
    *key = str_slice(line, 0, colon);
    for (ptrdiff_t i = 0; i < key->len; i++)
        if (key->ptr[i] <= ' ' || (key->ptr[i] >= 'A' && key->ptr[i] <= 'Z'))
            return false;
    *value = str_trim(str_slice(line, colon + 1, line.len));
    return colon + 1 == line.len || line.ptr[colon + 1] == ' ' || line.ptr[colon + 1] == '\t';
}

static void take_config(GoReader *g, Str key, Str value)
{
    if (str_eqz(key, "pkg"))
        g->pkg = value;
    else if (str_eqz(key, "cpu"))
        g->h->run->testbed.cpu = harvest_text(g->h, value);
    else if (str_eqz(key, "commit"))
        g->h->run->commit = harvest_text(g->h, value);
    else if (str_eqz(key, "branch"))
        g->h->run->branch = harvest_text(g->h, value);
    else
        harvest_tag(g->h, arena_str(&g->h->run->arena, key), value);
}

/* "Unit ns/op better=lower assume=exact" */
static void take_unit_line(GoReader *g, Str line)
{
    Str rest = str_slice(line, 5, line.len), unit, word;
    if (!scan_word(&rest, &unit) || g->n_rules == UNITS_MAX)
        return;
    while (scan_word(&rest, &word)) {
        if (str_eqz(word, "better=higher"))
            g->rules[g->n_rules++] = (UnitRule){ unit, BETTER_HIGHER };
        else if (str_eqz(word, "better=lower"))
            g->rules[g->n_rules++] = (UnitRule){ unit, BETTER_LOWER };
        if (g->n_rules == UNITS_MAX)
            return;
    }
}

/* "p99-ns/op" is a time; "widgets" is what it says. */
static Unit unit_of(GoReader *g, Str text)
{
    Arena *a = &g->h->run->arena;
    Unit u = unit_find(a, text);
    ptrdiff_t dash = -1;
    for (ptrdiff_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '-')
            dash = i;
    if (dash >= 0) {
        Unit tail = unit_find(a, str_slice(text, dash + 1, text.len));
        if (strcmp(tail.name, "ns") == 0 || strcmp(tail.name, "bytes") == 0)
            u = tail;
    }
    for (ptrdiff_t i = 0; i < g->n_rules; i++)
        if (str_eq(g->rules[i].unit, text))
            u.better = g->rules[i].better;
    return u;
}

static const char *metric_name(GoReader *g, Str unit)
{
    if (str_eqz(unit, "ns/op"))
        return "time";
    if (str_eqz(unit, "MB/s"))
        return "throughput";
    if (str_eqz(unit, "B/op"))
        return "alloc_bytes";
    if (str_eqz(unit, "allocs/op"))
        return "allocs";
    return arena_str(&g->h->run->arena, unit);
}

/* The number of processors that Go appends: "-8" at the end of the name. */
static Str procs_of(Str name)
{
    ptrdiff_t i = name.len;
    while (i > 0 && name.ptr[i - 1] >= '0' && name.ptr[i - 1] <= '9')
        i--;
    return i < name.len && i > 1 && name.ptr[i - 1] == '-' ? str_slice(name, i, name.len)
                                                           : (Str){ 0 };
}

static void take_result(GoReader *g, Str line)
{
    Str rest = line, name, word, unit, tail;
    scan_word(&rest, &name);
    scan_word(&rest, &word);
    CLEANUP(strbuf_done) StrBuf full = { 0 };
    if (g->pkg.len)
        strbuf_addf(&full, STR_FMT ".", STR_ARG(g->pkg));
    strbuf_add(&full, name);
    CaseResult *c = harvest_case(g->h, strbuf_str(&full));
    c->component = harvest_text(g->h, g->pkg);
    if (procs_of(name).len)
        harvest_param(g->h, c, "gomaxprocs", procs_of(name));
    Trial *t = harvest_trial(g->h, c);
    while (scan_word(&rest, &word) && scan_word(&rest, &unit)) {
        const char *metric = metric_name(g, unit);
        harvest_value(g->h, t, metric, unit_of(g, unit), NULL, scan_num(word, &tail));
    }
}

/* Unit metadata holds for the whole text, wherever it stands. */
static void read_units(GoReader *g, Str text)
{
    Str line;
    while (scan_line(&text, &line))
        if (str_starts(line, STR("Unit ")))
            take_unit_line(g, line);
}

static int read_text(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    GoReader g = { .h = h };
    Str rest = in->text, line, key, value;
    read_units(&g, in->text);
    while (scan_line(&rest, &line)) {
        if (is_result(line))
            take_result(&g, line);
        else if (config_line(line, &key, &value))
            take_config(&g, key, value);
    }
    return 0;
}

const HarnessFormat harness_go = {
    .name = "go",
    .producer = "go test",
    .summary = "go test -bench (Go's benchmark data format)",
    .recognise = recognise,
    .read = read_text,
};
