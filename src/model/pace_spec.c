#include "model/spec.h"

#include <errno.h>

const Opt pace_opts[] = {
    { .type = OPT_HEAD, .name = "Pace" },
    OPT(PaceSpec, trials, U32, .letter = 'n', .dflt = "0",
        .help = "trials of a load, rounds of commands; 0: commands go on for their duration"),
    OPT(PaceSpec, duration, NS, .letter = 'd', .dflt = "5s", .min = 1, .max = 1e18,
        .help = "measured length of a load's trial; budget of a command when rounds are by time"),
    OPT(PaceSpec, warmup, NS, .dflt = "0",
        .help = "time of load before the measured part, not counted"),
    OPT(PaceSpec, warmups, U32, .dflt = "1", .max = 10000,
        .help = "runs of each command before the first round, not counted"),
    OPT(PaceSpec, precision, SHARE, .dflt = "0", .min = 0, .max = 1,
        .help = "go on until the median is known this well (relative half width); 0 for off"),
    OPT(PaceSpec, min_trials, U32, .dflt = "10", .min = 1, .max = 1e6,
        .help = "least rounds when they are by time or precision"),
    OPT(PaceSpec, max_trials, U32, .dflt = "1000", .min = 1, .max = 1e6,
        .help = "most rounds when they are by time or precision"),
    OPT(PaceSpec, shuffle, BOOL, .dflt = "true",
        .help = "balanced random order in each round; false: as listed"),
    { .type = OPT_END },
};

int pace_spec_check(const PaceSpec *s, Err *err)
{
    if (s->min_trials <= s->max_trials)
        return 0;
    return err_set(err, -EINVAL, "max_trials: %u is less than min_trials, which is %u",
                   s->max_trials, s->min_trials);
}
