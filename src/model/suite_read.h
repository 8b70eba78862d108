/* What the files suite_*.c share while one suite is read. Not for others. */
#pragma once

#include "base/opt_yaml.h"
#include "model/suite.h"

enum {
    PARAMS_MAX = 32,            /* per benchmark */
    PARAM_TEXT_MAX = 200,       /* bytes of one value: it is part of the case's name */
    PARAM_VALUES_MAX = 10000,   /* of one parameter */
    CASES_HARD_MAX = 1000000,   /* even with allow_large */
    CASES_WEIGHT_MAX = 4 << 20, /* sum over benchmarks of cases x weight of what is read for each */
    EXPANDED_MAX = 64 << 20,    /* bytes that ${…} may produce over the whole suite */
    NAME_MAX_BYTES = 100,       /* of benchmarks, targets, parameters */
};

/* One parameter of a benchmark, with its choice in the case being made. */
typedef struct Param {
    const char *name;
    const YamlNode *key;
    const YamlNode **values; /* [n] scalars, n > 0 */
    ptrdiff_t n;
    bool used;                                         /* referred to in some case */
    ptrdiff_t at;                                      /* the choice */
    enum { PARAM_OPEN, PARAM_BUSY, PARAM_DONE } state; /* of `text`; busy: being worked out */
    Str text; /* the choice with its own ${…} replaced; in the case's scratch arena */
} Param;

typedef struct Params {
    Param v[PARAMS_MAX];
    ptrdiff_t n;
    uint64_t n_cases; /* product of the numbers of values; saturates; 1 without parameters */
} Params;

typedef struct SuiteReader {
    Suite *s;
    const SuiteVocab *vocab;
    const SuiteFlags *flags;
    YamlDiag diag;
    const YamlNode *root; /* --set already in it */
    PaceSpec pace;        /* defaults, as the suite has them */
    CommandSpec command;
    FunctionSpec function;
    LoadSpec load;
    ptrdiff_t weight;              /* of the cases so far, see CASES_WEIGHT_MAX */
    ptrdiff_t expanded;            /* bytes so far, see EXPANDED_MAX */
    const YamlNode **target_nodes; /* [s->n_targets] */
    bool *target_used;             /* [s->n_targets] */
} SuiteReader;

/* suite_vars.c: what `${…}` may refer to. */
typedef struct Vars {
    SuiteReader *r;
    Params *params;            /* NULL: none in scope */
    const char *path;          /* for complaints */
    const char *why_no_params; /* NULL, or why parameters can't stand here */
    const YamlNode *request;   /* NULL, or below it `${name(…)}` and `${feed.name}` stay as they
                                * are: drivers fill them in for each operation */
    const YamlNode *scenarios; /* the same, and `${name}` of what their steps extract: */
    StrList extracted;
} Vars;

/* Replace `${…}` in every scalar at and below `n`; NULL after a complaint. */
const YamlNode *vars_expand(Vars *v, Arena *a, const YamlNode *n);
/* Work out every parameter of the case whose choices are set. -EINVAL after a complaint. */
MUST_CHECK int vars_resolve(Vars *v, Arena *a);
/* Does some scalar at or below `n` refer to a parameter? */
bool vars_has_params(Arena *a, const YamlNode *n);

/* suite_set.c: put --set into the tree. */
MUST_CHECK int suite_apply_sets(SuiteReader *r);
/* After reading: a `--set port.NAME` that nothing refers to is refused. */
void suite_check_port_sets(SuiteReader *r);

/* suite_matrix.c: `params` of a benchmark; NULL: none. */
MUST_CHECK int params_read(SuiteReader *r, const YamlNode *map, const char *path, Params *ret);
/* Set the choices of the i-th case (0 … n_cases - 1; the last parameter varies fastest). */
void params_choose(Params *p, uint64_t i);
/* "bench/a=1,b=2" in the suite's arena; the bare name without parameters. */
const char *params_case_name(Arena *a, const char *benchmark, const Params *p);

/* suite_target.c */
MUST_CHECK int targets_read(SuiteReader *r);
/* Index of the target called `name`, or -1. */
ptrdiff_t targets_find(const SuiteReader *r, Str name);
/* Options of target `i` for the case whose variables are `v`; in the suite's arena. */
MUST_CHECK int target_fill(SuiteReader *r, ptrdiff_t i, Vars *v, const char *of, Arena *scratch,
                           const void **ret);

/* suite_bench.c: every benchmark into cases. */
MUST_CHECK int benchmarks_read(SuiteReader *r);

typedef struct Bench {
    SuiteReader *r;
    const char *name, *path;
    int line;             /* of its name */
    const YamlNode *map;  /* as written */
    const YamlNode *body; /* without params */
    Kind kind;
    Params params;
    ptrdiff_t rival; /* index of the parameter named by `compare`, or -1 */
    ptrdiff_t first; /* index of its first case */
    bool member;     /* of several `loads` */
} Bench;

/* suite_case.c: append the i-th case of the benchmark to the suite. */
MUST_CHECK int case_make(Bench *b, uint64_t i);

/* suite_scenario.c: `scenarios` of a load; of may be NULL, see YamlContext. */
MUST_CHECK int scenarios_read(SuiteReader *r, Arena *scratch, const DriverVocab *d,
                              const YamlNode *map, const char *path, const char *of,
                              ScenarioList *ret);
/* The names that steps at and below `n` extract values into; `n` may be NULL. */
void scenarios_names(Arena *a, const YamlNode *n, StrList *names);
/* Short keys of a request (`post: /cart`) replaced by what they stand for. */
MUST_CHECK int request_spell_out(SuiteReader *r, Arena *a, const DriverVocab *d,
                                 const YamlNode **map, const char *path);

/* suite_rules.c */
MUST_CHECK int rules_read(SuiteReader *r);
/* Those of one benchmark; `n` may be NULL. */
MUST_CHECK int rules_read_own(SuiteReader *r, const YamlNode *n, const char *benchmark,
                              const char *path);
MUST_CHECK int expects_read(SuiteReader *r, const YamlNode *map, const char *path, const char *of,
                            SuiteCase *c);

/* Names of benchmarks, targets and parameters: letters, digits, '_', '-', '.', and bytes beyond
 * ASCII; not empty, at most NAME_MAX_BYTES. */
bool suite_name_ok(Str name);
/* The pairs of `map` whose key is (in) or is not (!in) a row of `rows`; rows NULL is an empty
 * table. */
const YamlNode *suite_pick(Arena *a, const YamlNode *map, const Opt *rows, bool in);
/* A copy of the map without one key. */
const YamlNode *suite_without(Arena *a, const YamlNode *map, const char *key);
/* Complain about what a check of a spec said, "key: what", at that key of `map`, or at `map`. */
int suite_refuse_spec(SuiteReader *r, const YamlNode *map, const char *path, const char *msg);
/* Complain when `n` is no mapping. */
MUST_CHECK int suite_want_map(SuiteReader *r, const YamlNode *n, const char *path);
