/* Requests of a replay: a record's own line, fields and body, put together in the connection's
 * buffer. The fields of records that have the same headers are made once. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/http/http.h"
#include "model/recording.h"

enum { LINE_MAX = 96 }; /* what is neither method, path, fields nor body */

struct HttpReplay {
    const Recording *rec; /* borrowed */
    Str root;             /* the target's own path, which recorded ones are put behind */
    Str *fields;          /* [rec->n_texts] by Record.headers */
    ptrdiff_t room;       /* no request's head is longer */
};

static int refuse(const HttpRequestOpts *o, Err *err)
{
    bool body = o->body || o->body_file || o->json_body || o->form.n || o->multipart.n;
    const char *odd = o->method          ? "method"
                      : o->path          ? "path"
                      : body             ? "the body"
                      : o->feed          ? "feed"
                      : o->sse           ? "sse"
                      : o->continue_wait ? "continue_wait"
                      : o->pipeline > 1  ? "pipeline"
                                         : NULL;
    return odd ? err_set(err, -EINVAL, "replay: requests are those recorded; leave out %s", odd)
               : 0;
}

static ptrdiff_t count_lines(Str s)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

static int make_fields(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r,
                       const Record *at, struct HttpReplay *v, Err *err)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    if (v->fields[at->headers].ptr)
        return 0;
    TRY(http_add_fields(t, o, r, v->rec->texts[at->headers], &b, err));
    /* method, path, scheme and the length beside them */
    if (t->version != HTTP_1_1 && count_lines(strbuf_str(&b)) + 4 > HTTP2_FIELDS_MAX)
        return err_set(err, -EINVAL,
                       "replay: record %u has more headers than the %d that HTTP/2 is sent with",
                       at->line, HTTP2_FIELDS_MAX);
    v->fields[at->headers] = (Str){ arena_str(&r->arena, strbuf_str(&b)), b.len };
    return 0;
}

static int make_all(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r, Err *err)
{
    struct HttpReplay *v = r->replay;
    const Str *texts = v->rec->texts;
    for (ptrdiff_t i = 0; i < v->rec->n; i++) {
        const Record *at = &v->rec->v[i];
        TRY(make_fields(t, o, r, at, v, err));
        v->room = MAX(v->room, texts[at->method].len + v->root.len + texts[at->target].len +
                                   v->fields[at->headers].len + LINE_MAX);
    }
    return 0;
}

int http_prepare_replay(const void *target, const void *opts, const Recording *rec, void *request,
                        Err *err)
{
    const HttpTarget *t = target;
    const HttpRequestOpts *o = opts;
    HttpRequest *r = request;
    const char *root;
    TRY(refuse(o, err));
    TRY(http_prepare_request(t, o, r, err));
    int n = r->vary ? err_set(err, -EINVAL, "replay: headers can't differ by ${…}") : 0;
    r->replay = ARENA_NEW(&r->arena, struct HttpReplay);
    r->replay->rec = rec;
    r->replay->fields = ARENA_ARRAY(&r->arena, Str, rec->n_texts);
    n = n < 0 ? n : http_make_path(&r->arena, t->base_path, "/", &root, err);
    if (n == 0) {
        r->replay->root = str_slice(str(root), 0, str(root).len - 1);
        n = make_all(t, o, r, err);
    }
    if (n < 0)
        http_release_request(r);
    return n;
}

static char *put(char *to, Str s)
{
    if (s.len)
        memcpy(to, s.ptr, (size_t)s.len);
    return to + s.len;
}

int http_replay_next(VuIo *io, HttpConn *c, const HttpRequest *r, HttpRequest *own)
{
    const struct HttpReplay *v = r->replay;
    const Record *at = &v->rec->v[vu_draw(io)->record];
    const Str *texts = v->rec->texts;
    Str method = texts[at->method], body = texts[at->body];
    TRY(buf_grow(&c->wire.ptr, &c->wire.cap, v->room));
    char *end = put(c->wire.ptr, method);
    end = put(end, STR(" "));
    end = put(end, v->root);
    end = put(end, texts[at->target]);
    end = put(end, STR(" HTTP/1.1\r\n"));
    end = put(end, v->fields[at->headers]);
    if (body.len || http_wants_length(method))
        end += snprintf(end, LINE_MAX / 2, "Content-Length: %td\r\n", body.len);
    end = put(end, STR("\r\n"));
    *own = *r;
    own->is_head = str_eqz(method, "HEAD");
    own->head = (Str){ c->wire.ptr, end - c->wire.ptr };
    own->body = body;
    return 0;
}
