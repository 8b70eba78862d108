/* What a regression means: rules. */
#pragma once

#include "judge/judge.h"

/* What the rules are asked with. */
typedef struct SeverityAsk {
    const RuleSet *rules; /* may be NULL or empty */
    const Comparison *c;  /* all rows */
    Arena *arena;         /* for notes */
    uint64_t at_wall_ns;  /* when what is judged was measured: exceptions end */
} SeverityAsk;

/* Gravest rule that a row breaks. Rules speak only of regressed rows, and then by the point
 * estimate: a rule on "latency" also covers "latency.p99". `row` is one of ask->c; `distribution`:
 * its trials have many values each. Sets severity and action; leaves "none" when no rule speaks, or
 * an exception covers the row: then its note says why. */
void severity_decide(const SeverityAsk *ask, CompareRow *row, bool distribution);
