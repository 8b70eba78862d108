#include "model/json_parts.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static void must(int r)
{
    if (r < 0) {
        fputs("assay: out of memory\n", stderr);
        abort();
    }
}

void put(json_t *obj, const char *key, json_t *value)
{
    must(json_object_set_new(obj, key, value));
}

void append(json_t *array, json_t *value)
{
    must(json_array_append_new(array, value));
}

void put_num(json_t *obj, const char *key, double v)
{
    put(obj, key, json_num(v));
}

void put_u64(json_t *obj, const char *key, uint64_t v)
{
    char text[FMT_MAX];
    if (v <= INT64_MAX) {
        put(obj, key, json_integer((json_int_t)v));
        return;
    }
    snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    put(obj, key, json_text(text));
}

void put_text(json_t *obj, const char *key, const char *s)
{
    put(obj, key, json_text(s));
}

void put_time(json_t *obj, const char *key, uint64_t wall_ns)
{
    char iso[CLOCK_ISO_MAX];
    put_text(obj, key, wall_ns ? clock_iso(iso, wall_ns) : NULL);
}

void put_map(json_t *obj, const char *key, const StrMap *m)
{
    json_t *map = json_object();
    for (ptrdiff_t i = 0; i < m->n; i++) {
        json_t *clean = json_text(m->v[i].key); /* keys must be UTF-8 as well */
        put_text(map, json_string_value(clean), m->v[i].value);
        json_decref(clean);
    }
    put(obj, key, map);
}

json_t *num_array(const double *v, ptrdiff_t n)
{
    json_t *a = json_array();
    for (ptrdiff_t i = 0; i < n; i++)
        append(a, json_num(v[i]));
    return a;
}

Node node_get(const Node *obj, const char *key)
{
    return (Node){ .rd = obj->rd, .up = obj, .key = key, .j = json_object_get(obj->j, key) };
}

Node node_at(const Node *array, ptrdiff_t i)
{
    return (
        Node){ .rd = array->rd, .up = array, .at = i, .j = json_array_get(array->j, (size_t)i) };
}

bool node_missing(const Node *n)
{
    return !n->j || json_is_null(n->j);
}

ptrdiff_t node_len(const Node *n)
{
    return (ptrdiff_t)json_array_size(n->j);
}

static void print_way(const Node *n, StrBuf *out)
{
    if (!n->up)
        return;
    print_way(n->up, out);
    if (!n->key)
        strbuf_addf(out, "[%td]", n->at);
    else
        strbuf_addf(out, "%s%s", out->len ? "." : "", n->key);
}

int node_fail(const Node *n, const char *fmt, ...)
{
    char msg[ERR_MSG_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    CLEANUP(strbuf_done) StrBuf way = { 0 };
    print_way(n, &way);
    return err_set(n->rd->err, -EINVAL, "%s: %s%s%s", n->rd->file, strbuf_z(&way),
                   way.len ? ": " : "", msg);
}

int get_text(const Node *obj, const char *key, const char **ret)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return 0;
    if (!json_is_string(n.j))
        return node_fail(&n, "not a text");
    *ret = arena_strdup(n.rd->arena, json_string_value(n.j));
    return 0;
}

int need_text(const Node *obj, const char *key, const char **ret)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return node_fail(&n, "missing");
    return get_text(obj, key, ret);
}

int get_num(const Node *obj, const char *key, double *ret)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return 0;
    if (!json_is_number(n.j))
        return node_fail(&n, "not a number");
    *ret = json_number_value(n.j);
    return 0;
}

int get_u64(const Node *obj, const char *key, uint64_t *ret)
{
    Node n = node_get(obj, key);
    double real = json_real_value(n.j);
    if (node_missing(&n))
        return 0;
    if (json_is_integer(n.j) && json_integer_value(n.j) >= 0)
        *ret = (uint64_t)json_integer_value(n.j);
    else if (json_is_real(n.j) && real >= 0 && real < 0x1p63 && real == floor(real))
        *ret = (uint64_t)real;
    else if (!json_is_string(n.j) || str_to_u64(str(json_string_value(n.j)), ret) < 0)
        return node_fail(&n, "not a whole number from 0 on");
    return 0;
}

int get_u32(const Node *obj, const char *key, uint32_t *ret)
{
    uint64_t v = *ret;
    TRY(get_u64(obj, key, &v));
    Node n = node_get(obj, key);
    if (v > UINT32_MAX)
        return node_fail(&n, "too large");
    *ret = (uint32_t)v;
    return 0;
}

int get_int(const Node *obj, const char *key, int *ret)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return 0;
    json_int_t v = json_integer_value(n.j);
    if (!json_is_integer(n.j) || v < INT32_MIN || v > INT32_MAX)
        return node_fail(&n, "not a small whole number");
    *ret = (int)v;
    return 0;
}

int get_bool(const Node *obj, const char *key, bool *ret)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return 0;
    if (!json_is_boolean(n.j))
        return node_fail(&n, "neither true nor false");
    *ret = json_is_true(n.j);
    return 0;
}

int get_time(const Node *obj, const char *key, uint64_t *ret_wall_ns)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return 0;
    const char *text = json_string_value(n.j);
    if (!text || clock_iso_parse(text, ret_wall_ns) < 0)
        return node_fail(&n, "not a time such as 2026-01-31T23:59:59.123Z");
    return 0;
}

int get_map(const Node *obj, const char *key, StrMap *ret)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return 0;
    if (!json_is_object(n.j))
        return node_fail(&n, "not a mapping");
    for (void *it = json_object_iter((json_t *)(uintptr_t)n.j); it;
         it = json_object_iter_next((json_t *)(uintptr_t)n.j, it)) {
        const char *name = json_object_iter_key(it), *value = NULL;
        TRY(need_text(&n, name, &value));
        strmap_set(n.rd->arena, ret, arena_strdup(n.rd->arena, name), value);
    }
    return 0;
}

int get_nums(const Node *obj, const char *key, double **ret, ptrdiff_t *ret_n)
{
    Node n = node_get(obj, key);
    if (node_missing(&n))
        return 0;
    if (!json_is_array(n.j))
        return node_fail(&n, "not an array");
    ptrdiff_t len = node_len(&n);
    double *v = ARENA_ARRAY(n.rd->arena, double, len);
    for (ptrdiff_t i = 0; i < len; i++) {
        Node e = node_at(&n, i);
        if (!json_is_number(e.j) && !json_is_null(e.j))
            return node_fail(&e, "neither a number nor null");
        v[i] = json_is_number(e.j) ? json_number_value(e.j) : (double)NAN;
    }
    *ret = v;
    *ret_n = len;
    return 0;
}

json_t *validity_to_json(const Validity *v)
{
    json_t *o = json_object(), *reasons = json_array();
    for (ptrdiff_t i = 0; i < v->n; i++) {
        json_t *reason = json_object();
        put_text(reason, "grade", grade_name(v->reasons[i].grade));
        put_text(reason, "code", v->reasons[i].code);
        put_text(reason, "text", v->reasons[i].text);
        put(reason, "derived", json_boolean(v->reasons[i].derived));
        append(reasons, reason);
    }
    put_text(o, "grade", grade_name(v->grade));
    put(o, "reasons", reasons);
    return o;
}

/* Reasons that are mere texts get the document's grade. */
static int reason_from_json(const Node *n, Grade stated, Validity *ret)
{
    Reason r = { .grade = stated, .text = json_string_value(n->j) };
    r.code = arena_printf(n->rd->arena, "stated-%td", n->at + 1);
    if (!json_is_string(n->j)) {
        TRY(need_text(n, "text", &r.text));
        TRY(get_text(n, "code", &r.code));
        TRY(get_bool(n, "derived", &r.derived));
        TRY(GET_WORD(n, "grade", grade_parse, &r.grade));
    }
    if (r.derived) /* found again by the summary */
        return 0;
    validity_add(ret, n->rd->arena, r.grade, r.code, "%s", r.text);
    return 0;
}

int validity_from_json(const Node *n, Validity *ret)
{
    Grade stated = GRADE_VALID;
    TRY(GET_WORD(n, "grade", grade_parse, &stated));
    Node reasons = node_get(n, "reasons");
    for (ptrdiff_t i = 0; i < node_len(&reasons); i++) {
        Node reason = node_at(&reasons, i);
        TRY(reason_from_json(&reason, stated, ret));
    }
    return 0;
}

json_t *outcomes_to_json(bool has, const Outcomes *o)
{
    if (!has)
        return json_null();
    json_t *j = json_object(), *failed = json_object();
    put_u64(j, "scheduled", o->scheduled);
    put_u64(j, "ok", o->ok);
    for (int i = 0; i < FAIL_N; i++)
        put_u64(failed, fail_class_name((FailClass)i), o->failed[i]);
    put(j, "failed", failed);
    put_u64(j, "timed_out", o->timed_out);
    put_u64(j, "shed", o->shed);
    put_u64(j, "dropped", o->dropped);
    put_u64(j, "in_flight", o->in_flight);
    return j;
}

int outcomes_from_json(const Node *n, Outcomes *ret)
{
    TRY(get_u64(n, "scheduled", &ret->scheduled));
    TRY(get_u64(n, "ok", &ret->ok));
    Node failed = node_get(n, "failed");
    for (int i = 0; i < FAIL_N; i++)
        TRY(get_u64(&failed, fail_class_name((FailClass)i), &ret->failed[i]));
    TRY(get_u64(n, "timed_out", &ret->timed_out));
    TRY(get_u64(n, "shed", &ret->shed));
    TRY(get_u64(n, "dropped", &ret->dropped));
    return get_u64(n, "in_flight", &ret->in_flight);
}
