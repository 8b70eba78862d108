/* Option rows of function benchmarks: command line and suites. */
#include "model/spec.h"

const Opt function_opts[] = {
    { .type = OPT_HEAD, .name = "Functions" },
    OPT(FunctionSpec, filter, STR, .arg = "GLOB",
        .help = "only the program's cases whose name matches"),
    OPT(FunctionSpec, each, BOOL, .dflt = "no",
        .help = "time each call by itself too: call_time, a distribution"),
    OPT(FunctionSpec, allocations, BOOL, .dflt = "yes",
        .help = "count allocations, in a process of its own"),
    OPT(FunctionSpec, epoch, NS, .dflt = "1ms", .min = 1e5, .max = 1e10,
        .help = "least length of an epoch, which gives one sample"),
    OPT(FunctionSpec, meter, ENUM, .choices = meter_names, .dflt = "none",
        .help = "simulated counts instructions per iteration by valgrind, the same number every "
                "time"),
    OPT(FunctionSpec, cwd, STR, .arg = "DIR", .help = "folder to run the program in"),
    OPT(FunctionSpec, env, MAP, .arg = "NAME=VALUE", .help = "added to its environment"),
    { .type = OPT_END },
};
