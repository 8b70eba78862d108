/* What JMH's two formats share. */
#pragma once

#include "harness/harvest.h"

/* JMH's unit text, with the direction that JMH means by it. */
Unit jmh_unit(Harvest *h, Str text);
/* "time", "throughput" or, of other units, "score". Static. */
const char *jmh_metric(Unit unit);
/* The case of a benchmark; may add the mode to `params`. */
CaseResult *jmh_case(Harvest *h, Arena *scratch, Str benchmark, StrMap *params, const char *mode);
