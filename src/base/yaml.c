/* From libyaml's events to trees.
 *
 * Events and an own stack instead of libyaml's document API: that one forgets nothing, so a bomb of
 * aliases or nesting would be built before it could be refused. */
#include "base/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/yaml_text.h"

typedef struct Anchor {
    const char *name;
    YamlNode *node;
} Anchor;

typedef struct Level {
    YamlNode *node;
    YamlNode *key; /* maps: the key whose value comes next; NULL: a key comes next */
    ptrdiff_t cap;
    bool merges; /* a `<<` is among the keys */
} Level;

typedef struct Builder {
    Arena *arena;
    YamlDiag diag; /* at most one complaint: the first ends the reading */
    yaml_parser_t parser;
    Level stack[YAML_DEPTH_MAX];
    int depth;
    Anchor *anchors;
    ptrdiff_t n_anchors, cap_anchors;
    ptrdiff_t nodes; /* aliases unfolded */
    YamlNode *root;
    int documents;
} Builder;

static YamlNode *node_new(Builder *b, YamlKind kind, yaml_mark_t at)
{
    YamlNode *n = ARENA_NEW(b->arena, YamlNode);
    n->kind = kind;
    n->line = (int)at.line + 1;
    n->column = (int)at.column + 1;
    n->weight = 1;
    n->height = kind == YAML_SCALAR ? 0 : 1;
    return n;
}

/* Only the types that plain YAML has by itself may be named. */
static int check_tag(Builder *b, const YamlNode *n, const yaml_char_t *tag)
{
    static const char *const known[] = { "str", "int", "float", "bool", "map", "seq" };
    if (!tag)
        return 0;
    Str t = str((const char *)tag), core = STR("tag:yaml.org,2002:");
    if (str_starts(t, core))
        for (ptrdiff_t i = 0; i < ARRAY_LEN(known); i++)
            if (str_eqz(str_slice(t, core.len, t.len), known[i]))
                return 0;
    return yaml_refuse(&b->diag, n, NULL, "tags have no meaning here; leave out '%s'", t.ptr);
}

static int add_anchor(Builder *b, YamlNode *n, const yaml_char_t *name)
{
    if (!name)
        return 0;
    if (b->n_anchors == YAML_ANCHORS_MAX)
        return yaml_refuse(&b->diag, n, NULL, "more than 1000 anchors; a suite needs a handful");
    Anchor made = { arena_strdup(b->arena, (const char *)name), n };
    ARENA_PUSH(b->arena, b->anchors, b->n_anchors, b->cap_anchors, made);
    return 0;
}

/* Merge keys: what is written in the map itself wins over what is merged, an earlier merge over a
 * later one. The same pass finds keys that stand twice. */
typedef struct Entry {
    YamlPair pair;
    int rank; /* 0: written in the map itself; k: from the k-th merge */
    ptrdiff_t at;
} Entry;

static int by_key(const void *pa, const void *pb)
{
    const Entry *a = pa, *b = pb;
    Str x = a->pair.key->text, y = b->pair.key->text;
    int c = memcmp(x.ptr, y.ptr, (size_t)MIN(x.len, y.len));
    if (c == 0)
        c = (x.len > y.len) - (x.len < y.len);
    if (c == 0)
        c = (a->rank > b->rank) - (a->rank < b->rank);
    return c ? c : (a->at > b->at) - (a->at < b->at);
}

static int by_place(const void *pa, const void *pb)
{
    const Entry *a = pa, *b = pb;
    return (a->at > b->at) - (a->at < b->at);
}

typedef struct Entries {
    Entry *v;
    ptrdiff_t n, cap;
} Entries;

static void entries_add(Arena *a, Entries *e, YamlPair pair, int rank)
{
    Entry made = { pair, rank, e->n };
    ARENA_PUSH(a, e->v, e->n, e->cap, made);
}

static int add_merged(Builder *b, Entries *e, const YamlNode *value, int *rank)
{
    if (value->kind == YAML_MAP) {
        ++*rank;
        YAML_EACH (p, value)
            entries_add(b->arena, e, *p, *rank);
        return 0;
    }
    if (value->kind == YAML_SCALAR)
        return yaml_refuse(&b->diag, value, NULL,
                           "'<<' merges a mapping, or a list of mappings, by alias");
    for (ptrdiff_t i = 0; i < value->n; i++) {
        if (value->items[i]->kind != YAML_MAP)
            return yaml_refuse(&b->diag, value->items[i], NULL, "'<<' merges mappings only");
        TRY(add_merged(b, e, value->items[i], rank));
    }
    return 0;
}

static bool is_merge(const YamlNode *key)
{
    return !key->quoted && str_eqz(key->text, "<<");
}

/* Two explicit keys of the same text are an error, of which the later place is told. */
static int drop_doubles(Builder *b, Entries *e)
{
    ptrdiff_t kept = 0;
    if (e->n > 1)
        qsort(e->v, (size_t)e->n, sizeof *e->v, by_key);
    for (ptrdiff_t i = 0; i < e->n; i++) {
        const Entry *before = kept ? &e->v[kept - 1] : NULL;
        if (!before || !str_eq(before->pair.key->text, e->v[i].pair.key->text)) {
            e->v[kept++] = e->v[i];
            continue;
        }
        if (e->v[i].rank != 0)
            continue;
        const YamlNode *k = e->v[i].pair.key;
        return yaml_refuse(&b->diag, k, NULL,
                           "key '%.80s' stands twice (first in line %d); keep one", k->text.ptr,
                           before->pair.key->line);
    }
    e->n = kept;
    if (e->n > 1)
        qsort(e->v, (size_t)e->n, sizeof *e->v, by_place);
    return 0;
}

static int close_map(Builder *b, Level *l)
{
    if (l->node->n < 2 && !l->merges)
        return 0;
    CLEANUP(arena_done) Arena scratch = { 0 };
    Arena *outer = b->arena;
    Entries e = { 0 };
    int rank = 0;
    b->arena = &scratch;
    int r = 0;
    YAML_EACH (p, l->node) {
        if (is_merge(p->key))
            r = add_merged(b, &e, p->value, &rank);
        else
            entries_add(b->arena, &e, *p, 0);
        if (r < 0)
            break;
    }
    if (r == 0)
        r = drop_doubles(b, &e);
    b->arena = outer;
    if (r < 0 || !l->merges)
        return r;
    l->node->pairs = ARENA_ARRAY(b->arena, YamlPair, e.n);
    l->node->n = e.n;
    for (ptrdiff_t i = 0; i < e.n; i++)
        l->node->pairs[i] = e.v[i].pair;
    return 0;
}

static int take_key(Builder *b, Level *l, YamlNode *n)
{
    if (n->kind != YAML_SCALAR)
        return yaml_refuse(&b->diag, n, NULL, "a key must be plain text, not a mapping or a list");
    if (n->text.len == 0)
        return yaml_refuse(&b->diag, n, NULL, "empty key; write a name before ':'");
    if (is_merge(n))
        l->merges = true;
    l->key = n;
    return 0;
}

static void adopt(YamlNode *parent, const YamlNode *child)
{
    parent->weight += child->weight;
    parent->height = MAX(parent->height, child->height + 1);
    parent->dollar |= child->dollar;
}

/* Put a finished node (or a map or sequence whose contents will follow) where it belongs. */
static int place(Builder *b, YamlNode *n)
{
    if (b->depth == 0) {
        b->root = n;
        return 0;
    }
    Level *l = &b->stack[b->depth - 1];
    if (l->node->kind == YAML_SEQ) {
        ARENA_PUSH(b->arena, l->node->items, l->node->n, l->cap, n);
        return 0;
    }
    if (!l->key)
        return take_key(b, l, n);
    YamlPair p = { l->key, n };
    ARENA_PUSH(b->arena, l->node->pairs, l->node->n, l->cap, p);
    l->node->weight++; /* the key */
    l->key = NULL;
    return 0;
}

static int count_nodes(Builder *b, const YamlNode *at, ptrdiff_t more)
{
    b->nodes += more;
    if (b->nodes > YAML_NODES_MAX)
        return yaml_refuse(&b->diag, at, NULL,
                           "more than 100000 values (an alias counts all it stands for)");
    return 0;
}

static int on_scalar(Builder *b, const yaml_event_t *ev)
{
    YamlNode *n = node_new(b, YAML_SCALAR, ev->start_mark);
    Str text = { (const char *)ev->data.scalar.value, (ptrdiff_t)ev->data.scalar.length };
    n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    n->dollar = str_find_char(text, '$') >= 0;
    if (str_find_char(text, '\0') >= 0)
        return yaml_refuse(&b->diag, n, NULL, "a text holds a NUL byte");
    n->text = (Str){ arena_str(b->arena, text), text.len };
    n->weight = 1 + text.len / YAML_TEXT_WEIGHT;
    TRY(count_nodes(b, n, n->weight));
    TRY(check_tag(b, n, ev->data.scalar.tag));
    TRY(add_anchor(b, n, ev->data.scalar.anchor));
    TRY(place(b, n));
    if (b->depth && !b->stack[b->depth - 1].key)
        adopt(b->stack[b->depth - 1].node, n);
    return 0;
}

static int on_open(Builder *b, YamlKind kind, const yaml_event_t *ev, const yaml_char_t *anchor,
                   const yaml_char_t *tag)
{
    YamlNode *n = node_new(b, kind, ev->start_mark);
    if (b->depth == YAML_DEPTH_MAX)
        return yaml_refuse(&b->diag, n, NULL, "nested more than 64 levels deep");
    TRY(count_nodes(b, n, 1));
    TRY(check_tag(b, n, tag));
    TRY(add_anchor(b, n, anchor));
    TRY(place(b, n));
    b->stack[b->depth++] = (Level){ .node = n };
    return 0;
}

static int on_close(Builder *b)
{
    assert(b->depth > 0);
    Level *l = &b->stack[b->depth - 1];
    if (l->node->kind == YAML_MAP)
        TRY(close_map(b, l));
    b->depth--;
    if (b->depth)
        adopt(b->stack[b->depth - 1].node, l->node);
    return 0;
}

static bool is_open(const Builder *b, const YamlNode *n)
{
    for (int i = 0; i < b->depth; i++)
        if (b->stack[i].node == n)
            return true;
    return false;
}

static int on_alias(Builder *b, const yaml_event_t *ev)
{
    Str name = str((const char *)ev->data.alias.anchor);
    YamlNode *at = node_new(b, YAML_SCALAR, ev->start_mark), *n = NULL;
    for (ptrdiff_t i = b->n_anchors; i-- > 0 && !n;)
        if (str_eqz(name, b->anchors[i].name))
            n = b->anchors[i].node;
    if (!n)
        return yaml_refuse(&b->diag, at, NULL, "no anchor '&%s' stands before this alias",
                           name.ptr);
    if (is_open(b, n))
        return yaml_refuse(&b->diag, at, NULL, "alias '*%s' stands inside its own anchor",
                           name.ptr);
    if (b->depth + n->height > YAML_DEPTH_MAX)
        return yaml_refuse(&b->diag, at, NULL,
                           "nested more than 64 levels deep, with aliases unfolded");
    TRY(count_nodes(b, at, n->weight));
    TRY(place(b, n));
    if (b->depth && !b->stack[b->depth - 1].key)
        adopt(b->stack[b->depth - 1].node, n);
    return 0;
}

/* 0: go on; 1: end of the stream. */
static int on_event(Builder *b, const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_STREAM_END_EVENT:
        return 1;
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++)
            return yaml_refuse(&b->diag, node_new(b, YAML_SCALAR, ev->start_mark), NULL,
                               "a second document begins; a file holds one");
        return 0;
    case YAML_ALIAS_EVENT:
        return on_alias(b, ev);
    case YAML_SCALAR_EVENT:
        return on_scalar(b, ev);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(b, YAML_SEQ, ev, ev->data.sequence_start.anchor,
                       ev->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_open(b, YAML_MAP, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(b);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

/* 1 at the end of the stream; what libyaml refused stands in err, what we did in the diag. */
static int run(Builder *b, Str text, Err *err)
{
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t ev = { 0 };
        if (!yaml_parser_parse(&b->parser, &ev))
            return yaml_text_explain(&b->parser, text, b->diag.file, err);
        int r = on_event(b, &ev);
        if (r != 0)
            return r;
    }
}

int yaml_parse(Arena *a, Str text, const char *name, ptrdiff_t max, const YamlNode **ret, Err *err)
{
    if (text.len > max)
        return err_set(err, -EFBIG, "%s:1:1: larger than %td bytes, the most that is read", name,
                       max);
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.len);
    TRY(yaml_text_check(text, name, err));
    Builder b = { .arena = a, .diag.file = name };
    if (!yaml_parser_initialize(&b.parser))
        return err_set(err, -ENOMEM, "%s: YAML parser", name);
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)(text.len ? text.ptr : ""),
                                 (size_t)text.len);
    int r = run(&b, text, err), ours = yaml_diag_end(&b.diag, err);
    yaml_parser_delete(&b.parser);
    yaml_diag_done(&b.diag);
    TRY(ours);
    TRY(r);
    if (!b.root || (b.root->kind == YAML_SCALAR && yaml_is_null(b.root)))
        return err_set(err, -EINVAL, "%s:1:1: the file is empty", name);
    *ret = b.root;
    return 0;
}
