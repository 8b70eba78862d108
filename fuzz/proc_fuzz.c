/* Texts of /proc and of what hosts say about themselves: whatever bytes come, views stay inside. */
#include "base/schedstat.h"
#include "fuzz.h"
#include "probe/proc_text.h"
#include "probe/testbed_text.h"

static void check_view(Str in, Str view)
{
    FUZZ_HOLDS(view.len >= 0 && view.len <= in.len);
    FUZZ_HOLDS(view.len == 0 || (view.ptr >= in.ptr && view.ptr + view.len <= in.ptr + in.len));
}

static void read_process(Str s)
{
    ProcStat stat;
    ProcStatus status;
    ProcIo io;
    SchedStat sched;
    uint64_t n;
    int pid;
    if (proc_parse_stat(s, &stat) == 0)
        check_view(s, stat.name);
    if (proc_parse_status(s, &status) == 0)
        check_view(s, status.name);
    FUZZ_HOLDS(proc_parse_statm(s, &n) <= 0);
    FUZZ_HOLDS(proc_parse_io(s, &io) <= 0);
    FUZZ_HOLDS(schedstat_parse(s, &sched) <= 0);
    for (Str rest = s; proc_next_pid(&rest, &pid);)
        FUZZ_HOLDS(pid >= 0 && rest.len < s.len);
}

static void read_host(Str s)
{
    HostCpu cpu;
    HostLoad load;
    HostNet net;
    HostDisk disk;
    uint64_t n;
    FUZZ_HOLDS(host_parse_cpu(s, &cpu) <= 0);
    FUZZ_HOLDS(host_parse_loadavg(s, &load) <= 0);
    FUZZ_HOLDS(host_parse_net(s, &net) <= 0);
    FUZZ_HOLDS(host_parse_retransmits(s, &n) <= 0);
    FUZZ_HOLDS(host_parse_pressure(s, &n) <= 0);
    FUZZ_HOLDS(host_parse_disks(s, STR("sda vda "), &disk) <= 0);
    FUZZ_HOLDS(host_parse_disks(STR("8 0 sda 1 2 3 4 5 6 7"), s, &disk) <= 0);
}

static void read_testbed(Str s)
{
    Arena a = { 0 };
    (void)testbed_parse_os(&a, s);
    (void)testbed_parse_cpu(&a, s);
    (void)testbed_has_hypervisor_flag(s);
    (void)testbed_name_hypervisor(s, s, s);
    (void)testbed_name_container(s, s);
    (void)testbed_memory_step(testbed_parse_memory(s));
    check_view(s, testbed_kernel_series(s));
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    Str s = { (const char *)bytes, (ptrdiff_t)n };
    read_process(s);
    read_host(s);
    read_testbed(s);
    return 0;
}
