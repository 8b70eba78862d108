/* Readers of what hosts say about themselves, and the fingerprint. Pure. */
#pragma once

#include "model/testbed.h"

/* /etc/os-release: PRETTY_NAME without its quotes, in the arena; NULL when absent. */
const char *testbed_parse_os(Arena *a, Str text);
/* /proc/cpuinfo: the first core's model, in the arena, runs of blanks made one; where the kernel
 * gives no name (most ARM), implementer and part: "ARM 0x41 part 0xd0c". NULL when neither. */
const char *testbed_parse_cpu(Arena *a, Str text);
/* /proc/cpuinfo: x86 says so when it runs under a hypervisor. */
bool testbed_has_hypervisor_flag(Str text);
/* /proc/meminfo: MemTotal in bytes, 0 when absent. */
uint64_t testbed_parse_memory(Str text);
/* The hypervisor that a DMI vendor and product name, a list of clock sources, or
 * /sys/hypervisor/type give away; NULL when they give none away. Each may be empty. */
const char *testbed_name_hypervisor(Str dmi, Str clock_sources, Str type);
/* The kind of container that /proc/1/cgroup or /proc/1/environ give away, NULL when none. */
const char *testbed_name_container(Str cgroup, Str environment);

/* Memory's grain in the fingerprint: 14 steps to the octave, about 5 % each. Steps lie so that one
 * holds all from 95.3 % to 100.2 % of a power of two: that is how much of its memory a kernel
 * reports, and other kernels report a little more or less. Sizes near other steps' edges may still
 * change the fingerprint when the kernel does: then testbeds count as different, which is said
 * aloud; the opposite error, different machines taken for one, would be silent. 0 for 0 bytes. */
uint32_t testbed_memory_step(uint64_t bytes);
/* "6.18" of "6.18.44-fc-v595"; the whole text when it is not of that form. */
Str testbed_kernel_series(Str release);
/* 16 hex digits in the arena: FNV-1a, 64 bits, over the fields that testbed.h names; unknown ones
 * as such. */
const char *testbed_fingerprint(Arena *a, const Testbed *t);
