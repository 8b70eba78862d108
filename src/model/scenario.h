/* Scenarios: what users do, step by step, as a suite says it. A load with scenarios draws one of
 * them, by weight, for every pass; each request of it is an operation.
 *
 *     browse: { weight: 4, steps: [ { get: / }, { think: 1s }, { get: "/item/${zipf(1000)}" } ] }
 *
 * Compiled and played by load/scenario.h. */
#pragma once

#include "base/opt.h"

enum {
    SCENARIOS_MAX = 100,
    SCENARIO_STEPS_MAX = 1000, /* of one load, nested ones counted */
    SCENARIO_DEPTH_MAX = 8,    /* steps within steps */
    SCENARIO_ONCES_MAX = 64,   /* `once` and `login` of one load */
    SCENARIO_NAME_MAX = 40,
    SCENARIO_PARALLEL_MAX = 16, /* requests of one `parallel` */
};

/* Which row of a file an operation, or a pass, takes. */
typedef enum FeedOrder {
    FEED_CIRCULAR, /* row after row over all users, from the top again at the end */
    FEED_RANDOM,   /* any row, each equally likely */
    FEED_UNIQUE,   /* each user has rows of its own and goes round in them */
} FeedOrder;
extern const char *const feed_orders[]; /* by FeedOrder, ended by NULL */

typedef enum StepKind {
    STEP_REQUEST,
    STEP_THINK,    /* a pause */
    STEP_LOOP,     /* `steps`, `times` times */
    STEP_IF,       /* `steps` when the condition holds, else `otherwise` */
    STEP_ONCE,     /* `steps` in the user's first pass only */
    STEP_GROUP,    /* `steps`, timed together under a name */
    STEP_SCRIPT,   /* a function of the scenario's script */
    STEP_PARALLEL, /* `steps`, all requests, at once, over a connection each */
} StepKind;

typedef struct StepSpec StepSpec;

typedef struct StepList {
    StepSpec *v;
    ptrdiff_t n, cap;
} StepList;

struct StepSpec {
    StepKind kind;
    const char *name;         /* request, group: what results call it */
    const void *request_opts; /* request: the driver's struct of its request rows */
    const char *think;        /* pause: its law (model/think.h) */
    const char *script;       /* script: the function */
    uint32_t times;           /* loop: 1 or more */
    const char *condition;    /* if: "token", "token == text", "token != text" */
    StepList steps, otherwise;
};

typedef enum OnFailure {
    FAILURE_STOPS,     /* the pass ends at the first request that fails */
    FAILURE_CONTINUES, /* the next step follows all the same */
} OnFailure;

typedef enum SessionLife {
    SESSION_USER, /* a user keeps what it extracted, its cookies and its login over all passes */
    SESSION_PASS, /* every pass begins as a stranger */
} SessionLife;

typedef struct ScenarioSpec {
    const char *name;
    double weight;      /* above 0; its share of all passes is weight by the sum of weights */
    const char *feed;   /* file of rows, one for each pass; NULL: none */
    int feed_order;     /* FeedOrder */
    const char *script; /* file of Lua functions for steps and checks; NULL: none */
    int on_failure;     /* OnFailure */
    int session;        /* SessionLife */
    StepList login;     /* before a user's first pass, and again when a request is refused as
                           unauthorized, which is then asked a second time; empty: none */
    StepList steps;
} ScenarioSpec;
extern const Opt
    scenario_opts[]; /* rows over ScenarioSpec; name, login and steps are set by hand */

typedef struct ScenarioList {
    ScenarioSpec *v;
    ptrdiff_t n, cap;
    StrList vars; /* names that steps extract values into, distinct */
} ScenarioList;

/* A key that stands for a request row, and maybe sets another: `post: /cart` for path and method.
 */
typedef struct RequestShort {
    const char *key, *row; /* key NULL ends the table */
    const char *sets, *to; /* NULL: nothing else */
} RequestShort;

/* Names of scenarios, steps, groups and variables: letters, digits, '_' and '-'. */
bool scenario_name_ok(Str name);
/* Is there a request that every pass makes? */
bool steps_always_ask(const StepList *l);
/* The most requests that a user makes at once, 1 without `parallel`. */
ptrdiff_t scenarios_width(const ScenarioList *l);
/* What the rows can't say: weights, nesting, numbers of steps, pauses and conditions that can be
 * read, names that stand twice. 0, or -EINVAL: "buy.steps: …". */
MUST_CHECK int scenarios_check(const ScenarioList *l, Err *err);

/* "token == text", cut into its parts. */
typedef struct StepCondition {
    Str variable, text; /* borrowed from the condition */
    bool compares;      /* with text; else: is there a value? */
    bool negated;
} StepCondition;
MUST_CHECK int step_condition_parse(const char *text, StepCondition *ret, Err *err);
