/* What fuzz targets share: the entry that libFuzzer (or replay.c) calls, and a check that stops. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* One input, borrowed, any bytes, not NUL-terminated. Returns 0; a broken promise aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define FUZZ_HOLDS(cond)                                                                           \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)
