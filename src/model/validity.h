/* Whether a measurement deserves trust. The worst reason decides; an INVALID result never passes a
 * gate. */
#pragma once

#include "base/arena.h"

typedef enum Grade { GRADE_VALID, GRADE_SUSPECT, GRADE_INVALID } Grade;

typedef struct Reason {
    Grade grade;
    const char *code; /* stable, kebab-case: "late-sends", "rate-not-met", "cpu-saturated" */
    const char *text; /* for people: the figure, the limit, and the cure */
} Reason;

typedef struct Validity {
    Grade grade;
    Reason *reasons; /* [n], in the order found; in the arena given to validity_add */
    ptrdiff_t n, cap;
} Validity;

/* Add a reason; the same code again keeps the graver one. Strings are copied into the arena. */
void validity_add(Validity *v, Arena *a, Grade grade, const char *code, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
/* Add all reasons of `from`. */
void validity_merge(Validity *into, Arena *a, const Validity *from);
const char *grade_name(Grade g); /* "VALID", "SUSPECT", "INVALID" */
MUST_CHECK int grade_parse(const char *text, Grade *ret);
