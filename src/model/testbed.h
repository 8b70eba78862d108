/* A host's fingerprint: coarse enough to survive a reboot, strict enough never to compare different
 * machines silently. */
#pragma once

#include "base/arena.h"

typedef struct Testbed {
    const char *host;           /* node name */
    const char *os;             /* "Debian GNU/Linux 12 (bookworm)" */
    const char *kernel;         /* "6.1.0-18-amd64" */
    const char *cpu;            /* model name */
    uint32_t cpus;              /* usable by this process */
    uint64_t memory_bytes;      /* rounded to the fingerprint's grain when hashed */
    const char *clock_source;   /* "tsc" */
    const char *virtualisation; /* "none", "kvm", "container" … */
    const char *governor;       /* "performance", NULL when unknown */
    const char *fingerprint; /* 16 hex digits over cpu, cpus, memory (to 5 %), kernel major.minor,
                                clock source, virtualisation */
} Testbed;
