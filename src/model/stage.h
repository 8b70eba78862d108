/* Stages of a load: how much is asked for, over time. A load is a sequence of them; each is open
 * (operations per second, due whether or not earlier ones were answered) or closed (so many users),
 * and each has a curve whose integral is known in closed form, so that the k-th operation's due
 * time is arithmetic.
 *
 *     shape   value at time t of the stage's length T
 *     ramp    from + (to - from) t / T; holds where both are equal
 *     sine    from + to sin(2 pi t / period), to <= from
 *     burst   to within the last `length` of each `period`, else from
 *     day     from + (to - from) sum of exp(-(t - peak)^2 / (2 width^2)) over the peaks
 *
 * Pure. */
#pragma once

#include "base/opt.h"

typedef enum StageShape { STAGE_RAMP, STAGE_SINE, STAGE_BURST, STAGE_DAY } StageShape;
enum { STAGE_PEAKS_MAX = 12, STAGES_MAX = 200, STAGE_NAME_MAX = 40 };

typedef struct Stage {
    const char *name; /* unique in its load; letters, digits, '_', '-' */
    bool open;        /* values are operations per second, else users */
    bool poisson;     /* open: due at random with that rate, instead of evenly */
    StageShape shape;
    double from, to;
    uint64_t over_ns;                           /* T > 0 */
    uint64_t period_ns, length_ns;              /* sine, burst */
    double peaks_ns[STAGE_PEAKS_MAX], width_ns; /* day */
    int n_peaks;
} Stage;

/* Options of one stage as they are written: `rate: 0 -> 500/s, over: 1m`. */
typedef struct StageSpec {
    const char *name, *rate, *users, *burst, *sine, *day, *step, *to;
    uint64_t over, every, length, width;
    StrList peaks;
    int arrivals; /* 0 even, 1 poisson */
} StageSpec;
extern const Opt stage_opts[];

typedef struct StageList {
    Stage *v;
    ptrdiff_t n, cap;
} StageList;

/* What one StageSpec comes to, appended to the list: one stage, or with `step` one for each step.
 * Texts in the arena. 0, or -EINVAL: "rate: '5x' is not …", beginning with the key. */
MUST_CHECK int stages_add(Arena *a, const StageSpec *spec, StageList *list, Err *err);
/* Stages of a command line: "rate=0->500/s over=30s; users=10 over=1m". */
MUST_CHECK int stages_parse(Arena *a, const char *text, StageList *list, Err *err);
/* Make all of it shorter: lengths, periods, widths times `factor`. */
void stages_scale(StageList *list, double factor);
/* Sum of all lengths. */
uint64_t stages_length_ns(const StageList *list);

/* Value of the curve at t in [0, T]; never negative. */
double stage_value(const Stage *s, double t_ns);
/* Largest value over the stage. */
double stage_peak(const Stage *s);
/* Operations due in [0, t): the integral of an open stage's curve. */
double stage_count(const Stage *s, double t_ns);
/* The t at which stage_count is n; T when it never gets there. `hint_ns` is a nearby earlier
 * answer (0: none). Exact to the nanosecond for ramps and bursts, by Newton's method for the
 * others. */
double stage_when(const Stage *s, double n, double hint_ns);
