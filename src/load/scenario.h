/* Scenarios compiled: each a short list of instructions that a user goes through, pass after pass.
 *
 *     spec ──scenarios_prepare──► Scenarios (shared, read only) ──scenario_play──► operations
 *
 * Each request of a pass is an operation of its own. The first is due when the pass is: by the
 * schedule (open), or when the user is ready (closed). Those behind it are due when the one before
 * has ended and the pauses between them are over; so what waits for a slow reply is not late. No
 * request becomes due behind the end of the window: the pass is cut there. */
#pragma once

#include "load/driver.h"
#include "load/script.h"
#include "load/tally.h"
#include "load/template.h"
#include "model/scenario.h"
#include "model/think.h"

typedef enum PlayCode {
    PLAY_REQUEST,  /* index: of the step */
    PLAY_PARALLEL, /* `times` steps from `index` on */
    PLAY_THINK,
    PLAY_LOOP,  /* begin counting at `depth`: `times` */
    PLAY_AGAIN, /* back to `to` unless that was the last time */
    PLAY_ONCE,  /* to `to` when the user has been through the block `index` */
    PLAY_ONCE_END,
    PLAY_IF, /* to `to` when the condition does not hold */
    PLAY_JUMP,
    PLAY_SCRIPT,    /* `index`: of the function */
    PLAY_GROUP,     /* timing begins at `depth` */
    PLAY_GROUP_END, /* … and ends: `index` of the span */
    PLAY_END,
} PlayCode;

typedef struct Play {
    PlayCode code;
    int to, depth, index;
    uint32_t times;
    Think think;
    StepCondition condition;
    ptrdiff_t var; /* of the condition */
} Play;

typedef struct Scenario {
    const char *name;
    double upto; /* its share and those before it, of 1 */
    Play *code;  /* [n] */
    ptrdiff_t n, cap;
    Feed *feed;      /* NULL: none */
    Script *script;  /* owned; NULL: none */
    int span;        /* index: its passes */
    int login_end;   /* instructions of the login; 0: none */
    int login_once;  /* index of its block */
    bool goes_on;    /* after a failure */
    bool every_pass; /* begins as a stranger */
} Scenario;

typedef struct Scenarios {
    Scenario *v; /* [n] */
    ptrdiff_t n;
    void **requests;    /* [n_steps] the driver's, prepared */
    const char **steps; /* [n_steps] "buy.login" */
    ptrdiff_t n_steps, cap_requests, cap_steps;
    const char **spans; /* [n_spans] "buy", "buy.checkout" */
    ptrdiff_t n_spans, cap_spans;
    int n_onces;
    const StrList *vars; /* borrowed from the spec */
} Scenarios;

/* Everything in the arena; requests are the driver's. On error nothing is left. -EINVAL names the
 * step: "buy.login: …". */
MUST_CHECK int scenarios_prepare(Arena *a, const ScenarioList *list, const Driver *d,
                                 const void *target, Scenarios *ret, Err *err);
void scenarios_release(Scenarios *s, const Driver *d);

/* ---- counts ---- */

/* One step: of the operations that it made. Those that no user took up belong to no step. */
typedef struct StepTally {
    Outcomes outcomes;
    Hist *latency; /* owned */
} StepTally;

/* Passes through a scenario that began within the window, or rounds through a group. */
typedef struct SpanTally {
    uint64_t done, failed; /* to the end; ended by a failure */
    uint64_t cut;          /* ended by the trial's end */
    Hist *duration;        /* owned; of those done, pauses left out */
} SpanTally;

typedef struct PlayTally {
    uint64_t scripts_failed; /* calls of a script's function, measured */
    const char *script_why;  /* … one of them; its worker's */
    StepTally *steps;        /* [n_steps] owned */
    SpanTally *spans;        /* [n_spans] owned */
    ptrdiff_t n_steps, n_spans;
} PlayTally;

MUST_CHECK int play_tally_init(PlayTally *t, const Scenarios *s, Err *err);
void play_tally_done(PlayTally *t);
void play_tally_merge(PlayTally *into, const PlayTally *from);
/* A measured operation of a step ended, at `now_ns`. Counts it as scheduled, too. */
void step_tally_op(StepTally *t, const Op *op, uint64_t now_ns);

/* ---- a user's place ---- */

typedef struct Pass {
    Rng rng;
    const Scenario *scenario;
    int pc, resume, retried; /* instructions; `retried`: the one that was asked again; 0: none */
    uint64_t once;           /* bits: blocks that the user has been through */
    uint64_t due_ns, paused_ns;
    uint32_t again; /* of a `parallel`, bits: what is to be asked a second time; 0: ask for all */
    bool begun;     /* its first operation has been made */
    bool measured;  /* that was due within the window */
    uint32_t left[SCENARIO_DEPTH_MAX + 1];
    uint64_t group_ns[SCENARIO_DEPTH_MAX + 1], group_paused_ns[SCENARIO_DEPTH_MAX + 1];
} Pass;
