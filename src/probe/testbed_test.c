#include "probe/testbed_text.h"

#include <unistd.h>

#include "probe/probe.h"
#include "tap.h"

#define GIB 1073741824.0

static void test_names(Arena *a)
{
    CHECK_STR(testbed_parse_os(a, STR("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n")),
              "Debian GNU/Linux 12 (bookworm)", "os: quoted");
    CHECK_STR(testbed_parse_os(a, STR("PRETTY_NAME=Arch")), "Arch", "os: bare");
    CHECK_STR(testbed_parse_os(a, STR("NAME=x\n")), NULL, "os: unknown");
    CHECK_STR(testbed_parse_cpu(a, STR("processor\t: 0\ncpu family\t: 6\nmodel\t\t: 85\n"
                                       "model name\t: Intel(R) Xeon(R)   CPU @ 2.00GHz\n")),
              "Intel(R) Xeon(R) CPU @ 2.00GHz", "cpu: x86");
    CHECK_STR(testbed_parse_cpu(a, STR("processor\t: 0\nCPU implementer\t: 0x41\n"
                                       "CPU part\t: 0xd0c\n")),
              "ARM 0x41 part 0xd0c", "cpu: ARM without a name");
    CHECK_STR(testbed_parse_cpu(a, STR("cpu\t\t: POWER9, altivec supported\n")),
              "POWER9, altivec supported", "cpu: POWER");
    CHECK_STR(testbed_parse_cpu(a, STR("")), NULL, "cpu: unknown");
    CHECK(testbed_has_hypervisor_flag(STR("flags\t\t: fpu hypervisor lahf_lm\n")), "flag");
    CHECK(!testbed_has_hypervisor_flag(STR("flags\t\t: fpu no_hypervisor\n")), "no flag");
    CHECK(testbed_parse_memory(STR("MemTotal:        1024 kB\nMemFree: 1 kB\n")) == 1048576,
          "memory");
    CHECK(testbed_parse_memory(STR("MemFree: 1 kB\n")) == 0, "memory: unknown");
}

static void test_virtualisation(void)
{
    CHECK_STR(testbed_name_hypervisor(STR("Amazon EC2\nm5.large"), STR("tsc kvm-clock"), STR("")),
              "amazon", "cloud before machinery");
    CHECK_STR(testbed_name_hypervisor(STR("\n"), STR("tsc kvm-clock \n"), STR("")), "kvm",
              "by clock source");
    CHECK_STR(
        testbed_name_hypervisor(STR("Dell Inc.\nPowerEdge R740"), STR("tsc hpet acpi_pm"), STR("")),
        NULL, "bare metal");
    CHECK_STR(testbed_name_hypervisor(STR(""), STR("tsc"), STR("xen\n")), "xen", "by type");
    CHECK_STR(testbed_name_container(STR("0::/kubepods/besteffort/pod1\n"), STR("")), "kubernetes",
              "by cgroup");
    CHECK_STR(testbed_name_container(STR("0::/\n"), STR("A=container=no\0container=lxc\0B=1")),
              "lxc", "by environment");
    CHECK_STR(testbed_name_container(STR("0::/init.scope\n"), STR("")), NULL, "no container");
}

static void test_kernel_series(void)
{
    static const char *const rows[][2] = {
        { "6.18.44-fc-v595", "6.18" }, { "6.1.0-18-amd64", "6.1" },
        { "5.15-rc1", "5.15" },        { "6.1", "6.1" },
        { "custom", "custom" },        { "", "" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK(str_eqz(testbed_kernel_series(str(rows[i][0])), rows[i][1]), "kernel: '%s'",
              rows[i][0]);
}

static void test_memory_steps(void)
{
    for (int n = 0; n <= 10; n++) {
        double sold = ldexp(GIB, n);
        CHECK(testbed_memory_step((uint64_t)(sold * 0.955)) == testbed_memory_step((uint64_t)sold),
              "memory: what kernels report of %d GiB is one step", 1 << n);
    }
    double widest = 0;
    uint32_t last = testbed_memory_step((uint64_t)GIB);
    double from = 1;
    for (double x = 1; x < 64; x *= 1.0005) {
        uint32_t step = testbed_memory_step((uint64_t)(x * GIB));
        if (step != last) {
            widest = MAX(widest, x / from);
            from = x;
        }
        last = step;
    }
    CHECK_NEAR(widest, 1.0507, 0.001, "memory: a step is about 5 %%");
    CHECK_INT(testbed_memory_step(0), 0, "memory: unknown");
}

static void test_fingerprint(Arena *a)
{
    Testbed t = { .cpu = "X",
                  .cpus = 4,
                  .memory_bytes = (uint64_t)(16 * GIB),
                  .kernel = "6.1.0-18-amd64",
                  .clock_source = "tsc",
                  .virtualisation = "none" };
    const char *base = testbed_fingerprint(a, &t);
    CHECK_INT(strlen(base), 16, "fingerprint: 16 digits");
    CHECK_INT(strspn(base, "0123456789abcdef"), 16, "fingerprint: hex");
    Testbed u = t;
    u.kernel = "6.1.0-21-amd64";
    u.memory_bytes = (uint64_t)(15.6 * GIB);
    u.host = "other";
    u.os = "Other";
    u.governor = "performance";
    CHECK_STR(testbed_fingerprint(a, &u), base, "fingerprint: survives patches and names");
    const Testbed others[] = {
        { .cpu = "Y",
          .cpus = 4,
          .memory_bytes = t.memory_bytes,
          .kernel = t.kernel,
          .clock_source = "tsc",
          .virtualisation = "none" },
        { .cpu = "X",
          .cpus = 8,
          .memory_bytes = t.memory_bytes,
          .kernel = t.kernel,
          .clock_source = "tsc",
          .virtualisation = "none" },
        { .cpu = "X",
          .cpus = 4,
          .memory_bytes = t.memory_bytes * 2,
          .kernel = t.kernel,
          .clock_source = "tsc",
          .virtualisation = "none" },
        { .cpu = "X",
          .cpus = 4,
          .memory_bytes = t.memory_bytes,
          .kernel = "6.2.0",
          .clock_source = "tsc",
          .virtualisation = "none" },
        { .cpu = "X",
          .cpus = 4,
          .memory_bytes = t.memory_bytes,
          .kernel = t.kernel,
          .clock_source = "hpet",
          .virtualisation = "none" },
        { .cpu = "X",
          .cpus = 4,
          .memory_bytes = t.memory_bytes,
          .kernel = t.kernel,
          .clock_source = "tsc",
          .virtualisation = "kvm" },
        { .cpu = "X",
          .cpus = 4,
          .memory_bytes = t.memory_bytes,
          .kernel = t.kernel,
          .clock_source = NULL,
          .virtualisation = "none" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(others); i++)
        CHECK(strcmp(testbed_fingerprint(a, &others[i]), base) != 0, "fingerprint: differs, %td",
              i);
}

static void test_this_host(Arena *a)
{
    Testbed t, again;
    char name[256] = "";
    testbed_read(a, &t);
    testbed_read(a, &again);
    gethostname(name, sizeof name - 1);
    CHECK_STR(t.host, name, "this host: name");
    CHECK(t.kernel && t.kernel[0], "this host: kernel");
    CHECK(t.cpus >= 1 && t.cpus <= (uint32_t)sysconf(_SC_NPROCESSORS_CONF), "this host: cpus");
    CHECK(t.memory_bytes > 1 << 20, "this host: memory");
    CHECK_STR(t.fingerprint, again.fingerprint, "this host: the same fingerprint again");
    printf("# %s, %s, %s, %u cpus, %.2f GiB, clock %s, virtualisation %s, governor %s: %s\n", t.os,
           t.kernel, t.cpu, t.cpus, (double)t.memory_bytes / GIB, t.clock_source, t.virtualisation,
           t.governor ? t.governor : "unknown", t.fingerprint);
}

int main(void)
{
    Arena a = { 0 };
    test_names(&a);
    test_virtualisation();
    test_kernel_series();
    test_memory_steps();
    test_fingerprint(&a);
    test_this_host(&a);
    arena_done(&a);
    return tap_done();
}
