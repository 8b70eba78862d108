/* The other side of a paired run: a revision in a work tree of its own, or a folder. */
#pragma once

#include "cmd/cmd.h"
#include "launch/command.h"
#include "model/suite.h"

typedef struct Against {
    const char *label;  /* what the user said */
    const char *commit; /* hash of a revision; NULL for a folder */
    const char *dir;    /* where the suite's folder is on that side */
    const char *tree;   /* work tree to take away afterwards; NULL for a folder */
    const char *repo;   /* repository it belongs to */
} Against;

/* Find the folder, or check the revision out below a temporary folder. */
MUST_CHECK int against_open(Ctx *ctx, const Suite *suite, const char *what, Against *ret, Err *err);
/* Run the suite's `build` texts on a side: once per distinct text, in `dir`. */
MUST_CHECK int against_build(Ctx *ctx, Launcher *l, const Suite *suite, const char *dir, Err *err);
/* The command as that side runs it: working folder, and a program below the suite's folder, are
 * moved over. */
CommandSpec against_command(Ctx *ctx, const Suite *suite, const Against *base,
                            const CommandSpec *head);
/* The same for a benchmark program. */
FunctionSpec against_function(Ctx *ctx, const Suite *suite, const Against *base,
                              const FunctionSpec *head);
/* The suite as that side has it: the same text, below its folder, with ports of its own, so that
 * servers of both sides run at the same time. Owned, suite_free. -EINVAL: a target would be at the
 * same address on both sides. */
MUST_CHECK int against_suite(Ctx *ctx, const Suite *suite, const Against *base,
                             const SuiteVocab *vocab, const SuiteFlags *flags, Suite **ret,
                             Err *err);
/* Take the work tree away. */
void against_close(const Against *a);
