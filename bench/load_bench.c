/* What the load generator itself costs: one trial against a URL (or through the null driver), then
 * requests, CPU time and the times as one line of JSON.
 *
 *     load_bench URL CONNECTIONS SECONDS [RATE [spin [OPTION=VALUE …]]]
 *
 * RATE 0 is a closed loop. URL "null" measures the harness. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "drivers/drivers.h"
#include "drivers/trial.h"

static double seconds(struct timeval tv)
{
    return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static void print_result(const TestTrial *t)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    const Outcomes *o = &t->trial->outcomes;
    double user = seconds(u.ru_utime), sys = seconds(u.ru_stime);
    printf("{\"requests\": %llu, \"ok\": %llu, \"scheduled\": %llu, \"user_s\": %.6f, \"sys_s\": "
           "%.6f, \"rss_kib\": %ld, ",
           (unsigned long long)o->ok, (unsigned long long)o->ok, (unsigned long long)o->scheduled,
           user, sys, u.ru_maxrss);
    printf("\"throughput\": %.1f, \"latency_p50_us\": %.1f, \"latency_p99_us\": %.1f, "
           "\"lateness_p50_us\": %.1f, \"lateness_p99_us\": %.1f}\n",
           test_trial_value(t, "throughput"), test_trial_quantile(t, "latency", 0.5) / 1e3,
           test_trial_quantile(t, "latency", 0.99) / 1e3,
           test_trial_quantile(t, "lateness", 0.5) / 1e3,
           test_trial_quantile(t, "lateness", 0.99) / 1e3);
    for (ptrdiff_t i = 0; i < t->trial->validity.n; i++)
        fprintf(stderr, "%s\n", t->trial->validity.reasons[i].text);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr,
                "usage: load_bench URL CONNECTIONS SECONDS [RATE [spin [OPTION=VALUE ...]]]\n");
        return 2;
    }
    const Driver *d = strcmp(argv[1], "null") == 0 ? driver_find("null") : driver_for_url(argv[1]);
    uint64_t duration_s = 0;
    if (!d || str_to_u64(str(argv[3]), &duration_s) < 0) {
        fprintf(stderr, "load_bench: no driver for %s, or no whole seconds\n", argv[1]);
        return 2;
    }
    TestTrial t;
    test_trial_init(&t, d);
    if (strcmp(argv[1], "null") != 0)
        test_trial_set(&t, "url", argv[1]);
    test_trial_set(&t, "connections", argv[2]);
    if (argc > 4)
        test_trial_set(&t, "rate", argv[4]);
    if (argc > 5)
        test_trial_set(&t, "spin", strcmp(argv[5], "spin") == 0 ? "yes" : "no");
    for (int i = 6; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value)
            *value++ = 0;
        test_trial_set(&t, argv[i], value ? value : "yes");
    }
    t.plan.duration_ns = duration_s * NS_PER_S;
    test_trial_run(&t);
    if (t.result < 0)
        fprintf(stderr, "load_bench: %s\n", t.err.msg);
    else
        print_result(&t);
    int code = t.result < 0;
    test_trial_done(&t);
    return code;
}
