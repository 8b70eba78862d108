/* Whether a measurement deserves trust. The worst reason decides; an INVALID result never passes a
 * gate. */
#pragma once

#include "base/arena.h"

typedef enum Grade { GRADE_VALID, GRADE_SUSPECT, GRADE_INVALID } Grade;

typedef struct Reason {
    Grade grade;
    const char *code; /* stable, kebab-case: "late-sends", "rate-not-met", "cpu-saturated" */
    const char *text; /* for people: the figure, the limit, and the cure */
    bool derived; /* came up from a trial or a case: forgotten and found again by each summary */
} Reason;

typedef struct Validity {
    Grade grade;
    Reason *reasons; /* [n], in the order found; in the arena given to validity_add */
    ptrdiff_t n, cap;
} Validity;

/* Add a reason; the same code again keeps the graver one (of equals the first). Strings are copied
 * into the arena; texts are cut at 1023 bytes. Cost: O(n). */
void validity_add(Validity *v, Arena *a, Grade grade, const char *code, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
/* Add all reasons of `from` by the same rule, marked as derived: what a case has from its trials.
 */
void validity_merge(Validity *into, Arena *a, const Validity *from);
/* Add all reasons of `from` with "label: " in front of their texts, marked as derived. Here the
 * same code may stand several times: what a run has from its cases. */
void validity_merge_labelled(Validity *into, Arena *a, const Validity *from, const char *label);
/* Forget derived reasons and take the grade of those that remain: the first step of summing up
 * again. */
void validity_drop_derived(Validity *v);
const char *grade_name(Grade g); /* "VALID", "SUSPECT", "INVALID" */
/* Reads grade_name's words. 0 or -EINVAL. */
MUST_CHECK int grade_parse(const char *text, Grade *ret);
