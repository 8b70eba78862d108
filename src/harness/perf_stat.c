/* perf stat -j: one object a line, an event each. With -I every interval is a trial. Counters that
 * ran part of the time were scaled up by perf: their method says so. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/lenient.h"
#include "harness/scan.h"

/* Lines before it may be the command's own output. */
static bool event_line(Str line, json_t **ret)
{
    json_t *j = NULL;
    if (!str_starts(str_trim(line), STR("{")) || str_find(line, STR("\"counter-value\"")) < 0 ||
        lenient_parse(line, "line", &j, NULL) < 0)
        return false;
    *ret = j;
    return true;
}

static int recognise(const HarnessInput *in)
{
    return str_find(in->text, STR("\"counter-value\"")) >= 0 &&
                   str_find(in->text, STR("\"event\"")) > 0
               ? 90
               : 0;
}

/* perf writes the value as text, with the locale's decimal sign; "<not counted>" is none. */
static double value_of(const json_t *o)
{
    const char *text = lenient_word(o, "counter-value");
    return text ? scan_decimal(str(text)) : lenient_get(o, "counter-value");
}

static const char *metric_name(Harvest *h, const json_t *o)
{
    const char *event = lenient_word(o, "event"), *cpu = lenient_word(o, "cpu");
    if (!event)
        return NULL;
    return cpu ? arena_printf(&h->run->arena, "%s{cpu=%s}", event, cpu)
               : arena_strdup(&h->run->arena, event);
}

static void take_event(Harvest *h, Trial *t, const json_t *o)
{
    const char *name = metric_name(h, o), *what = NULL;
    Str text = lenient_text(o, "unit");
    double running = lenient_get(o, "pcnt-running");
    Unit unit = text.len ? unit_find(&h->run->arena, text) : UNIT_COUNT;
    if (running < 100)
        what = arena_printf(&h->run->arena, "scaled up from %.1f %% of the time", running);
    if (name)
        harvest_value(h, t, name, unit_better(unit, BETTER_LOWER), what, value_of(o));
}

static int read_lines(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Str rest = in->text, line;
    CaseResult *c = NULL;
    double interval = (double)NAN;
    while (scan_line(&rest, &line)) {
        CLEANUP(json_free) json_t *o = NULL;
        if (!event_line(line, &o))
            continue;
        double at = lenient_get(o, "interval");
        if (!c)
            c = harvest_case(h, STR("perf stat"));
        if (c->n_trials == 0 || (at > interval || at < interval))
            harvest_trial(h, c);
        interval = at;
        take_event(h, c->trials[c->n_trials - 1], o);
    }
    return 0;
}

const HarnessFormat harness_perf_stat = {
    .name = "perf-stat",
    .producer = "perf stat",
    .summary = "perf stat -j",
    .recognise = recognise,
    .read = read_lines,
};
