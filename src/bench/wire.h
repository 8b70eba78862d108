/* What a benchmark program and assay say to each other: frames over a stream socket, same machine.
 *
 *     assay                               program
 *     (starts it with ASSAY_BENCH_FD=n)   HELLO
 *     LIST                                CASE …, END      or FAILED
 *     CALIBRATE index, least_ns           RESULT           or FAILED
 *     EPOCH index, iterations, flags      RESULT, SAMPLES? or FAILED
 *     (hangs up)                          exits
 *
 * A frame is its header and `bytes` of one of the structs below, some with texts behind, each ended
 * by NUL. Whatever the program has printed or however it was built, what arrives is data from
 * outside: lengths and ends are checked by the reader. */
#pragma once

#include <stdint.h>

enum {
    ASSAY_WIRE_MAGIC = 0x59415341, /* "ASAY" */
    ASSAY_WIRE_VERSION = 1,
    ASSAY_WIRE_FRAME_MAX = 8 << 20,
};
#define ASSAY_WIRE_VARIABLE "ASSAY_BENCH_FD"
/* "index:iterations": run one epoch and nothing else, for simulators. */
#define ASSAY_WIRE_ONCE "ASSAY_BENCH_ONCE"

typedef enum AssayWireKind {
    ASSAY_WIRE_HELLO = 1,
    ASSAY_WIRE_LIST,
    ASSAY_WIRE_CASE,
    ASSAY_WIRE_END,
    ASSAY_WIRE_CALIBRATE,
    ASSAY_WIRE_EPOCH,
    ASSAY_WIRE_RESULT,
    ASSAY_WIRE_SAMPLES, /* uint64_t ns[bytes / 8] */
    ASSAY_WIRE_FAILED,  /* one text: why */
} AssayWireKind;

typedef struct AssayWireFrame {
    uint32_t kind, bytes;
} AssayWireFrame;

typedef struct AssayWireHello {
    uint32_t magic, version;
    double loop_ns, pause_ns, clock_ns, resolution_ns;
    uint32_t counts_allocs, reserved;
} AssayWireHello;

/* Then texts: name, benchmark, the complexity's text ("" for the usual laws or none), and for each
 * argument its name and its value. */
typedef struct AssayWireCase {
    uint32_t index, threads, n_args;
    uint32_t complexity; /* 0 none, 1 the usual laws, 2 law is of its own */
    double n;            /* first argument that is a number; 0 without */
    double law;          /* of n, when complexity is 2 */
} AssayWireCase;

enum { ASSAY_WIRE_EACH = 1 }; /* time each iteration: SAMPLES follow */

typedef struct AssayWireOrder { /* CALIBRATE, EPOCH */
    uint32_t index, flags;
    uint64_t iterations, least_ns;
} AssayWireOrder;

typedef struct AssayWireFigure {
    char name[32]; /* ended by NUL */
    double value;
    uint32_t how, reserved; /* AssayCounter */
} AssayWireFigure;

typedef struct AssayWireResult {
    uint64_t iterations, elapsed_ns, cpu_ns, pauses, bytes, items;
    double time_ns;
    uint32_t n_figures, counts_allocs, has_samples, reserved;
    uint64_t allocs, alloc_bytes, alloc_peak;
    AssayWireFigure figures[8];
} AssayWireResult;
