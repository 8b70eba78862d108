#include "probe/testbed_text.h"

#include <math.h>

#include "probe/scan.h"

static Str unquote(Str s)
{
    s = str_trim(s);
    if (s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0])
        s = str_slice(s, 1, s.len - 1);
    return s;
}

const char *testbed_parse_os(Arena *a, Str text)
{
    Str name;
    if (!procscan_line(text, STR("PRETTY_NAME="), &name))
        return NULL;
    name = unquote(name);
    return name.len ? arena_str(a, name) : NULL;
}

/* The value of "key<blanks>: value". */
static bool field(Str text, const char *key, Str *ret)
{
    for (Str line, name; str_cut(&text, '\n', &line);) {
        if (!str_cut(&line, ':', &name) || !line.ptr || !str_eqz(str_trim(name), key))
            continue;
        *ret = str_trim(line);
        return ret->len > 0;
    }
    return false;
}

static const char *single_blanks(Arena *a, Str s)
{
    char *out = arena_str(a, s), *to = out;
    for (const char *c = out; *c; c++)
        if (*c != ' ' || to == out || to[-1] != ' ')
            *to++ = *c;
    *to = '\0';
    return out;
}

const char *testbed_parse_cpu(Arena *a, Str text)
{
    static const char *const keys[] = { "model name", "cpu model", "cpu", "uarch", "Model" };
    Str name, part;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(keys); i++)
        if (field(text, keys[i], &name))
            return single_blanks(a, name);
    if (field(text, "CPU implementer", &name) && field(text, "CPU part", &part))
        return arena_printf(a, "ARM " STR_FMT " part " STR_FMT, STR_ARG(name), STR_ARG(part));
    return NULL;
}

bool testbed_has_hypervisor_flag(Str text)
{
    Str flags;
    if (!field(text, "flags", &flags))
        return false;
    for (Str flag; procscan_word(&flags, &flag);)
        if (str_eqz(flag, "hypervisor"))
            return true;
    return false;
}

uint64_t testbed_parse_memory(Str text)
{
    Str rest;
    uint64_t kib, bytes;
    if (!procscan_line(text, STR("MemTotal:"), &rest) || !procscan_u64(&rest, &kib) ||
        __builtin_mul_overflow(kib, (uint64_t)1024, &bytes))
        return 0;
    return bytes;
}

typedef struct Hint {
    const char *in, *name;
} Hint;

static const char *find_hint(Str text, const Hint *hints, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_find(text, str(hints[i].in)) >= 0)
            return hints[i].name;
    return NULL;
}

const char *testbed_name_hypervisor(Str dmi, Str clock_sources, Str type)
{
    /* Products before the machinery they use: a cloud's name says more than KVM. */
    static const Hint by_dmi[] = {
        { "Amazon EC2", "amazon" },
        { "Google", "google" },
        { "DigitalOcean", "kvm" },
        { "OpenStack", "kvm" },
        { "VMware", "vmware" },
        { "VirtualBox", "virtualbox" },
        { "innotek", "virtualbox" },
        { "Parallels", "parallels" },
        { "Virtual Machine", "hyperv" },
        { "Xen", "xen" },
        { "HVM domU", "xen" },
        { "BHYVE", "bhyve" },
        { "KVM", "kvm" },
        { "QEMU", "qemu" },
        { "Bochs", "qemu" },
        { "Apple Virtualization", "apple" },
    };
    static const Hint by_clock[] = { { "kvm-clock", "kvm" }, { "hyperv", "hyperv" } };
    const char *name = find_hint(dmi, by_dmi, ARRAY_LEN(by_dmi));
    if (!name && str_eqz(str_trim(type), "xen"))
        name = "xen";
    return name ? name : find_hint(clock_sources, by_clock, ARRAY_LEN(by_clock));
}

const char *testbed_name_container(Str cgroup, Str environment)
{
    static const Hint by_environment[] = { { "container=docker", "docker" },
                                           { "container=podman", "podman" },
                                           { "container=lxc", "lxc" },
                                           { "container=systemd-nspawn", "systemd-nspawn" },
                                           { "container=", "container" } };
    static const Hint by_cgroup[] = { { "kubepods", "kubernetes" },
                                      { "docker", "docker" },
                                      { "libpod", "podman" },
                                      { "/lxc", "lxc" },
                                      { "containerd", "container" } };
    const char *name = NULL;
    for (Str one; !name && str_cut(&environment, '\0', &one);)
        if (str_starts(one, STR("container=")))
            name = find_hint(one, by_environment, ARRAY_LEN(by_environment));
    return name ? name : find_hint(cgroup, by_cgroup, ARRAY_LEN(by_cgroup));
}

uint32_t testbed_memory_step(uint64_t bytes)
{
    if (bytes == 0)
        return 0;
    return (uint32_t)floor(14 * (log2((double)bytes) - log2(0.953)));
}

Str testbed_kernel_series(Str release)
{
    ptrdiff_t i = 0, dots = 0;
    for (; i < release.len; i++) {
        char c = release.ptr[i];
        dots += c == '.';
        if (dots == 2 || (c != '.' && (c < '0' || c > '9')))
            break;
    }
    return dots >= 1 && i > 0 ? str_slice(release, 0, i) : release;
}

static uint64_t fnv1a(Str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (ptrdiff_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    return h;
}

static const char *or_unknown(const char *s)
{
    return s ? s : "?";
}

const char *testbed_fingerprint(Arena *a, const Testbed *t)
{
    Str kernel = testbed_kernel_series(str(or_unknown(t->kernel)));
    const char *text =
        arena_printf(a, "cpu=%s\ncpus=%u\nmemory=%u\nkernel=" STR_FMT "\nclock=%s\nvirtual=%s\n",
                     or_unknown(t->cpu), t->cpus, testbed_memory_step(t->memory_bytes),
                     STR_ARG(kernel), or_unknown(t->clock_source), or_unknown(t->virtualisation));
    return arena_printf(a, "%016llx", (unsigned long long)fnv1a(str(text)));
}
