/* What is measured: a command's runs, a load, a function, a stream, or what a harness told. */
#pragma once

typedef enum Kind { KIND_COMMAND, KIND_LOAD, KIND_FUNCTION, KIND_STREAM, KIND_HARNESS } Kind;
