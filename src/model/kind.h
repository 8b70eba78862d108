/* What is measured: a command's runs, a load, a function, a stream, or what a harness told. */
#pragma once

#include <stdbool.h>

typedef enum Kind { KIND_COMMAND, KIND_LOAD, KIND_FUNCTION, KIND_STREAM, KIND_HARNESS } Kind;

/* Carried out by the load generator: with a target, a schedule and outcomes. */
static inline bool kind_is_load(Kind k)
{
    return k == KIND_LOAD || k == KIND_STREAM;
}
