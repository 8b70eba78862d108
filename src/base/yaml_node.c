/* Trees: looking, making, expanding; and complaints about them. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"

static bool same_key(Str a, const char *key)
{
    ptrdiff_t i = 0;
    for (; i < a.len && key[i]; i++) {
        char x = a.ptr[i] == '-' ? '_' : a.ptr[i];
        char y = key[i] == '-' ? '_' : key[i];
        if (x != y)
            return false;
    }
    return i == a.len && key[i] == '\0';
}

const YamlNode *yaml_get(const YamlNode *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    YAML_EACH (p, map)
        if (same_key(p->key->text, key))
            return p->value;
    return NULL;
}

bool yaml_is_null(const YamlNode *n)
{
    return n->kind == YAML_SCALAR && !n->quoted &&
           (n->text.len == 0 || str_eqz(n->text, "~") || str_eqz(n->text, "null") ||
            str_eqz(n->text, "Null") || str_eqz(n->text, "NULL"));
}

const char *yaml_show(char buf[YAML_SHOW_MAX], const YamlNode *n)
{
    if (n->kind != YAML_SCALAR)
        snprintf(buf, YAML_SHOW_MAX, "%s", n->kind == YAML_MAP ? "a mapping" : "a list");
    else if (yaml_is_null(n))
        snprintf(buf, YAML_SHOW_MAX, "nothing");
    else
        snprintf(buf, YAML_SHOW_MAX, "'%.40s%s'", n->text.ptr, n->text.len > 40 ? "..." : "");
    return buf;
}

YamlNode *yaml_new_scalar(Arena *a, Str text, const char *origin)
{
    YamlNode *n = ARENA_NEW(a, YamlNode);
    n->quoted = true;
    n->weight = 1 + text.len / YAML_TEXT_WEIGHT;
    n->origin = origin;
    n->dollar = str_find_char(text, '$') >= 0;
    n->text = (Str){ arena_str(a, text), text.len };
    return n;
}

static void weigh(YamlNode *n, const YamlNode *child)
{
    n->weight += child->weight;
    n->height = MAX(n->height, child->height + 1);
    n->dollar |= child->dollar;
}

YamlNode *yaml_new_seq(Arena *a, const YamlNode **items, ptrdiff_t n, const char *origin)
{
    YamlNode *s = ARENA_NEW(a, YamlNode);
    s->kind = YAML_SEQ;
    s->weight = 1;
    s->height = 1;
    s->origin = origin;
    s->items = items;
    s->n = n;
    for (ptrdiff_t i = 0; i < n; i++)
        weigh(s, items[i]);
    return s;
}

YamlNode *yaml_with(Arena *a, const YamlNode *map, const char *key, const YamlNode *value)
{
    YamlNode *m = ARENA_NEW(a, YamlNode);
    ptrdiff_t n = map ? map->n : 0;
    if (map)
        *m = *map;
    m->kind = YAML_MAP;
    if (!map) {
        m->origin = value->origin;
        m->line = value->line;
        m->column = value->column;
    }
    m->weight = 1;
    m->height = 1;
    m->pairs = ARENA_ARRAY(a, YamlPair, n + 1);
    m->n = n;
    bool replaced = false;
    for (ptrdiff_t i = 0; i < n; i++) {
        bool hit = same_key(map->pairs[i].key->text, key);
        m->pairs[i] = hit ? (YamlPair){ map->pairs[i].key, value } : map->pairs[i];
        replaced |= hit;
    }
    if (!replaced) {
        YamlNode *k = yaml_new_scalar(a, str(key), value->origin);
        k->line = value->line;
        k->column = value->column;
        m->pairs[m->n++] = (YamlPair){ k, value };
    }
    YAML_EACH (p, m) {
        m->weight++;
        weigh(m, p->value);
    }
    return m;
}

static const YamlNode *expand_scalar(Arena *a, const YamlNode *n, YamlExpand *expand, void *user)
{
    Str text;
    if (expand(user, a, n, &text) < 0)
        return NULL;
    if (str_eq(text, n->text))
        return n;
    YamlNode *copy = ARENA_NEW(a, YamlNode);
    *copy = *n;
    copy->text = text;
    copy->quoted = true;
    copy->dollar = false;
    copy->from = n;
    return copy;
}

const YamlNode *yaml_expand(Arena *a, const YamlNode *n, YamlExpand *expand, void *user)
{
    if (!n->dollar)
        return n;
    if (n->kind == YAML_SCALAR)
        return expand_scalar(a, n, expand, user);
    YamlNode *copy = ARENA_NEW(a, YamlNode);
    *copy = *n;
    copy->dollar = false;
    bool ok = true;
    if (n->kind == YAML_SEQ) {
        copy->items = ARENA_ARRAY(a, const YamlNode *, n->n);
        for (ptrdiff_t i = 0; i < n->n; i++) {
            copy->items[i] = yaml_expand(a, n->items[i], expand, user);
            ok &= copy->items[i] != NULL;
        }
        return ok ? copy : NULL;
    }
    copy->pairs = ARENA_ARRAY(a, YamlPair, n->n);
    for (ptrdiff_t i = 0; i < n->n; i++) {
        copy->pairs[i].key = n->pairs[i].key;
        copy->pairs[i].value = yaml_expand(a, n->pairs[i].value, expand, user);
        ok &= copy->pairs[i].value != NULL;
    }
    return ok ? copy : NULL;
}

enum { MESSAGE_MAX = 320 };

/* One line of UTF-8 without control characters: texts may have been cut inside a character. */
static void tidy(char *msg, ptrdiff_t len)
{
    if (len > MESSAGE_MAX) {
        len = MESSAGE_MAX;
        memcpy(msg + len, "...", 4);
        len += 3;
    }
    for (ptrdiff_t bad; (bad = utf8_invalid_at((Str){ msg, len })) >= 0;)
        msg[bad] = '?';
    for (ptrdiff_t i = 0; i < len; i++)
        if ((unsigned char)msg[i] < 0x20 || msg[i] == 0x7f)
            msg[i] = ' ';
}

static void add_place(StrBuf *b, const YamlDiag *d, const YamlNode *at, const char *path)
{
    if (at->origin)
        strbuf_addf(b, "%s: ", at->origin);
    else
        strbuf_addf(b, "%s:%d:%d: ", d->file, at->line, at->column);
    if (path && *path)
        strbuf_addf(b, "%.200s: ", path);
    tidy(b->ptr, b->len);
}

int yaml_refuse(YamlDiag *d, const YamlNode *at, const char *path, const char *fmt, ...)
{
    CLEANUP(strbuf_done) StrBuf place = { .max = 2048 };
    add_place(&place, d, at, path);
    if (strstr(strbuf_z(&d->text), strbuf_z(&place)))
        return -EINVAL;
    d->n++;
    if (d->n > YAML_DIAG_MAX)
        return -EINVAL;
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    int len = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tidy(text, MIN((ptrdiff_t)len, (ptrdiff_t)sizeof text - 1));
    strbuf_addf(&d->text, "%s%s%s", d->n > 1 ? "\n" : "", strbuf_z(&place), text);
    return -EINVAL;
}

bool yaml_diag_full(const YamlDiag *d)
{
    return d->n >= YAML_DIAG_MAX;
}

/* Whole lines only, so that no message is read half. */
int yaml_diag_end(const YamlDiag *d, Err *err)
{
    if (d->n == 0)
        return 0;
    Str rest = strbuf_str(&d->text), line;
    CLEANUP(strbuf_done) StrBuf out = { .max = ERR_MSG_MAX - 1 };
    int told = 0;
    while (str_cut(&rest, '\n', &line)) {
        if (told && out.len + 1 + line.len > ERR_MSG_MAX - 32)
            break;
        if (told)
            strbuf_addc(&out, '\n');
        strbuf_add(&out, str_slice(line, 0, ERR_MSG_MAX - 32));
        told++;
    }
    if (told < d->n)
        strbuf_addf(&out, "\n… and more");
    return err_set(err, -EINVAL, "%s", strbuf_z(&out));
}

void yaml_diag_done(YamlDiag *d)
{
    strbuf_done(&d->text);
}
