/* Rules: how much worse than the baseline is critical, warning, notice – and what happens then. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* Ordered: the gravest wins. */
typedef enum Severity {
    SEVERITY_NONE,
    SEVERITY_NOTICE,
    SEVERITY_WARNING,
    SEVERITY_CRITICAL
} Severity;
typedef enum Action { ACTION_NONE, ACTION_LOG, ACTION_REVIEW, ACTION_BLOCK } Action;

/* A rule's metric that stands for every metric whose bad direction is the sign of `change`: +0.10
 * speaks where lower is better, -0.10 where higher is. */
#define RULE_ANY "*"

typedef struct Rule {
    Severity severity;
    Action action;
    const char *metric; /* "latency", "latency.p99", "wall", RULE_ANY … */
    double change;      /* signed fraction: +0.20 means 20 % more, -0.15 means 15 % less */
    const char *cases;  /* only for cases or benchmarks that this glob matches; NULL: for all. Where
                           such rules match a case, those for all are silent there */
    double min_change;  /* smaller differences don't break it, in the metric's unit; 0: any does */
    uint32_t min_samples;   /* fewer pairs or trials a side don't break it; 0: the statistics say */
    const char *reason;     /* not NULL: an exception. What it covers breaks no rule, because … */
    uint64_t until_wall_ns; /* … until then; 0: for ever. Of exceptions only */
} Rule;

typedef struct RuleSet {
    Rule *v;
    ptrdiff_t n, cap;
} RuleSet;

/* A rule set that is known by its name: "tiered" (by class of metric), "magnitude" (by how much,
 * whatever the metric), "per-benchmark" (wide limits, for benchmarks that state none of their own).
 * Static, read only; NULL for an unknown name. */
const RuleSet *rules_named(Str name);
extern const char *const rules_names[]; /* ended by NULL */

/* When a suite has none: +10 % of anything where lower is better (−10 % where higher is) is
 * critical and blocks; +5 % is a warning for review. Static, read only. */
const RuleSet *rules_default(void);

/* Would this rule ever speak? Its metric is RULE_ANY, a well-known metric or one with a statistic
 * behind it, and has a direction. 0, or -EINVAL with the cure ("did you mean"). */
MUST_CHECK int rule_check_metric(const Rule *r, Err *err);
/* The same for its sign, once the metric is known to be right: a metric only ever gets worse in its
 * bad direction. */
MUST_CHECK int rule_check_sign(const Rule *r, Err *err);
/* Is `rule` about this case, by its `cases`? */
bool rule_is_about(const Rule *r, const char *case_name);
/* The rules that may speak of a case, in order: those made for it, else those for all, else
 * rules_default(). Exceptions are not among them. `set` may be NULL; rules stay where they are. */
ptrdiff_t rules_for(const RuleSet *set, const char *case_name, Arena *a, const Rule ***ret);
/* The exception that covers this metric of a case at that time, or NULL. */
const Rule *rules_exception(const RuleSet *set, const char *case_name, const char *metric,
                            uint64_t at_wall_ns);

/* Can a verdict be found on its figure from what is known of each trial? Of a latency that is the
 * median (p50), p95 and p99; of everything else, which has one value per trial, all but stddev. No
 * rule on another figure fires. */
bool rule_is_judged(const Rule *r);

/* Is its metric measured in ns? RULE_ANY is not. */
bool rule_is_time(const Rule *r);

const char *severity_name(Severity s); /* "none", "notice", "warning", "critical" */
const char *action_name(Action a);     /* "none", "log", "review", "block" */
/* Read the same words. 0 or -EINVAL. */
MUST_CHECK int severity_parse(const char *text, Severity *ret);
MUST_CHECK int action_parse(const char *text, Action *ret);
