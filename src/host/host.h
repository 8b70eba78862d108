/* What this machine can resolve: how often it cries wolf, the smallest change it can show, what
 * makes it noisy and what could be done about it.
 *
 * Three workloads are measured against themselves, in pairs and in balanced random order as every
 * comparison is: a command of about 10 ms, a function of about 1 µs, a request over loopback. Any
 * difference that shows is a false alarm; the spread of the log ratios gives the smallest effect
 * that such a comparison finds. */
#pragma once

#include "base/json.h"
#include "base/log.h"
#include "model/testbed.h"

typedef enum HostGrade { HOST_QUIET, HOST_USABLE, HOST_NOISY, HOST_UNUSABLE } HostGrade;
const char *host_grade_name(HostGrade g); /* "quiet", "usable", "noisy", "unusable" */

/* One workload's pairs. */
typedef struct HostNoise {
    const char *name; /* "command", "command_cpu", "function", "request" */
    const char *what; /* "wall time of a 10 ms command" */
    ptrdiff_t rounds; /* pairs that were measured */
    double typical_ns;
    double sigma;   /* robust spread of the log ratios of a pair */
    double differs; /* share of windows of HOST_WINDOW rounds whose 95 % interval leaves out
                     * equality: nominally at most 5 % */
    double false_alarm_rate; /* share of them that would get a verdict at 1 % */
    ptrdiff_t windows;
    ptrdiff_t effect_rounds; /* rounds of a usual comparison */
    double smallest_effect;  /* fraction, found in 80 % of such comparisons */
} HostNoise;
enum { HOST_WINDOW = 10, HOST_NOISES = 4 };

/* A setting or a state of the machine, with what it does to measurements. */
typedef struct HostCheck {
    const char *name;   /* "governor" */
    const char *value;  /* "powersave"; NULL: this machine does not say */
    bool fine;          /* true also when unknown */
    const char *advice; /* NULL when fine */
} HostCheck;
enum { HOST_CHECKS_MAX = 24 };

typedef struct HostReport {
    Arena arena;
    Testbed testbed;
    uint64_t at_wall_ns;
    double seconds;
    HostNoise noise[HOST_NOISES];
    HostGrade grade;
    double steal, busy; /* share of all cores' time over the measurement: taken by the hypervisor,
                         * by others than this program; NaN: not known */
    HostCheck checks[HOST_CHECKS_MAX];
    ptrdiff_t n_checks;
    bool interrupted;
} HostReport;

typedef struct HostOpts {
    bool quick; /* a third of the rounds */
    uint64_t seed;
    const char *self;   /* path of assay, run as `assay host --spin N` */
    const char *root;   /* "" or, in tests, a folder that stands for / */
    const char *folder; /* whose disk is looked at */
    Log *log;           /* progress; may be NULL */
    const volatile bool *stop;
} HostOpts;

/* Measure and look around: about 15 s. 0, also when interrupted (what is there is told); negative
 * when nothing could be measured. Release with host_done in any case. */
MUST_CHECK int host_run(const HostOpts *o, HostReport *ret, Err *err);
void host_report_done(HostReport *r);

/* Schema assay.host/1; owned by the caller. */
json_t *host_json(const HostReport *r);
void host_text(const HostReport *r, StrBuf *out);

/* Keep what was found about this testbed (XDG_STATE_HOME, else ~/.local/state), and what later runs
 * say of it: "noisy; smallest effect: command 4.10 %, function 1.20 %, request 9.00 %". NULL when
 * this testbed was never looked at. */
MUST_CHECK int host_remember(Arena *a, const HostReport *r, Err *err);
const char *host_recall(Arena *a, const Testbed *t);

/* ---- pieces ---- */

/* From log ratios of pairs to what they say; `noise` has name, what and effect_rounds. Pure. */
MUST_CHECK int host_judge(const double *log_ratio, ptrdiff_t n, HostNoise *noise, Err *err);
HostGrade host_grade(const HostReport *r);
/* All settings, each one that there is a file for. */
void host_check(HostReport *r, const char *root, const char *folder);
/* Spin for so many turns of the loop that the command and the function are made of; the value must
 * be looked at. About 1 ns each. */
uint64_t host_spin(uint64_t turns);

/* ---- tuning ---- */

/* Set what can be set for quiet measurements (governor, turbo, address layout, …), writing what was
 * there into `journal` first. What can't be written is told and left. 0 with *ret_n settings
 * changed; -EEXIST when the journal says that it was done already. `out` takes a line for each. */
MUST_CHECK int host_tune(const char *root, const char *journal, StrBuf *out, ptrdiff_t *ret_n,
                         Err *err);
/* Put back what the journal says, and take it away. -ENOENT without one. */
MUST_CHECK int host_restore(const char *journal, StrBuf *out, ptrdiff_t *ret_n, Err *err);
