/* Parts of assay.run/1, each with its two directions side by side; and the reader's view of a
 * document, which knows where it is. Only for run_json.c and its neighbours. */
#pragma once

#include "base/json.h"
#include "model/run.h"

/* --- writing --- */

/* Set a field; the object is ours, so failure is out of memory, which ends the program as in an
 * arena. Takes the value. */
void put(json_t *obj, const char *key, json_t *value);
void put_num(json_t *obj, const char *key, double v);          /* NaN: null */
void put_u64(json_t *obj, const char *key, uint64_t v);        /* above 2^63 - 1: decimal text */
void put_text(json_t *obj, const char *key, const char *s);    /* NULL: null */
void put_time(json_t *obj, const char *key, uint64_t wall_ns); /* 0: null */
void put_map(json_t *obj, const char *key, const StrMap *m);
/* Append to an array; takes the value. */
void append(json_t *array, json_t *value);
json_t *num_array(const double *v, ptrdiff_t n);

/* --- reading --- */

typedef struct Reader {
    const char *file;
    Arena *arena; /* for texts */
    Err *err;
} Reader;

/* A value and the way to it. Nodes stand on the stack of whoever descends. */
typedef struct Node {
    const Reader *rd;
    const struct Node *up;
    const char *key; /* NULL: element `at` of an array, or the root */
    ptrdiff_t at;
    const json_t *j; /* NULL when absent */
} Node;

Node node_get(const Node *obj, const char *key);
Node node_at(const Node *array, ptrdiff_t i);
/* Absent or null. */
bool node_missing(const Node *n);
/* Elements; 0 unless an array. */
ptrdiff_t node_len(const Node *n);
/* "FILE: cases[2].metrics[0].unit: " and the message. -EINVAL. */
int node_fail(const Node *n, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Fields of an object. Missing (absent or null) leaves *ret as it is and is no failure; another
 * type is. */
MUST_CHECK int get_text(const Node *obj, const char *key, const char **ret); /* in the arena */
MUST_CHECK int get_num(const Node *obj, const char *key, double *ret);
MUST_CHECK int get_u64(const Node *obj, const char *key, uint64_t *ret);
MUST_CHECK int get_u32(const Node *obj, const char *key, uint32_t *ret);
MUST_CHECK int get_int(const Node *obj, const char *key, int *ret);
MUST_CHECK int get_bool(const Node *obj, const char *key, bool *ret);
MUST_CHECK int get_time(const Node *obj, const char *key, uint64_t *ret_wall_ns);
MUST_CHECK int get_map(const Node *obj, const char *key, StrMap *ret);
/* Array of numbers and nulls (NaN); *ret_n as it is when missing. */
MUST_CHECK int get_nums(const Node *obj, const char *key, double **ret, ptrdiff_t *ret_n);
/* A word of an enumeration, by the enumeration's own parser. */
#define GET_WORD(obj, k, parse, ret)                                                               \
    (__extension__({                                                                               \
        Node word_ = node_get((obj), (k));                                                         \
        const char *text_ = json_string_value(word_.j);                                            \
        node_missing(&word_)                ? 0                                                    \
        : !text_ || parse(text_, (ret)) < 0 ? node_fail(&word_, "not one of the words it can be")  \
                                            : 0;                                                   \
    }))
/* The same fields, required. */
MUST_CHECK int need_text(const Node *obj, const char *key, const char **ret);

/* --- parts --- */

json_t *validity_to_json(const Validity *v);
MUST_CHECK int validity_from_json(const Node *n, Validity *ret);
/* Null when there are none. */
json_t *outcomes_to_json(bool has, const Outcomes *o);
MUST_CHECK int outcomes_from_json(const Node *n, Outcomes *ret);

/* Metrics of a case: `trials` in order of round. Reading adds to the trials, and to c->metrics what
 * can't be computed again. */
json_t *metrics_to_json(const CaseResult *c, const Trial **trials);
MUST_CHECK int metrics_from_json(const Node *n, Run *r, CaseResult *c, Trial **trials);

/* Resources of a case. */
json_t *resources_to_json(const CaseResult *c, const Trial **trials);
MUST_CHECK int resources_from_json(const Node *n, Run *r, Trial **trials, ptrdiff_t n_trials);

json_t *compare_rows_to_json(const Comparison *c);
/* Rows and their frame ("comparison", "comparison_of" of a run). */
json_t *compare_frame_to_json(const Comparison *c);
MUST_CHECK int compare_from_json(const Node *rows, const Node *frame, Run *r, Comparison **ret);
