/* The lab: carries out a plan. It runs trials, not cases: in each round every case that is not
 * finished has one trial, competitors and sides of the same group next to each other in balanced
 * random order. Each finished trial is stored at once, so that a killed run loses at most the trial
 * in flight. One thread. */
#pragma once

#include "base/log.h"
#include "lab/order.h"
#include "lab/stream.h"
#include "launch/command.h"
#include "launch/function.h"
#include "launch/service.h"
#include "load/load.h"
#include "model/run.h"
#include "model/spec.h"
#include "probe/probe.h"
#include "store/store.h"

/* Trials of a load: counted, never timed. A suite that does not say (0) gets enough for a verdict
 * between two runs. */
static inline uint32_t lab_load_trials(const PaceSpec *pace)
{
    return pace->trials ? pace->trials : 5;
}

typedef struct LabService {
    const char *name, *url, *dir;
    const ServiceSpec *spec;
    Service *handle; /* while running */
    bool lost;       /* it ended by itself in mid-run */
} LabService;

/* A benchmark program of one side. The lab starts it, anew every few rounds, and ends it. */
typedef struct LabProgram {
    FunctionJob job;          /* what to start; stop and count_allocs are the lab's */
    FunctionProgram *handle;  /* while running */
    FunctionProgram *counter; /* a second one in which allocations are counted */
    bool uncountable;         /* they can't be counted in it */
    uint32_t generation;      /* of handle: a number for each few rounds; 0: none yet */
    uint32_t births;          /* processes started */
} LabProgram;

/* One case of a program. */
typedef struct LabFunction {
    LabProgram *program;
    const void *scope;       /* whose functions may compete with it */
    const char *name;        /* as the program lists it */
    uint32_t index, threads; /* likewise */
    FunctionLaw law;         /* likewise: does its growth matter, and how */
    const char *law_text;
    double n, law_of_n;
    struct LabFunction *like; /* the competitor whose number of iterations holds; NULL: its own */
    uint64_t epoch_ns;        /* least length of an epoch */
    bool each, allocations;   /* as asked for */
    int meter;                /* Meter, likewise */
    /* The lab's own: */
    uint64_t iterations; /* of the least epoch; 0: not known yet */
    uint32_t warm_in;    /* LabProgram.births of the process in which it has run before */
    bool counted, has_allocs;
    double allocs, alloc_bytes, alloc_peak;
} LabFunction;

/* Another harness: its results become cases of the run as its output tells of them. */
typedef struct LabHarness {
    const char *format; /* NULL: found by content */
    const char *result; /* file or folder that the command writes; NULL: its standard output */
    const char *prefix; /* of the cases' names */
    const char *benchmark, *component;
    const StrMap *params;
    const Expect *expects; /* [n_expects] for the cases that have the metric */
    ptrdiff_t n_expects;
    Side side;
    const struct LabHarness *rival; /* whose cases those of the same name are judged against */
    /* The lab's own: */
    CaseResult **cases; /* [n_cases] that came of it, in the order of its output */
    ptrdiff_t n_cases, cap_cases;
} LabHarness;

typedef struct LabCase {
    CaseResult *result; /* where trials go; in the run */
    const PaceSpec *pace;
    uint32_t group; /* cases of one group are compared, so they share rounds; dense from 0 */
    const CommandSpec *command; /* KIND_COMMAND and KIND_HARNESS, else NULL */
    LabHarness *harness;        /* KIND_HARNESS, else NULL; `result` is then in no run until it
                                   fails */
    LabFunction *function;      /* KIND_FUNCTION, else NULL */
    const LoadSpec *load;       /* KIND_LOAD and KIND_STREAM, else NULL */
    const void *beside; /* of loads of a group that run at the same time: the same for all of them;
                           NULL: it runs alone */
    const Driver *driver;
    const void *target_opts, *request_opts;
    LabService *service; /* what serves the target, or NULL */
    /* The lab's own: */
    bool simulated;      /* instructions were counted by simulation, or can't be */
    double instructions; /* so many; NaN: they can't be */
    double elapsed_s;    /* measured so far */
    bool failed;         /* no further trials */
    bool has_output;     /* its output is the measure for the group (same_output) */
    uint64_t output_hash, output_bytes;
} LabCase;

/* What a load does at the moment, for people. */
typedef struct LabView {
    const char *name;        /* of the case */
    uint32_t trial, trials;  /* from 1 */
    const LoadInterval *now; /* borrowed for the call, as all here */
    ProbeNow resources;
} LabView;

/* Rounds for pairs whose verdict is open: each group is looked at after a quarter, half, three
 * quarters and all of its rounds, and goes no further once its figures are decided. When the time
 * is spent, the round at hand is the last. Declared before the run; the error over all looks stays
 * as it was stated (stats/groupseq.h). */
typedef struct LabAdaptive {
    uint64_t budget_ns; /* of the whole run */
    /* Judge what there is so far, by the cases' `looks`: run->comparison. */
    int (*judge)(void *arg, Err *err);
    void *arg;
    uint64_t began_ns; /* the lab's own */
} LabAdaptive;
enum { LAB_LOOKS = 4, LAB_ADAPTIVE_ROUNDS = 100 /* where the suite does not say how many */ };

typedef struct Lab {
    Run *run;
    Store *store;   /* NULL: nothing is kept */
    Stream *stream; /* NULL: nobody follows */
    /* From the collecting thread, some ten times a second while a load runs; NULL: nobody looks. */
    void (*on_view)(void *view_user, const LabView *v);
    void *view_user;
    Log *log;
    Launcher *launcher; /* needed when there are commands */
    const volatile bool *stop;
    LabAdaptive *adaptive; /* NULL: every group goes on by its pace */
    LabCase *cases;        /* [n_cases] */
    ptrdiff_t n_cases;
    LabService *services; /* [n_services] */
    ptrdiff_t n_services;
    LabProgram *programs; /* [n_programs] */
    ptrdiff_t n_programs;
    /* Results beside the run's: */
    bool failed; /* a case could not be carried out; said in the log and as a reason of the case */
    bool harness_settled; /* the lab's own: every harness has run once */
    bool store_failed;    /* storing stopped in mid-run; said in the log */
    uint64_t progress_ns; /* when progress was last drawn */
} Lab;

/* Carry out everything: services, set-ups, warm-ups, rounds, clean-ups. 0 also when cases failed or
 * the run was interrupted (run->interrupted). Negative when nothing could begin. Services are
 * stopped in any case. */
MUST_CHECK int lab_run(Lab *lab, Err *err);

/* Words for Run.stop_rule: "20 rounds", "5s per case, 10 to 1000 rounds". In the arena. */
const char *lab_stop_rule(Arena *a, Kind kind, const PaceSpec *pace);

/* Rounds of a pair at most, and what the run's stop rule says of it. */
uint32_t lab_adaptive_rounds(const PaceSpec *pace, bool is_load);
const char *lab_adaptive_rule(Arena *a, const char *rule, uint64_t budget_ns);
/* Does a group of cases go on after so many rounds? Looks, when it is time to. */
bool lab_adaptive_goes_on(Lab *lab, const uint32_t *members, uint32_t n, uint32_t rounds);
