/* What a gate needs besides the judged run: the baseline, and what people said of regressions. */
#pragma once

#include "cmd/cmd.h"

/* The run behind a baseline's name, summarised. Returns 0, or an ExitCode after saying why: 5 when
 * it was set aside. */
int gate_baseline(Ctx *ctx, const char *store_option, const char *name, Run **ret);
/* All of the triage, in the arena of ctx. None where there is no store yet; a store that can't be
 * read is warned of, and the gate judges without. */
void gate_triage(Ctx *ctx, const char *store_option, const char *dir, TriageList *ret);
/* Fresh pairs against a revision: what began at or before that commit is on both sides, and says
 * nothing of a difference between them. Takes it out. */
void gate_triage_of_pairs(Ctx *ctx, const char *dir, const char *base_commit, TriageList *l);
