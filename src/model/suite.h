/* Suites: a YAML file of targets, benchmarks, expectations and rules, read into cases that are
 * ready to be measured. The language is described key by key in docs/suite.md.
 *
 *     text ──libyaml──► nodes ──--set──► one copy per case, ${…} replaced ──option rows──►
 * SuiteCase
 *
 * Every refusal says `file:line:column: place: what was found, what would be right`. Up to ten
 * refusals are reported together, one per line. Nothing is measured, started or written here.
 *
 * Drivers live above the model, so that the keys they understand come in as a vocabulary. */
#pragma once

#include "model/rule.h"
#include "model/run.h"
#include "model/spec.h"

/* What a driver adds to the language. Names of target rows must differ from those of service_opts
 * and from "driver". */
typedef struct DriverVocab {
    const char *name;        /* "http"; NULL ends the table */
    const char *summary;     /* one sentence, or NULL */
    const Opt *target_opts;  /* rows of a target of this driver; NULL: none */
    ptrdiff_t target_size;   /* size of the struct they fill, bytes */
    const Opt *request_opts; /* rows of a benchmark's `request`; NULL: none */
    ptrdiff_t request_size;
    const char *schemes; /* URL schemes that choose this driver, "http https"; NULL: none */
    const char *default_path_key; /* request row that `request: TEXT` sets ("path"); NULL: a request
                                     is always a mapping */
    const Opt *stream_opts; /* rows of a benchmark's `stream`; NULL: the driver has no streams */
    ptrdiff_t stream_size;
    const RequestShort *shorts; /* keys that stand for rows; NULL: none */
} DriverVocab;

typedef struct SuiteVocab {
    const DriverVocab *drivers; /* ended by name NULL; borrowed, outlives the suite */
} SuiteVocab;

typedef struct SuiteFlags {
    StrMap sets;      /* --set key=value; see docs/suite.md. Replaces what the file says */
    bool allow_large; /* more than SUITE_CASES_MAX cases */
    bool quick;       /* a short look: cap trials, durations and warm-up */
    /* `${env.NAME}`; NULL looks into the process's environment. Returns NULL when unset. */
    const char *(*env)(void *user, const char *name);
    /* `${port.NAME}`: a TCP port that is free now (base/port.h has one); asked once per name and
     * again when two names got the same. NULL: such references are refused. */
    int (*free_port)(void *user, uint16_t *ret, Err *err);
    void *user; /* for both */
} SuiteFlags;

enum {
    SUITE_BYTES_MAX = 4 << 20, /* text of a suite */
    SUITE_CASES_MAX = 10000,   /* cases per suite unless allow_large */
};

/* A thing to measure: what to talk to, and maybe a server to start. */
typedef struct SuiteTarget {
    const char *name;
    const DriverVocab *driver; /* NULL: only a service (for commands) */
    const char *url;           /* as given; NULL: none, or it holds parameters */
    const void *opts; /* driver->target_opts' struct; NULL: no driver, or it holds parameters
                         (then only SuiteCase.target_opts has it) */
    bool has_service; /* something is started or watched */
    ServiceSpec service;
    int line;
} SuiteTarget;

/* One benchmark with one value for each parameter. */
typedef struct SuiteCase {
    const char *name;      /* "get-item/users=10,size=1KiB"; unique in the suite */
    const char *benchmark; /* "get-item" */
    const char *component; /* NULL: not given */
    Kind kind;             /* any */
    StrMap params;         /* in order of declaration */
    int line;              /* of the benchmark in the file */

    CommandSpec command;      /* KIND_COMMAND. argv is filled: the list form, the words of the
                                 text form, or the one text with `shell` */
    const char *command_text; /* KIND_COMMAND: the text form as it was written, for labels;
                                 NULL: argv was given as a list */
    HarnessSpec harness;      /* KIND_HARNESS; its command is `command` */
    FunctionSpec function;    /* KIND_FUNCTION: a program; its functions are known when it runs */
    LoadSpec load; /* KIND_LOAD: exactly one of users, rate and stages is not empty; KIND_STREAM:
                      its `stream` is not NULL, and one of rate and stages at most */
    PaceSpec pace;

    const SuiteTarget
        *target; /* KIND_LOAD, KIND_STREAM: not NULL; KIND_COMMAND: NULL, or what must be up */
    const void *target_opts;  /* struct of target->driver->target_opts; NULL: no driver */
    const void *request_opts; /* KIND_LOAD: struct of target->driver->request_opts; NULL: no rows */

    Expect *expects; /* [n_expects] */
    ptrdiff_t n_expects, cap_expects;
    const char *build; /* shell text that makes a revision ready (--against), in its folder; NULL */

    /* Cases that compete (key `compare`): same group, judged against the case with the first value.
     * Both are -1 when nothing competes; rival_of is -1 for the first value itself. */
    ptrdiff_t group;
    ptrdiff_t rival_of; /* index into Suite.cases */
    /* Loads that run side by side (key `loads`): the index of the first of them; -1: alone. */
    ptrdiff_t beside;
} SuiteCase;

typedef struct Suite {
    Arena arena;      /* everything below lives in it */
    const char *name; /* key `suite`, else the file's name without extension */
    const char *path; /* as given */
    const char *dir;  /* its folder, absolute for suite_load; `${suite.dir}` */
    Str text;         /* the whole file, to be stored with the run */
    SuiteTarget *targets;
    ptrdiff_t n_targets, cap_targets;
    SuiteCase *cases; /* in order of the file; later parameters vary fastest */
    ptrdiff_t n_cases, cap_cases;
    RuleSet rules;     /* empty: rules_default() */
    double min_effect; /* smallest effect of interest, fraction */
    double confidence; /* fraction */
    int correction;    /* Correction */
    bool has_seed;     /* else the run draws one */
    uint64_t budget;   /* ns for rounds of pairs; 0: each has its rounds */
    uint64_t seed;     /* of order, schedules and everything drawn */
    const char *build; /* NULL: none */
    bool allow_large;  /* key or flag */
    bool quick;        /* flag */
    StrMap ports;      /* name → number of each ${port.NAME} */
    StrMap overrides;  /* the --set that took effect, to be stored with the run */
    StrList warnings;  /* what reads well but looks wrong; each with its place */
} Suite;

/* Rows of the keys at the top of a suite and of a benchmark that belong to no other table (for the
 * schema and the manual). */
extern const Opt suite_opts[];
extern const Opt benchmark_opts[];
/* Rows of an exception of `rules.ignore`. */
extern const Opt exception_opts[];

/* Read and check a suite.
 *
 *   path   file, or "-" for standard input; borrowed
 *   vocab  borrowed, outlives *ret
 *   flags  NULL: none; its map is copied
 *
 * Returns 0 and *ret (owned, suite_free); -EINVAL: it does not parse, err lists up to ten places;
 * -ENOENT, -EISDIR, -EFBIG … when the file can't be read. Cost: cases × keys; allocation failure
 * aborts. Threads: none shared but getenv. */
MUST_CHECK int suite_load(Suite **ret, const char *path, const SuiteVocab *vocab,
                          const SuiteFlags *flags, Err *err);
/* The same from text, without touching files; `path` is for messages, name and dir. */
MUST_CHECK int suite_parse_text(Suite **ret, Str text, const char *path, const SuiteVocab *vocab,
                                const SuiteFlags *flags, Err *err);
Suite *suite_free(Suite *s);
void suite_freep(Suite **s);

/* Does a CASE-GLOB of the command line mean this case? It matches the case's name or its
 * benchmark's. */
bool suite_case_matches(const SuiteCase *c, const char *glob);
/* NULL when absent. */
const SuiteCase *suite_find_case(const Suite *s, const char *name);
