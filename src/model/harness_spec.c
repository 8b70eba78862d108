/* Option rows of another harness's results in suites. */
#include "model/spec.h"

const Opt harness_opts[] = {
    { .type = OPT_HEAD, .name = "Harness" },
    OPT(HarnessSpec, format, STR, .arg = "NAME",
        .help = "format of its results; else it is found by their content"),
    OPT(HarnessSpec, result, STR, .arg = "PATH",
        .help = "file or folder that the command writes its results to; else standard output"),
    { .type = OPT_END },
};
