/* What people said of a regression, held against the regression. */
#pragma once

#include "judge/rows.h"

/* A row that some entry of the triage covers keeps verdict and severity, blocks nobody, and says in
 * its note who said what; row->triage is the entry's word. Where the entry names a size and the
 * row's whole interval lies beyond it (by more than the smallest effect), the row stays as it is,
 * and its note says so. */
void triage_decide(const Rows *rows, CompareRow *row);
