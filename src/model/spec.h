/* What a case asks to be done, as typed structs filled from option rows – by a suite or by a
 * command line. */
#pragma once

#include "base/opt.h"
#include "model/scenario.h"
#include "model/stage.h"

/* How the output of a command is treated. */
typedef enum OutputMode { OUTPUT_NULL, OUTPUT_PIPE, OUTPUT_INHERIT, OUTPUT_FILE } OutputMode;

/* How instructions are counted. */
typedef enum Meter {
    METER_AUTO,      /* by the hardware, where it can */
    METER_HARDWARE,  /* by the hardware; told where it can't */
    METER_SIMULATED, /* by valgrind, once: the same number every time */
    METER_NONE,
} Meter;
extern const char *const meter_names[]; /* by Meter, ended by NULL */

/* A command to be timed. */
typedef struct CommandSpec {
    StrList argv; /* program and arguments; or, with `shell`, one text for /bin/sh -c */
    bool shell;
    const char *name;        /* what reports call it; NULL: the text */
    const char *cwd;         /* NULL: the suite's folder, or where assay runs */
    StrMap env;              /* added to the environment */
    const char *input;       /* file for stdin; NULL: /dev/null */
    int output;              /* OutputMode */
    const char *output_file; /* for OUTPUT_FILE */
    const char *setup;       /* shell text, once before the first run of this case */
    const char *prepare;     /* … before each run, untimed */
    const char *conclude;    /* … after each run, untimed */
    const char *cleanup;     /* … once after the last run */
    StrList expect_exit;     /* exit codes that are success, as text; empty: just 0; "any": all */
    bool same_output;        /* all runs (and competitors) must print the same bytes to stdout */
    uint64_t timeout;        /* ns per run, 0: none */
    uint64_t pad_env;        /* largest random environment padding, bytes; 0: none */
    int meter;               /* Meter */
} CommandSpec;
extern const Opt command_opts[]; /* rows over CommandSpec; argv is set by hand */
/* What the rows alone can't say: exit codes are 0 … 255 or "any", output to a file names one. 0, or
 * -EINVAL with a message that begins with the row's name: "expect_exit: '300' is …". */
MUST_CHECK int command_spec_check(const CommandSpec *s, Err *err);

/* Another harness's results: beside the CommandSpec of the command that measures. */
typedef struct HarnessSpec {
    const char *format; /* as `assay formats` names them; NULL: found by content */
    const char *result; /* file or folder that the command writes; NULL: its standard output */
} HarnessSpec;
extern const Opt harness_opts[];

/* Functions of a benchmark program (linked with libassay). */
typedef struct FunctionSpec {
    StrList argv;       /* program and arguments */
    const char *filter; /* glob over the names of its cases; NULL: all */
    const char *cwd;    /* NULL: the suite's folder, or where assay runs */
    StrMap env;         /* added to the environment */
    bool each;          /* time each iteration as well: a distribution */
    bool allocations;   /* count allocations, in a process of its own */
    uint64_t epoch;     /* ns: least length of one measured epoch */
    int meter;          /* Meter; hardware counters are not read within functions */
} FunctionSpec;
extern const Opt function_opts[]; /* rows over FunctionSpec; argv is set by hand */

/* What stands around a broker, beside the LoadSpec that says when publishers publish: closed, each
 * of them one message after the other, or open, at a rate. */
typedef struct StreamSpec {
    uint32_t publishers, subscribers;
    uint32_t topics; /* publisher p writes to topic p % topics, unit u listens to u % topics */
    uint32_t
        groups;        /* 0: each subscriber gets every message of its topic and is a unit; else the
                          groups are the units, and subscriber s takes its share in group s % groups */
    uint64_t size;     /* bytes of a message */
    uint64_t messages; /* of all publishers; the load ends after them; 0: by time */
    uint64_t drain;    /* ns; longest wait for deliveries after the last publication */
    uint64_t stall;    /* ns from the measured part's begin in which … */
    uint32_t stalled;  /* … so many subscribers read nothing; 0: all of them */
    const char *prefix;      /* what the topics' names begin with */
    const void *driver_opts; /* struct of the driver's own rows; NULL: it has none */
} StreamSpec;
extern const Opt stream_opts[];
/* The numbers fit each other. 0, or -EINVAL: "topics: …". */
MUST_CHECK int stream_spec_check(const StreamSpec *s, Err *err);

typedef enum Overload { OVERLOAD_QUEUE, OVERLOAD_SHED, OVERLOAD_DROP } Overload;

/* A load: closed with `users`, or open at `rate` over `connections`. */
typedef struct LoadSpec {
    uint32_t users;        /* closed: virtual users; 0: open */
    double rate;           /* open: operations per second; 0: closed */
    uint32_t connections;  /* open: most connections; closed: = users */
    uint32_t workers;      /* threads; 0: cores - 1, at least 1, never more than users */
    uint64_t timeout;      /* ns per operation */
    int overload;          /* Overload: what happens to operations that no connection is free for */
    const char *think;     /* pause between a reply and the user's next operation (model/think.h),
                              closed only; NULL: none */
    const char *find_rate; /* search the highest rate that keeps this promise (model/promise.h),
                              from `rate` on; NULL: no search */
    const char *stop;      /* conditions that end it early (load/stop.h); NULL: none */
    uint64_t stop_window; /* ns that they are looked at over; 0: a tenth of the load, 0.5 … 10 s */
    StageList stages;     /* in sequence, instead of users or rate; empty: one stage of these */
    ScenarioList scenarios;   /* what users do, instead of one request again and again; empty: that.
                                 A rate then counts passes, not requests */
    const StreamSpec *stream; /* operations publish messages, and subscribers stand beside them;
                                 NULL: operations are requests */
    const char *replay;       /* file of recorded requests (model/recording.h), due when they were
                                 recorded, instead of users, rate or stages; NULL: none */
    double speed;             /* … so many times as fast */
    bool replay_lenient;      /* … without a few damaged records */
    uint32_t idle;            /* connections held without operations, beside the others */
    bool spin; /* spin to the due time instead of trusting the timer (needs a spare core) */
} LoadSpec;
extern const Opt load_opts[];
/* What the rows alone can't say: `think` and `stop` can be read. 0, or -EINVAL: "think: …". */
MUST_CHECK int load_spec_check(const LoadSpec *s, Err *err);

/* How often and how long. */
typedef struct PaceSpec {
    uint32_t trials;   /* load: trials per case; commands: rounds, 0: by time */
    uint64_t duration; /* load: measured length of a trial; commands: budget per case when rounds
                          are by time */
    uint64_t warmup;   /* load: excluded time before */
    uint32_t warmups;  /* commands: discarded runs before the first round */
    double precision;  /* commands: stop when the interval of the median is this narrow (relative
                          half width); 0: off */
    uint32_t min_trials, max_trials; /* bounds when rounds are by time or precision */
    bool shuffle;                    /* balanced random order (default), else as listed */
} PaceSpec;
extern const Opt pace_opts[];
/* The bounds are in order. 0, or -EINVAL: "max_trials: …". */
MUST_CHECK int pace_spec_check(const PaceSpec *s, Err *err);

/* A server that assay starts, awaits, watches and stops – or a process it only watches. */
typedef struct ServiceSpec {
    const char *start; /* command line (split like a shell splits words, no shell), NULL: nothing to
                          start */
    bool shell;        /* start through /bin/sh -c */
    const char *cwd;
    StrMap env;
    const char *ready;       /* "/healthz" (HTTP path on the target's url), "tcp:PORT", "log:TEXT",
                                "sleep" is refused; NULL: the url's port accepts */
    uint64_t ready_timeout;  /* ns */
    const char *stop_signal; /* "TERM" */
    uint64_t stop_timeout;   /* ns until KILL */
    const char *log;         /* where its output goes; NULL: .assay/logs/NAME.log */
    uint32_t pid;            /* watch this process instead of starting one; 0: none */
    const char *pidfile;     /* … or the pid in this file */
} ServiceSpec;
extern const Opt service_opts[];
/* stop_signal is known, start can be split into words. 0, or -EINVAL: "stop_signal: …". */
MUST_CHECK int service_spec_check(const ServiceSpec *s, Err *err);
/* Number of a signal's name, "TERM" or "SIGTERM"; SIGTERM for NULL; -EINVAL when not known. */
int service_signal(const char *name);
