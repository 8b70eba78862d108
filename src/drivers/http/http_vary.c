/* Requests whose operations differ: path, headers and body are templates, rendered into the
 * connection's own buffer. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/http/http.h"

enum { LENGTH_MAX = 48 }; /* the Content-Length line and the empty one */

struct HttpVary {
    Template *line, *headers; /* the request line; the rest */
    Template *body;           /* NULL: r->body */
    bool has_length;
    Feed *feed; /* the request's own; NULL: none */
};

static ptrdiff_t head_room(const struct HttpVary *v, const Draw *d)
{
    return template_room(v->line, d) + template_room(v->headers, d) + LENGTH_MAX;
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

static TemplateQuote body_quote(const HttpRequestOpts *o)
{
    return o->json_body ? QUOTE_JSON : o->form.n ? QUOTE_URL : QUOTE_NONE;
}

static int compile(const HttpRequestOpts *o, TemplateEnv env, HttpRequest *r, struct HttpVary *v,
                   Str head, Err *err)
{
    Arena *a = &r->arena;
    Str copy = { arena_str(a, head), head.len };
    ptrdiff_t end = str_find(copy, STR("\r\n")) + 2;
    TRY(template_compile(a, str_slice(copy, 0, end), QUOTE_URL, env, &v->line, err));
    TRY(template_compile(a, str_slice(copy, end, copy.len), QUOTE_HEADER, env, &v->headers, err));
    if (!template_varies(r->body, env.vars))
        return 0;
    TRY(template_compile(a, r->body, body_quote(o), env, &v->body, err));
    return o->json_body ? check_json(v, err) : 0;
}

int http_vary_prepare(const HttpRequestOpts *o, TemplateEnv env, HttpRequest *r, Str head,
                      bool has_length, Err *err)
{
    if (!template_varies(head, env.vars) && !template_varies(r->body, env.vars))
        return o->feed ? err_set(err, -EINVAL, "feed: no ${feed.COLUMN} in path, headers or body")
                       : 0;
    struct HttpVary *v = ARENA_NEW(&r->arena, struct HttpVary);
    v->has_length = has_length;
    TRY(template_feed(&r->arena, o->feed, (FeedOrder)o->feed_order, &env, &v->feed, err));
    TRY(compile(o, env, r, v, head, err));
    r->vary = v;
    return 0;
}

static ptrdiff_t put_length(char *to, const struct HttpVary *v, ptrdiff_t body)
{
    return v->has_length ? snprintf(to, LENGTH_MAX, "Content-Length: %td\r\n\r\n", body)
                         : snprintf(to, LENGTH_MAX, "\r\n");
}

int http_vary_next(VuIo *io, HttpConn *c, const HttpRequest *r, HttpRequest *own)
{
    const struct HttpVary *v = r->vary;
    Draw *d = vu_draw(io);
    ptrdiff_t room = head_room(v, d), body = v->body ? template_room(v->body, d) : 0;
    TRY(buf_grow(&c->wire.ptr, &c->wire.cap, room + body));
    char *wire = c->wire.ptr;
    draw_next(d, v->feed);
    *own = *r;
    ptrdiff_t n = template_render(v->line, d, wire);
    n += template_render(v->headers, d, wire + n);
    if (v->body)
        own->body = (Str){ wire + room, template_render(v->body, d, wire + room) };
    n += put_length(wire + n, v, own->body.len);
    own->head = (Str){ wire, n };
    return 0;
}
