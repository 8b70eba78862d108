/* Stages as they are written in suites and on the command line. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/stage.h"

static const char *const arrivals_names[] = { "even", "poisson", NULL };

const Opt stage_opts[] = {
    { .type = OPT_HEAD, .name = "Stage" },
    OPT(StageSpec, name, STR, .help = "what results call it; else its number"),
    OPT(StageSpec, rate, STR, .arg = "RATE[->RATE]",
        .help = "open: operations per second, or from one rate to another"),
    OPT(StageSpec, users, STR, .arg = "N[->N]",
        .help = "closed: users, or from one number to another"),
    OPT(StageSpec, over, NS, .min = 1e6, .max = 1e18, .help = "length of the stage"),
    OPT(StageSpec, arrivals, ENUM, .choices = arrivals_names, .dflt = "even",
        .help = "open: evenly spaced, or at random (a Poisson process)"),
    OPT(StageSpec, burst, STR, .arg = "RATE|N",
        .help = "value within bursts, which take the last `length` of every `every`"),
    OPT(StageSpec, sine, STR, .arg = "RATE|N",
        .help = "amplitude of a sine around the value, with the period `every`"),
    OPT(StageSpec, day, STR, .arg = "RATE|N",
        .help = "value at the peaks of bell curves that rise from the value"),
    OPT(StageSpec, peaks, LIST, .arg = "TIME", .help = "day: when the peaks are, from the begin"),
    OPT(StageSpec, width, NS, .min = 1e6, .max = 1e18,
        .help = "day: standard deviation of a bell; a sixth of the distance between peaks, at "
                "least 1 % of the stage, when not given"),
    OPT(StageSpec, every, NS, .min = 1e6, .max = 1e18,
        .help = "period of bursts and sines; length of each step"),
    OPT(StageSpec, length, NS, .min = 1e6, .max = 1e18, .help = "of a burst"),
    OPT(StageSpec, step, STR, .arg = "RATE|N",
        .help = "stress: a stage for each step of this size, each `every` long, up to `to`"),
    OPT(StageSpec, to, STR, .arg = "RATE|N", .help = "stress: the last step"),
    { .type = OPT_END },
};

/* ---- values ---- */

static int parse_value(const char *key, bool open, Str text, double *ret, Err *err)
{
    Err why = { 0 };
    text = str_trim(text);
    int r = open ? fmt_parse_rate(text, ret, &why) : fmt_parse_number(text, ret, &why);
    if (r == 0 && !open && *ret != floor(*ret))
        return err_set(err, -EINVAL, "%s: '" STR_FMT "' is no whole number of users", key,
                       STR_ARG(text));
    double most = open ? 1e9 : 1e6;
    if (r == 0 && *ret > most)
        return err_set(err, -EINVAL, "%s: '" STR_FMT "' is too much (%g at most)", key,
                       STR_ARG(text), most);
    return r < 0 ? err_set(err, -EINVAL, "%s: %s", key, why.msg) : 0;
}

/* "500/s", "0 -> 500/s". */
static int parse_range(const char *key, bool open, const char *text, Stage *s, Err *err)
{
    Str all = str(text);
    ptrdiff_t arrow = str_find(all, STR("->"));
    if (arrow < 0) {
        TRY(parse_value(key, open, all, &s->from, err));
        s->to = s->from;
        return 0;
    }
    TRY(parse_value(key, open, str_slice(all, 0, arrow), &s->from, err));
    return parse_value(key, open, str_slice(all, arrow + 2, all.len), &s->to, err);
}

static int want(bool there, const char *key, const char *what, Err *err)
{
    return there ? 0 : err_set(err, -EINVAL, "%s: %s", key, what);
}

/* ---- shapes ---- */

static int make_burst(const StageSpec *spec, Stage *s, Err *err)
{
    s->shape = STAGE_BURST;
    s->period_ns = spec->every;
    s->length_ns = spec->length;
    TRY(want(s->from == s->to, "burst", "its base is one value, not a ramp", err));
    TRY(want(spec->every && spec->length, "burst", "needs 'every' and 'length'", err));
    TRY(want(spec->length < spec->every, "length", "a burst must be shorter than 'every'", err));
    return parse_value("burst", s->open, str(spec->burst), &s->to, err);
}

static int make_sine(const StageSpec *spec, Stage *s, Err *err)
{
    s->shape = STAGE_SINE;
    s->period_ns = spec->every;
    TRY(want(s->from == s->to, "sine", "its middle is one value, not a ramp", err));
    TRY(want(spec->every, "sine", "needs 'every', its period", err));
    TRY(parse_value("sine", s->open, str(spec->sine), &s->to, err));
    return want(s->to <= s->from, "sine", "an amplitude above the middle would go below 0", err);
}

static int parse_peaks(const StageSpec *spec, Stage *s, Err *err)
{
    TRY(want(spec->peaks.n > 0 && spec->peaks.n <= STAGE_PEAKS_MAX, "peaks",
             "a day has 1 to 12 of them", err));
    for (ptrdiff_t i = 0; i < spec->peaks.n; i++) {
        uint64_t at;
        Err why = { 0 };
        if (fmt_parse_duration(str_trim(str(spec->peaks.v[i])), &at, &why) < 0)
            return err_set(err, -EINVAL, "peaks: %s", why.msg);
        TRY(want(at <= s->over_ns, "peaks", "one lies behind the end of the stage", err));
        s->peaks_ns[s->n_peaks++] = (double)at;
    }
    return 0;
}

static double usual_width(const Stage *s)
{
    double nearest = (double)s->over_ns;
    for (int i = 1; i < s->n_peaks; i++)
        nearest = MIN(nearest, fabs(s->peaks_ns[i] - s->peaks_ns[i - 1]));
    return MAX(nearest / 6, 0.01 * (double)s->over_ns);
}

static int make_day(const StageSpec *spec, Stage *s, Err *err)
{
    s->shape = STAGE_DAY;
    TRY(want(s->from == s->to, "day", "its base is one value, not a ramp", err));
    TRY(parse_value("day", s->open, str(spec->day), &s->to, err));
    TRY(want(s->to >= s->from, "day", "its peaks rise above the base", err));
    TRY(parse_peaks(spec, s, err));
    s->width_ns = spec->width ? (double)spec->width : usual_width(s);
    return 0;
}

static int push(Arena *a, StageList *list, Stage s, Err *err)
{
    if (list->n == STAGES_MAX)
        return err_set(err, -EINVAL, "a load has at most %d stages", (int)STAGES_MAX);
    for (ptrdiff_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i].name, s.name) == 0)
            return err_set(err, -EINVAL, "name: two stages are called '%s'", s.name);
    ARENA_PUSH(a, list->v, list->n, list->cap, s);
    return 0;
}

static const char *numbered(Arena *a, const StageList *list)
{
    return arena_printf(a, "stage%td", list->n + 1);
}

/* One stage for each step, each named by its value: where it broke is read off the name. */
static int add_steps(Arena *a, const StageSpec *spec, Stage s, StageList *list, Err *err)
{
    double step, last;
    TRY(want(spec->to && spec->every, "step", "needs 'every', a step's length, and 'to'", err));
    TRY(want(s.from == s.to, "step", "starts at one value, not a ramp", err));
    TRY(want(!spec->over, "over", "follows from the steps; leave it out", err));
    TRY(parse_value("step", s.open, str(spec->step), &step, err));
    TRY(parse_value("to", s.open, str(spec->to), &last, err));
    TRY(want(step > 0 && last > s.from, "step", "goes up from the value to 'to'", err));
    s.over_ns = spec->every;
    for (double v = s.from;; v += step) {
        s.from = s.to = MIN(v, last);
        s.name = arena_printf(a, "%s%s%g%s", spec->name ? spec->name : "", spec->name ? "-" : "",
                              s.from, s.open ? "ps" : "users");
        TRY(push(a, list, s, err));
        if (v >= last)
            return 0;
    }
}

static bool name_ok(const char *s)
{
    ptrdiff_t n = 0;
    for (; s[n]; n++) {
        char c = s[n];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return n > 0 && n <= STAGE_NAME_MAX;
}

int stages_add(Arena *a, const StageSpec *spec, StageList *list, Err *err)
{
    Stage s = { .open = spec->rate != NULL, .over_ns = spec->over, .poisson = spec->arrivals == 1 };
    int shapes = !!spec->burst + !!spec->sine + !!spec->day + !!spec->step;
    TRY(want((spec->rate != NULL) != (spec->users != NULL), "rate",
             "a stage has either a 'rate' or 'users'", err));
    TRY(want(shapes <= 1, "burst", "'burst', 'sine', 'day' and 'step' exclude each other", err));
    TRY(want(!spec->name || name_ok(spec->name), "name",
             "may have letters, digits, '_' and '-', at most 40", err));
    TRY(want(s.open || !s.poisson, "arrivals",
             "belongs to a 'rate'; users come when they are ready", err));
    s.name = spec->name ? spec->name : numbered(a, list);
    TRY(parse_range(s.open ? "rate" : "users", s.open, s.open ? spec->rate : spec->users, &s, err));
    if (spec->step)
        return add_steps(a, spec, s, list, err);
    TRY(want(spec->over, "over", "a stage needs its length", err));
    if (spec->burst)
        TRY(make_burst(spec, &s, err));
    if (spec->sine)
        TRY(make_sine(spec, &s, err));
    if (spec->day)
        TRY(make_day(spec, &s, err));
    return push(a, list, s, err);
}

/* ---- command line ---- */

static int parse_one(Arena *a, Str text, StageList *list, Err *err)
{
    StageSpec spec = { 0 };
    Str word;
    opt_defaults(a, stage_opts, &spec);
    while (str_cut(&text, ' ', &word)) {
        word = str_trim(word);
        if (word.len == 0)
            continue;
        ptrdiff_t eq = str_find_char(word, '=');
        Str key = str_slice(word, 0, eq < 0 ? word.len : eq);
        const Opt *row = eq > 0 ? opt_find(stage_opts, key) : NULL;
        if (!row || row->type == OPT_HEAD)
            return err_set(err, -EINVAL,
                           "'" STR_FMT "' is none of rate=, users=, over=, name=, arrivals=, "
                           "burst=, sine=, day=, peaks=, width=, every=, length=, step=, to=",
                           STR_ARG(word));
        TRY(opt_set(a, row, &spec, str_slice(word, eq + 1, word.len), err));
    }
    return stages_add(a, &spec, list, err);
}

int stages_parse(Arena *a, const char *text, StageList *list, Err *err)
{
    Str rest = str(text), one;
    while (str_cut(&rest, ';', &one))
        if (str_trim(one).len && parse_one(a, str_trim(one), list, err) < 0)
            return err_wrap(err, "stage %td", list->n + 1);
    return list->n ? 0 : err_set(err, -EINVAL, "no stage in '%s'", text);
}
