/* Option rows of a load: command line and suites. */
#include "model/spec.h"

static const char *const overload_names[] = { "queue", "shed", "drop", NULL };

const Opt load_opts[] = {
    { .type = OPT_HEAD, .name = "Load" },
    OPT(LoadSpec, users, U32, .dflt = "0", .min = 0, .max = 1e6,
        .help = "closed load: users that each wait for the reply before they go on; 0: as many as "
                "connections"),
    OPT(LoadSpec, rate, RATE, .letter = 'r', .dflt = "0", .min = 0, .max = 1e9,
        .help = "open load: operations per second, due whether or not earlier ones were answered"),
    OPT(LoadSpec, connections, U32, .letter = 'c', .dflt = "0", .min = 0, .max = 1e6,
        .help = "most connections of an open load; 0: 64, and 10 users for a closed one"),
    OPT(LoadSpec, workers, U32, .dflt = "0", .min = 0, .max = 256,
        .help = "threads; 0: one per core but one"),
    OPT(LoadSpec, timeout, NS, .dflt = "10s", .min = 1e6, .max = 3.6e12,
        .help = "longest time for one operation, from when it is sent"),
    OPT(LoadSpec, overload, ENUM, .dflt = "queue", .choices = overload_names,
        .help = "due operations without a free connection: queue them, shed those that waited "
                "longer than the timeout, or drop them at once"),
    OPT(LoadSpec, think, STR, .arg = "LAW",
        .help = "closed load: pause between a reply and the user's next operation: 1s, "
                "uniform(a, b), normal(mean, sd), exp(mean), lognormal(mean, sd)"),
    OPT(LoadSpec, idle, U32, .dflt = "0", .min = 0, .max = 1e6,
        .help = "connections that are opened beside the others and only held; what the target "
                "closes is counted and opened again"),
    OPT(LoadSpec, spin, BOOL, .dflt = "no",
        .help = "poll until operations are due instead of trusting timers; needs a spare core"),
    { .type = OPT_END },
};
