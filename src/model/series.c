#include "model/series.h"

#include <string.h>

Series *series_new(SeriesList *l, Arena *a, const char *scope, const char *name, const char *unit,
                   const char *method)
{
    assert(scope && name && unit && method);
    Series s = { .name = name, .unit = unit, .scope = scope, .method = method };
    ARENA_PUSH(a, l->v, l->n, l->cap, s);
    return &l->v[l->n - 1];
}

void series_push(Series *s, Arena *a, double t_s, double v)
{
    assert(s->n == 0 || t_s > s->t_s[s->n - 1]);
    ptrdiff_t cap = s->cap; /* both arrays grow by the same rule */
    s->t_s = arena_grow(a, s->t_s, s->n, &cap, sizeof *s->t_s);
    s->v = arena_grow(a, s->v, s->n, &s->cap, sizeof *s->v);
    assert(cap == s->cap);
    s->t_s[s->n] = t_s;
    s->v[s->n++] = v;
}

const Series *series_find(const SeriesList *l, const char *scope, const char *name)
{
    for (ptrdiff_t i = 0; i < l->n; i++)
        if (strcmp(l->v[i].scope, scope) == 0 && strcmp(l->v[i].name, name) == 0)
            return &l->v[i];
    return NULL;
}
