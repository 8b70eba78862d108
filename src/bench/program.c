/* main() of a benchmark program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/wire.h"

static const char help[] =
    "Usage: %s [--list] [--latency] [--time SECONDS] [FILTER]\n"
    "Measures the benchmarks whose names hold FILTER, each for SECONDS (0.2), and prints a table.\n"
    "  --list       print their names and measure nothing\n"
    "  --latency    also time each iteration by itself, and show percentiles\n"
    "For results to keep, compare and judge: assay bench %s\n";

static int usage(const char *program, const char *what)
{
    fprintf(stderr, "%s: %s\n", program, what);
    fprintf(stderr, help, program, program);
    return 2;
}

static bool read_seconds(const char *text, uint64_t *ret_ns)
{
    char *end;
    double s = text ? strtod(text, &end) : -1;
    if (!text || *end || !(s > 0 && s < 1e6))
        return false;
    *ret_ns = (uint64_t)(s * 1e9);
    return true;
}

/* NULL, or what is wrong. */
static const char *read_options(int argc, char **argv, AssayOptions *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--list") == 0)
            o->list = true;
        else if (strcmp(argv[i], "--latency") == 0)
            o->latency = true;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            o->help = true;
        else if (strcmp(argv[i], "--time") == 0) {
            if (!read_seconds(i + 1 < argc ? argv[++i] : NULL, &o->time_ns))
                return "--time wants a number of seconds above 0";
        } else if (argv[i][0] == '-' || o->filter)
            return "an option that it does not know, or a second filter";
        else
            o->filter = argv[i];
    }
    return NULL;
}

/* The descriptor that assay left open for this program; -1 when a person runs it. */
static int wire_fd(void)
{
    const char *text = getenv(ASSAY_WIRE_VARIABLE);
    char *end = NULL;
    long fd = text && *text ? strtol(text, &end, 10) : -1;
    return end && !*end && fd >= 0 && fd < 1 << 20 ? (int)fd : -1;
}

/* 0, or 1 when the benchmark fails; 2: nobody asked for that. */
static int run_once(void)
{
    const char *text = getenv(ASSAY_WIRE_ONCE), *why;
    char *end;
    int n;
    if (!text)
        return 2;
    long index = strtol(text, &end, 10);
    unsigned long long iterations = *end == ':' ? strtoull(end + 1, &end, 10) : 0;
    const AssayCase *cases = assay_cases(&n, &why);
    AssayEpoch e;
    if (*end || index < 0 || index >= n || iterations == 0)
        return 1;
    assay_epoch(&cases[index], iterations, NULL, &e);
    return e.why[0] != 0;
}

int assay_bench_main(int argc, char **argv)
{
    const char *name = argc > 0 ? argv[0] : "bench";
    int once = run_once();
    if (once < 2)
        return once;
    int fd = wire_fd();
    if (fd >= 0)
        return assay_serve(fd);
    AssayOptions o = { .time_ns = 200000000 };
    const char *wrong = read_options(argc, argv, &o);
    if (wrong)
        return usage(name, wrong);
    if (o.help) {
        printf(help, name, name);
        return 0;
    }
    return assay_run_alone(&o, stdout);
}
