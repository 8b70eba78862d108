/* Where the fingerprint's fields come from. Each source may be missing: then so is its field. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/fs.h"
#include "probe/probe.h"
#include "probe/testbed_text.h"

enum { FILE_MAX = 8 << 20 }; /* cpuinfo takes 2 KB per core */

static Str read_file(Arena *a, const char *path)
{
    Str text = { 0 };
    Err err;
    return fs_read(a, path, FILE_MAX, &text, &err) < 0 ? (Str){ 0 } : text;
}

/* The file's one line in the arena; NULL when it is not there or empty. */
static const char *read_line(Arena *a, const char *path)
{
    Str line = str_trim(read_file(a, path));
    return line.len ? arena_str(a, line) : NULL;
}

/* Hosts may have more cores than cpu_set_t has bits: the kernel says when the set is too small. */
static uint32_t count_usable_cpus(void)
{
    for (size_t n = 1024; n <= (size_t)1 << 20; n *= 2) {
        cpu_set_t *set = CPU_ALLOC(n);
        if (!set)
            return 0;
        int r = sched_getaffinity(0, CPU_ALLOC_SIZE(n), set);
        int count = r < 0 ? 0 : CPU_COUNT_S(CPU_ALLOC_SIZE(n), set);
        CPU_FREE(set);
        if (r == 0)
            return (uint32_t)count;
    }
    return 0;
}

static const char *find_hypervisor(Arena *a, Str cpuinfo)
{
    Str dmi = str(arena_printf(a, STR_FMT "\n" STR_FMT,
                               STR_ARG(read_file(a, "/sys/class/dmi/id/sys_vendor")),
                               STR_ARG(read_file(a, "/sys/class/dmi/id/product_name"))));
    Str clocks = read_file(a, "/sys/devices/system/clocksource/clocksource0/available_clocksource");
    const char *name = testbed_name_hypervisor(dmi, clocks, read_file(a, "/sys/hypervisor/type"));
    bool flagged = testbed_has_hypervisor_flag(cpuinfo);
    return name ? name : flagged ? "vm" : NULL;
}

static const char *find_container(Arena *a)
{
    if (fs_exists("/.dockerenv"))
        return "docker";
    if (fs_exists("/run/.containerenv"))
        return "podman";
    const char *told = read_line(a, "/run/systemd/container");
    return told ? told
                : testbed_name_container(read_file(a, "/proc/1/cgroup"),
                                         read_file(a, "/proc/1/environ"));
}

static const char *find_virtualisation(Arena *a, Str cpuinfo)
{
    const char *vm = find_hypervisor(a, cpuinfo), *container = find_container(a);
    if (vm && container)
        return arena_printf(a, "%s on %s", container, vm);
    return container ? container : vm ? vm : "none";
}

void testbed_read(Arena *a, Testbed *ret)
{
    struct utsname u;
    Testbed t = { 0 };
    CLEANUP(arena_done) Arena scratch = { 0 };
    Str cpuinfo = read_file(&scratch, "/proc/cpuinfo");
    Str os = read_file(&scratch, "/etc/os-release");
    if (uname(&u) == 0) {
        t.host = arena_strdup(a, u.nodename);
        t.kernel = arena_strdup(a, u.release);
    }
    t.os = testbed_parse_os(a, os.len ? os : read_file(&scratch, "/usr/lib/os-release"));
    t.cpu = testbed_parse_cpu(a, cpuinfo);
    t.cpus = count_usable_cpus();
    t.memory_bytes = testbed_parse_memory(read_file(&scratch, "/proc/meminfo"));
    t.clock_source =
        read_line(a, "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    t.virtualisation = find_virtualisation(a, cpuinfo);
    t.governor = read_line(a, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    t.fingerprint = testbed_fingerprint(a, &t);
    *ret = t;
}
