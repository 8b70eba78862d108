/* What people said of results: a regression is known, expected or a false alarm; a result must not
 * be used. Matching is pure; where they are kept is store's business. */
#pragma once

#include "model/run.h"

typedef enum TriageKind {
    TRIAGE_ACK,     /* real and known: doesn't block until it ends */
    TRIAGE_FALSE,   /* a false alarm: that run's report doesn't block */
    TRIAGE_EXPECT,  /* intended: the new level */
    TRIAGE_INVALID, /* a run, or a case of it, that must not be used */
} TriageKind;

enum { TRIAGE_ID_MAX = 32 };

typedef struct Triage {
    char id[TRIAGE_ID_MAX];
    TriageKind kind;
    const char *case_name; /* NULL: the whole run (TRIAGE_INVALID only) */
    const char *metric;    /* "latency" covers "latency.p99"; NULL: all */
    const char *run_id;    /* the run that it was said of; NULL: declared beforehand */
    const char *commit;    /* where it began: of run_id, or as told; NULL: unknown */
    double change;         /* fraction that is covered, +0.1; NaN: any size */
    const char *author, *reason;
    uint64_t set_wall_ns;
    uint64_t from_wall_ns;   /* runs begun from here on are meant: of run_id, its beginning */
    uint64_t until_wall_ns;  /* 0: no end */
    uint64_t undone_wall_ns; /* 0: it stands */
} Triage;

typedef struct TriageList {
    Triage *v; /* [n], oldest first */
    ptrdiff_t n, cap;
} TriageList;

const char *triage_name(TriageKind k); /* "acknowledged", "false", "expected", "invalid" */
/* Reads the same words. 0 or -EINVAL. */
MUST_CHECK int triage_parse(const char *text, TriageKind *ret);
/* A fresh id: t-0123456789. */
void triage_new_id(char ret[TRIAGE_ID_MAX]);

/* Is it about this metric of this case? */
bool triage_covers(const Triage *t, const char *case_name, const char *metric);

/* A regression as the list is asked about it. */
typedef struct TriageAsk {
    const char *case_name, *metric;
    const char *run_id;         /* of the judged run */
    uint64_t at_wall_ns;        /* when that began */
    uint64_t reference_wall_ns; /* when what it was held against began; 0: unknown, long ago */
} TriageAsk;
/* The newest entry that speaks of this regression, whatever its size; NULL when none does: one
 * speaks where the reference is from before what it is about and the judged run is not, and, as all
 * exceptions, by when the run was measured. */
const Triage *triage_find(const TriageList *l, const TriageAsk *ask);

/* Why this run, or with a case's name this case of it, must not be used; NULL when it may. */
const Triage *triage_set_aside(const TriageList *l, const char *run_id, const char *case_name);
/* Mark what must not be used as INVALID, with the reason "set-aside", which is derived: it is found
 * again by each load. After run_summarise. A case of a run makes that case INVALID, not the run. */
void triage_mark(const TriageList *l, Run *r);
/* Was this marked so? The reason's text, or NULL. */
const char *triage_marked(const Validity *v);

/* "acknowledged until 2026-12-01 by Ann: reason" */
const char *triage_words(const Triage *t, Arena *a);
