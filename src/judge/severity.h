/* What a regression means: rules. */
#pragma once

#include "judge/judge.h"

/* Gravest rule that a row breaks. Rules speak only of regressed rows, and then by the point
 * estimate: a rule on "latency" also covers "latency.p99". `c` holds all rows, of which `row` is
 * one; `distribution`: its trials have many values each. Sets severity and action; leaves "none"
 * when no rule speaks. */
void severity_decide(const RuleSet *rules, const Comparison *c, CompareRow *row, bool distribution);
