#include "host/host.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "host/host_internal.h"
#include "probe/probe.h"
#include "stats/power.h"
#include "stats/quantile.h"
#include "stats/sign.h"

enum { COMMAND_ROUNDS = 120, FUNCTION_ROUNDS = 600, REQUEST_ROUNDS = 400, QUICK_PART = 3 };
#define LEVEL 0.95
#define SMALLEST_OF_INTEREST 0.01

/* What a comparison of this kind usually has: 30 rounds of commands, a second of epochs, as many
 * medians of requests as fit into a second. */
static const HostNoise rows[HOST_NOISES] = {
    { .name = "command", .what = "wall time of a 10 ms command", .effect_rounds = 30 },
    { .name = "command_cpu", .what = "CPU time of a 10 ms command", .effect_rounds = 30 },
    { .name = "function", .what = "a 1 µs function, one second", .effect_rounds = 500 },
    { .name = "request", .what = "a loopback request, medians of 40", .effect_rounds = 100 },
};

const char *host_grade_name(HostGrade g)
{
    static const char *const names[] = { "quiet", "usable", "noisy", "unusable" };
    return names[g];
}

static void count_alarms(const double *x, ptrdiff_t n, HostNoise *noise, ptrdiff_t *differs,
                         ptrdiff_t *verdicts)
{
    double margin = log1p(SMALLEST_OF_INTEREST);
    for (ptrdiff_t at = 0; at + HOST_WINDOW <= n; at++) {
        SignPaired s;
        Err err = { 0 };
        if (sign_paired(x + at, HOST_WINDOW, LEVEL, 0, &s, &err) < 0)
            continue;
        noise->windows++;
        *differs += s.low > 0 || s.high < 0;
        *verdicts += s.low > margin || s.high < -margin;
    }
}

int host_judge(const double *log_ratio, ptrdiff_t n, HostNoise *noise, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    ptrdiff_t differs = 0, verdicts = 0;
    if (n < HOST_WINDOW)
        return err_set(err, -EINVAL, "%s: %td rounds are too few", noise->name, n);
    double *sorted = ARENA_ARRAY(&a, double, n);
    memcpy(sorted, log_ratio, sizeof *sorted * (size_t)n);
    sort_doubles(sorted, n);
    noise->rounds = n;
    noise->sigma = power_robust_sigma(sorted, n);
    count_alarms(log_ratio, n, noise, &differs, &verdicts);
    noise->differs = (double)differs / (double)noise->windows;
    noise->false_alarm_rate = (double)verdicts / (double)noise->windows;
    noise->smallest_effect = expm1(
        power_smallest_effect(noise->sigma, noise->effect_rounds, POWER_LEVEL, POWER_DEFAULT));
    return 0;
}

/* Commands and functions decide; a request over loopback is noisy everywhere. */
HostGrade host_grade(const HostReport *r)
{
    double command = r->noise[0].smallest_effect, function = r->noise[2].smallest_effect;
    double worst = isnan(command) ? command : MAX(function, command);
    double alarms = MAX(r->noise[0].false_alarm_rate, r->noise[2].false_alarm_rate);
    if (!(worst <= 0.2) || alarms > 0.2)
        return HOST_UNUSABLE;
    if (worst > 0.05 || alarms > 0.08)
        return HOST_NOISY;
    return worst > 0.02 ? HOST_USABLE : HOST_QUIET;
}

/* ---- who else uses the machine ---- */

typedef struct Usage {
    double all, idle, steal; /* ticks */
    uint64_t own_ns, at_ns;
} Usage;

static uint64_t own_cpu_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static Usage look(const char *root)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Usage u = { .own_ns = own_cpu_ns(), .at_ns = clock_mono_ns() };
    const char *line = host_line(&a, root, "/proc/stat");
    Str rest = str(line ? line : ""), word;
    for (int i = 0; str_cut(&rest, ' ', &word);) {
        uint64_t v;
        if (str_to_u64(word, &v) < 0)
            continue;
        i++;
        u.all += i <= 8 ? (double)v : 0; /* guests are in user already */
        u.idle += i == 4 || i == 5 ? (double)v : 0;
        u.steal += i == 8 ? (double)v : 0;
    }
    return u;
}

static void tell_usage(HostReport *r, const Usage *from, const Usage *to, double own_s)
{
    double all = to->all - from->all;
    double cores = MAX((double)r->testbed.cpus, 1.0);
    double wall_s = (double)(to->at_ns - from->at_ns) / 1e9;
    r->steal = r->busy = (double)NAN;
    if (all <= 0)
        return;
    r->steal = (to->steal - from->steal) / all;
    double busy = 1 - (to->idle - from->idle) / all - r->steal;
    r->busy = MAX(busy - own_s / (wall_s * cores), 0.0);
}

/* ---- all ---- */

static HostPairs new_pairs(Arena *a, const char *name, ptrdiff_t rounds)
{
    return (HostPairs){ .name = name,
                        .log_ratio = ARENA_ARRAY(a, double, rounds),
                        .value = ARENA_ARRAY(a, double, rounds) };
}

static int judge_pairs(HostReport *r, const HostPairs *pairs, int at, Err *err)
{
    HostNoise *n = &r->noise[at];
    TRY(host_judge(pairs->log_ratio, pairs->n, n, err));
    sort_doubles(pairs->value, pairs->n);
    n->typical_ns = median_sorted(pairs->value, pairs->n);
    return 0;
}

static int measure(const HostOpts *o, HostReport *r, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    ptrdiff_t part = o->quick ? QUICK_PART : 1;
    HostPairs p[HOST_NOISES];
    for (int i = 0; i < HOST_NOISES; i++)
        p[i] = new_pairs(&a, rows[i].name, FUNCTION_ROUNDS);
    TRY(host_take_commands(o, &a, COMMAND_ROUNDS / part, p, err));
    TRY(host_take_functions(o, FUNCTION_ROUNDS / part, &p[2], err));
    TRY(host_take_requests(o, REQUEST_ROUNDS / part, &p[3], err));
    r->interrupted = *o->stop;
    for (int i = 0; i < HOST_NOISES && !r->interrupted; i++)
        TRY(judge_pairs(r, &p[i], i, err));
    return 0;
}

int host_run(const HostOpts *o, HostReport *ret, Err *err)
{
    HostReport *r = ret;
    *r = (HostReport){ .at_wall_ns = clock_wall_ns() };
    testbed_read(&r->arena, &r->testbed);
    for (int i = 0; i < HOST_NOISES; i++)
        r->noise[i] = rows[i];
    host_check(r, o->root, o->folder);
    Usage from = look(o->root);
    TRY(measure(o, r, err));
    Usage to = look(o->root);
    double commands_s = 2 * (double)r->noise[0].rounds * r->noise[1].typical_ns / 1e9;
    tell_usage(r, &from, &to, (double)(to.own_ns - from.own_ns) / 1e9 + commands_s);
    r->seconds = (double)(to.at_ns - from.at_ns) / 1e9;
    r->grade = host_grade(r);
    return 0;
}

void host_report_done(HostReport *r)
{
    arena_done(&r->arena);
}
