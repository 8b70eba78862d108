/* Results made by hand for the tests of this room: deterministic, with everything that reports have
 * to cope with. Built with the model's own functions; nothing was measured. */
#pragma once

#include "model/run.h"

/* `assay time`: two commands, 30 paired rounds, the second about 1.5 times as fast. */
Run *fixture_commands(void);
/* `assay load`: one open load, SUSPECT, failures of several classes, series, expectations, one
 * broken. */
Run *fixture_load(void);
/* A suite with commands, functions, loads, an INVALID case, names that attack every output, a
 * base side and a comparison with every verdict. */
Run *fixture_suite(void);
/* `n` load cases with series and distributions, for sizes. */
Run *fixture_many(ptrdiff_t n);
/* Nothing measured at all. */
Run *fixture_empty(void);

/* Run a program found in PATH, its stdout into the file `out`. Its exit status; 127 when it is not
 * installed. */
int fixture_program(const char *const *argv, const char *out);

/* Names that stand in fixture_suite. */
#define FIXTURE_SCRIPT "<script>alert('x')</script> & \"quotes\" | pipes"
#define FIXTURE_CONTROL "bell\a esc\x1b[31m nul-free \xff broken\nsecond line"
#define FIXTURE_FORMULA "=HYPERLINK(\"http://evil\",\"x\"),1"
#define FIXTURE_WIDE "\xe4\xba\x8b\xe4\xbb\xb6\xe6\xba\xaf\xe6\xba\x90/\xe5\xb9\xb6\xe5\x8f\x91=10"
