/* What a gate needs besides the judged run: the baseline, and what people said of regressions. */
#pragma once

#include "cmd/cmd.h"

/* How old a baseline may be before it is warned of. */
typedef struct BaselineLimits {
    uint64_t stale; /* ns; 0: however old */
    uint32_t stale_commits;
} BaselineLimits;
extern const Opt baseline_limit_opts[];

typedef struct GateAsk {
    const char *store; /* place */
    const char *dir;   /* whose git repository */
    const char
        *name; /* of a baseline; "@merge-base[:REF]"; a branch, when no baseline is called so */
    const char *suite;       /* of the judged run */
    const char *fingerprint; /* its testbed; NULL: unknown */
    const char *not_run;     /* its id, when it is stored already */
    const BaselineLimits *limits;
} GateAsk;

/* The baseline as one run, summarised: the run that the name stands for; the medians of its window;
 * or the newest run of the commit where HEAD left a branch, else of the nearest one before that has
 * a run of this suite on this testbed. *ret_about (arena of ctx) says which and how old, NULL when
 * there is nothing to say; what is older than the limits is warned of. Returns 0, or an ExitCode
 * after saying why: 5 when it was set aside. */
int gate_baseline(Ctx *ctx, const GateAsk *ask, Run **ret, const char **ret_about);
/* Warn of cases that only one side has. */
void gate_warn_missing(Ctx *ctx, const Comparison *c);
/* All of the triage, in the arena of ctx. None where there is no store yet; a store that can't be
 * read is warned of, and the gate judges without. */
void gate_triage(Ctx *ctx, const char *store_option, const char *dir, TriageList *ret);
/* Fresh pairs against a revision: what began at or before that commit is on both sides, and says
 * nothing of a difference between them. Takes it out. */
void gate_triage_of_pairs(Ctx *ctx, const char *dir, const char *base_commit, TriageList *l);
/* A stored run that is green becomes the baseline `name` (made when there is none; NULL: none
 * named), and those that are kept to be promoted by themselves. Says what it did and, of the named
 * one, why not. Returns an exit code. */
int gate_promote(Ctx *ctx, const char *place, const char *name, const Run *r);
