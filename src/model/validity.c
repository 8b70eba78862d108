#include "model/validity.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/names.h"

static const char *const grade_names[] = { "VALID", "SUSPECT", "INVALID" };

const char *grade_name(Grade g)
{
    assert(g <= GRADE_INVALID);
    return grade_names[g];
}

int grade_parse(const char *text, Grade *ret)
{
    int i = name_index(grade_names, ARRAY_LEN(grade_names), text);
    if (i < 0)
        return i;
    *ret = (Grade)i;
    return 0;
}

static void find_grade(Validity *v)
{
    v->grade = GRADE_VALID;
    for (ptrdiff_t i = 0; i < v->n; i++)
        v->grade = MAX(v->grade, v->reasons[i].grade);
}

static void remove_at(Validity *v, ptrdiff_t at)
{
    memmove(v->reasons + at, v->reasons + at + 1, (size_t)(v->n - at - 1) * sizeof *v->reasons);
    v->n--;
}

/* A graver reason takes the place at the end, not that of the one it replaces: so the order does
 * not depend on how often the same evidence was summed up. */
static void add(Validity *v, Arena *a, Reason reason)
{
    for (ptrdiff_t i = 0; i < v->n; i++) {
        if (strcmp(v->reasons[i].code, reason.code) != 0)
            continue;
        if (v->reasons[i].grade >= reason.grade)
            return;
        remove_at(v, i);
        break;
    }
    reason.code = arena_strdup(a, reason.code);
    reason.text = arena_strdup(a, reason.text);
    ARENA_PUSH(a, v->reasons, v->n, v->cap, reason);
    v->grade = MAX(v->grade, reason.grade);
}

void validity_add(Validity *v, Arena *a, Grade grade, const char *code, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ptrdiff_t bad = utf8_invalid_at(str(text));
    if (bad > (ptrdiff_t)sizeof text - 5) /* a character that was cut at the end */
        text[bad] = '\0';
    add(v, a, (Reason){ .grade = grade, .code = code, .text = text });
}

void validity_merge(Validity *into, Arena *a, const Validity *from)
{
    for (ptrdiff_t i = 0; i < from->n; i++) {
        Reason reason = from->reasons[i];
        reason.derived = true;
        add(into, a, reason);
    }
}

void validity_merge_labelled(Validity *into, Arena *a, const Validity *from, const char *label)
{
    for (ptrdiff_t i = 0; i < from->n; i++) {
        Reason reason = from->reasons[i];
        reason.derived = true;
        reason.code = arena_strdup(a, reason.code);
        reason.text = arena_printf(a, "%s: %s", label, reason.text);
        ARENA_PUSH(a, into->reasons, into->n, into->cap, reason);
        into->grade = MAX(into->grade, reason.grade);
    }
}

void validity_drop_derived(Validity *v)
{
    for (ptrdiff_t i = v->n - 1; i >= 0; i--)
        if (v->reasons[i].derived)
            remove_at(v, i);
    find_grade(v);
}
