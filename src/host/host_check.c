/* Settings and states that make a machine noisy: one row for what a file says by itself, a function
 * where it takes more. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/fs.h"
#include "host/host_internal.h"

const char *host_line(Arena *a, const char *root, const char *path)
{
    Str text = { 0 }, line;
    Err err;
    if (fs_read(a, arena_printf(a, "%s%s", root, path), 1 << 20, &text, &err) < 0)
        return NULL;
    line = text;
    str_cut(&text, '\n', &line);
    line = str_trim(line);
    return line.len ? arena_str(a, line) : NULL;
}

static void add(HostReport *r, const char *name, const char *value, bool fine, const char *advice)
{
    assert(r->n_checks < HOST_CHECKS_MAX);
    r->checks[r->n_checks++] =
        (HostCheck){ name, value, fine, fine ? NULL : arena_strdup(&r->arena, advice) };
}

typedef struct FileCheck {
    const char *name, *path;
    const char *good; /* a value that is fine; the first word counts */
    const char *advice;
} FileCheck;

static const FileCheck files[] = {
    { "governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance",
      "the clock follows the load; assay host tune sets it to performance" },
    { "turbo", "/sys/devices/system/cpu/intel_pstate/no_turbo", "1",
      "the clock depends on temperature and on other cores; assay host tune turns it off" },
    { "boost", "/sys/devices/system/cpu/cpufreq/boost", "0",
      "the clock depends on temperature and on other cores; assay host tune turns it off" },
    { "smt", "/sys/devices/system/cpu/smt/active", "0",
      "two threads share a core; assay host tune turns that off, or pin to one thread of each" },
    { "clock-source", "/sys/devices/system/clocksource/clocksource0/current_clocksource",
      "tsc kvm-clock arch_sys_counter hyperv_clocksource_tsc_page",
      "reading this clock takes microseconds; boot with clocksource=tsc where it is stable" },
    { "layout-randomisation", "/proc/sys/kernel/randomize_va_space", "0 1 2", "" },
};

static bool is_one_of(const char *value, const char *words)
{
    Str rest = str(words), word;
    while (str_cut(&rest, ' ', &word))
        if (str_eqz(word, value))
            return true;
    return false;
}

static void check_files(HostReport *r, const char *root)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(files); i++) {
        const char *value = host_line(&r->arena, root, files[i].path);
        add(r, files[i].name, value, !value || is_one_of(value, files[i].good), files[i].advice);
    }
}

/* ---- load, memory, disk ---- */

static void check_load(HostReport *r, const char *root)
{
    const char *line = host_line(&r->arena, root, "/proc/loadavg");
    double one = 0;
    Str rest = str(line ? line : ""), word = { 0 };
    str_cut(&rest, ' ', &word);
    if (!line || str_to_f64(word, &one) < 0) {
        add(r, "load", NULL, true, NULL);
        return;
    }
    add(r, "load", arena_str(&r->arena, word), one < 0.5 * MAX((double)r->testbed.cpus, 1.0),
        "other work is running; end it, or measure when it is done");
}

/* The value behind `key` in a file of "key value" or "Key: value kB" lines; -1 when absent. */
static double number_of(HostReport *r, const char *root, const char *path, const char *key)
{
    Str text = { 0 }, line, word;
    Err err;
    double v;
    if (fs_read(&r->arena, arena_printf(&r->arena, "%s%s", root, path), 1 << 20, &text, &err) < 0)
        return -1;
    while (str_cut(&text, '\n', &line)) {
        if (!str_starts(line, str(key)))
            continue;
        Str rest = str_trim(str_slice(line, (ptrdiff_t)strlen(key), line.len));
        if (str_cut(&rest, ' ', &word) && str_to_f64(word, &v) == 0)
            return v;
    }
    return -1;
}

static void check_memory(HostReport *r, const char *root)
{
    double free_kb = number_of(r, root, "/proc/meminfo", "MemAvailable:");
    double all_kb = number_of(r, root, "/proc/meminfo", "MemTotal:");
    double swap_kb = number_of(r, root, "/proc/meminfo", "SwapTotal:");
    double left_kb = number_of(r, root, "/proc/meminfo", "SwapFree:");
    char buf[FMT_MAX];
    if (free_kb >= 0 && all_kb > 0)
        add(r, "free-memory", arena_strdup(&r->arena, fmt_size(buf, free_kb * 1024)),
            free_kb > 0.1 * all_kb, "little memory is left: programs will wait for it");
    if (swap_kb > 0 && left_kb >= 0)
        add(r, "swap-used", arena_strdup(&r->arena, fmt_size(buf, (swap_kb - left_kb) * 1024)),
            swap_kb - left_kb < 0.05 * swap_kb, "memory has been swapped out; swapoff -a");
}

static void check_throttling(HostReport *r, const char *root)
{
    double n = number_of(r, root, "/sys/fs/cgroup/cpu.stat", "nr_throttled");
    if (n < 0)
        n = number_of(r, root, "/sys/fs/cgroup/cpu/cpu.stat", "nr_throttled");
    char buf[FMT_MAX];
    add(r, "throttled", n < 0 ? NULL : arena_strdup(&r->arena, fmt_count(buf, n)), n <= 0,
        "this control group has used up its CPU quota before; give it more (cpu.max)");
    const char *hot = host_line(
        &r->arena, root, "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count");
    add(r, "too-hot", hot, !hot || strcmp(hot, "0") == 0,
        "the processor has slowed down because of heat since it was started");
}

static void check_disk(HostReport *r, const char *folder)
{
    struct statvfs s;
    char buf[FMT_MAX];
    if (statvfs(folder, &s) < 0)
        return;
    double left = (double)s.f_bavail * (double)s.f_frsize;
    add(r, "free-disk", arena_strdup(&r->arena, fmt_size(buf, left)), left > 256.0 * 1024 * 1024,
        "results may find no room; make some");
}

static void check_counters(HostReport *r, const char *root)
{
    const char *p = host_line(&r->arena, root, "/proc/sys/kernel/perf_event_paranoid");
    add(r, "perf-events", p, !p || p[0] == '-' || p[0] <= '2',
        "programs can't count their own events; kernel.perf_event_paranoid of 2 or less allows it");
    const char *power = host_line(&r->arena, root, "/sys/class/power_supply/AC/online");
    if (power)
        add(r, "mains", strcmp(power, "1") == 0 ? "connected" : "on battery",
            strcmp(power, "1") == 0, "on battery the clock is kept low; plug it in");
}

static void check_virtual(HostReport *r)
{
    const char *v = r->testbed.virtualisation;
    add(r, "virtualisation", v, !v || strcmp(v, "none") == 0,
        "a hypervisor shares the cores with others: trust pairs and CPU time, not stored wall "
        "times");
}

void host_check(HostReport *r, const char *root, const char *folder)
{
    check_files(r, root);
    check_virtual(r);
    check_load(r, root);
    check_throttling(r, root);
    check_memory(r, root);
    check_disk(r, folder);
    check_counters(r, root);
}
