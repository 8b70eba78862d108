/* Requests whose operations differ: path, headers and body are templates, rendered into the
 * connection's own buffer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/http/http.h"

enum { LENGTH_MAX = 48 }; /* the Content-Length line and the empty one */

struct HttpVary {
    Template *line, *headers; /* the request line; the rest */
    Template *body;           /* NULL: r->body */
    bool has_length;
    const char *scheme;
    Feed *feed; /* NULL: none */
};

static ptrdiff_t head_max(const struct HttpVary *v)
{
    return template_max(v->line) + template_max(v->headers) + LENGTH_MAX;
}

/* Quotes and backslashes of a row could make the body something else: look at one rendering. */
static int check_json(const struct HttpVary *v, Err *err)
{
    Draw d = { .rng = rng_new(0, "sample", 0), .n = 1, .n_users = 1 };
    CLEANUP(arena_done) Arena a = { 0 };
    char *text = arena_alloc(&a, template_max(v->body) + 1);
    text[template_render(v->body, &d, text)] = '\0';
    return http_json_check(text, err);
}

static int compile(const HttpRequestOpts *o, HttpRequest *r, struct HttpVary *v, Str head, Err *err)
{
    Arena *a = &r->arena;
    Str copy = { arena_str(a, head), head.len };
    ptrdiff_t end = str_find(copy, STR("\r\n")) + 2;
    TRY(template_compile(a, str_slice(copy, 0, end), QUOTE_URL, v->feed, &v->line, err));
    TRY(template_compile(a, str_slice(copy, end, copy.len), QUOTE_HEADER, v->feed, &v->headers,
                         err));
    if (!template_varies(r->body))
        return 0;
    TRY(template_compile(a, r->body, o->json_body ? QUOTE_JSON : QUOTE_NONE, v->feed, &v->body,
                         err));
    return o->json_body ? check_json(v, err) : 0;
}

int http_vary_prepare(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r, Str head,
                      bool has_length, Err *err)
{
    if (!template_varies(head) && !template_varies(r->body))
        return o->feed ? err_set(err, -EINVAL, "feed: no ${feed.COLUMN} in path, headers or body")
                       : 0;
    struct HttpVary *v = ARENA_NEW(&r->arena, struct HttpVary);
    v->has_length = has_length;
    v->scheme = t->scheme;
    if (o->feed)
        TRY(feed_read(&r->arena, o->feed, (FeedOrder)o->feed_order, &v->feed, err));
    TRY(compile(o, r, v, head, err));
    r->vary = v;
    return 0;
}

static ptrdiff_t put_length(char *to, const struct HttpVary *v, ptrdiff_t body)
{
    return v->has_length ? snprintf(to, LENGTH_MAX, "Content-Length: %td\r\n\r\n", body)
                         : snprintf(to, LENGTH_MAX, "\r\n");
}

int http_vary_next(VuIo *io, HttpConn *c, const HttpRequest *r, HttpRequest *own,
                   Http2Field fields[HTTP2_FIELDS_MAX])
{
    const struct HttpVary *v = r->vary;
    Draw *d = vu_draw(io);
    ptrdiff_t room = head_max(v);
    if (!c->wire)
        c->wire = malloc((size_t)(room + (v->body ? template_max(v->body) : 0)));
    if (!c->wire)
        return -ENOMEM;
    draw_next(d, v->feed);
    *own = *r;
    ptrdiff_t n = template_render(v->line, d, c->wire);
    n += template_render(v->headers, d, c->wire + n);
    if (v->body)
        own->body = (Str){ c->wire + room, template_render(v->body, d, c->wire + room) };
    n += put_length(c->wire + n, v, own->body.len);
    own->head = (Str){ c->wire, n };
    if (!c->is_2)
        return 0;
    own->n_fields = http2_fields(c->wire, n, v->scheme, fields);
    own->fields = fields;
    return MIN(own->n_fields, 0);
}
