/* What the commands of the triage share. */
#pragma once

#include "cmd/cmd.h"

/* Entries to stdout, as lines or as assay.triage/1. Returns an exit code. */
int triage_print(Ctx *ctx, const TriageList *l, bool json);
