/* Cases of benchmark programs. What a program holds is known only when it runs: it is started,
 * asked, and each of its functions becomes a case of the run. For `assay bench` and for suites. */
#pragma once

#include "cmd/cmd.h"
#include "lab/lab.h"

/* Cases and programs of the lab as they grow; in the command's arena. */
typedef struct FunctionPlan {
    LabCase *cases;
    ptrdiff_t n, cap;
    LabProgram **programs;
    ptrdiff_t n_programs, cap_programs;
    uint32_t next_group; /* of the lab */
} FunctionPlan;

/* One program to ask. */
typedef struct FunctionSource {
    const FunctionSpec *spec; /* outlives the run */
    const PaceSpec *pace;     /* the same */
    const char *cwd;          /* where it runs unless spec says */
    const char *benchmark;    /* of the suite; NULL: the function's own name */
    const char *prefix;       /* of case names: "parse" makes "parse/copy/size=16"; NULL: none */
    const void *scope;        /* functions of one name compete within the same scope only */
    const char *component;    /* or NULL */
    const StrMap *params;     /* of the suite's case, or NULL */
    const Expect *expects;    /* [n_expects] for each of its cases */
    ptrdiff_t n_expects;
    Side side;
    const char *suffix; /* NULL, or what tells its cases from those of the same name */
} FunctionSource;

/* Add its cases to the run and to the plan. Where the plan has one of the same function already (of
 * another program or side), the two compete: same group, same number of iterations, and – on the
 * same side – judged against the first. 0; -ENOENT … when it can't be started or is no benchmark
 * program; -EINVAL when no case matches the filter. */
MUST_CHECK int functions_plan(Ctx *ctx, Run *r, const FunctionSource *src, FunctionPlan *plan,
                              Err *err);
/* All programs of the plan, for the lab. */
LabProgram *functions_programs(Ctx *ctx, FunctionPlan *plan);
/* Asymptotic growth of benchmarks that ask for it: a note on the last case of each series of sizes.
 * After the run was summarised. */
void functions_note_growth(Run *r, const FunctionPlan *plan);
