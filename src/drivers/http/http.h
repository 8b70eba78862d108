/* The HTTP driver: one request, compiled once, over persistent connections. See http.md. */
#pragma once

#include "base/arena.h"
#include "base/grow.h"
#include "drivers/endpoint.h"
#include "drivers/http/http2.h"
#include "drivers/http/http_jar.h"
#include "drivers/http/http_look.h"
#include "drivers/http/http_reply.h"
#include "drivers/http/http_sse.h"
#include "drivers/http/http_unpack.h"
#include "load/driver.h"
#include "load/template.h"

extern const Driver driver_http;

typedef struct HttpTargetOpts {
    const char *url, *connect_to, *user_agent;
    StrMap common_headers;
    uint64_t head_max;
    int http; /* HttpVersion */
    uint32_t streams;
    uint32_t requests_per_connection;
    StrList source;
    TlsOpts tls;
} HttpTargetOpts;

typedef enum HttpVersion { HTTP_1_1, HTTP_2, HTTP_AUTO } HttpVersion;

typedef struct HttpRequestOpts {
    const char *method, *path; /* method NULL: see http_method */
    StrMap headers;
    StrList header; /* "Name: value" */
    const char *body, *body_file, *json_body, *feed;
    int feed_order; /* FeedOrder */
    const char *user, *bearer;
    StrList cookie;
    StrMap form, multipart;
    StrList expect_status;
    const char *expect_body;
    StrMap check, extract;
    uint64_t keep_max;
    int cookies; /* HttpCookies */
    uint32_t redirects;
    bool compressed;
    uint64_t continue_wait;
    uint32_t pipeline;
    bool sse;
    uint64_t sse_events, sse_duration;
    const char *sse_until;
} HttpRequestOpts;

typedef enum HttpCookies { COOKIES_AUTO, COOKIES_YES, COOKIES_NO } HttpCookies;

/* ---- between the driver's files ---- */

/* What a user of scenarios keeps over its connections. */
typedef struct HttpSession {
    HttpJar jar;
} HttpSession;

/* Kept from operation to operation. */
typedef struct HttpBuffer {
    char *ptr; /* owned */
    ptrdiff_t cap;
} HttpBuffer;

struct HttpTarget {
    Arena arena;
    Endpoint endpoint;
    const char *host_field, *base_path, *user_agent; /* in the arena */
    const StrMap *common_headers;                    /* the options' */
    uint64_t head_max;
    HttpVersion version;
    uint32_t streams; /* HTTP/2: users on one connection */
    const char *scheme;
    uint32_t requests_max; /* on one connection; 0: no limit */
};

typedef struct StatusRange {
    int low, high;
} StatusRange;

struct HttpRequest {
    Arena arena;
    Str head, body;        /* bytes for the wire */
    const char *body_type; /* Content-Type that the body brings; NULL: none */
    Str tail;              /* own requests: replaces the head's last line end; HTTP/1.1 */
    bool is_head;          /* method HEAD */
    StatusRange *expect;   /* [n_expect]; 0: anything below 400 */
    ptrdiff_t n_expect;
    Str needle;      /* must be in the reply's body; empty: no check */
    ptrdiff_t *fail; /* [needle.len] Knuth-Morris-Pratt's failure function */
    uint64_t head_max;
    Http2Field *fields; /* [n_fields] the head for HTTP/2 */
    int n_fields;
    SseWish sse;
    struct HttpVary *vary;     /* in the arena; NULL: all operations are alike */
    struct HttpReplay *replay; /* in the arena; NULL: no records */
    HttpLook *look;            /* owned; NULL: replies are not looked into */
    uint32_t redirects;        /* most that are followed */
    bool cookies;              /* the user's are sent, and kept */
    bool compressed;           /* bodies may come so */
    uint64_t continue_ns;      /* wait so long for leave to send the body; 0: don't ask */
    uint32_t pipeline;         /* requests sent at once */
    Str pipelined;             /* all of them, when they are alike and more than one */
};

typedef struct HttpConn {
    VuFd fd;
    bool is_2; /* on h2, not on fd */
    Http2Stream h2;
    const HttpRequest *request; /* whose needle is searched */
    ptrdiff_t matched;          /* bytes of the needle that the body's end matches */
    SseStream sse;
    uint32_t n_requests, requests_max; /* 0: no limit */
    const HttpTarget *target;
    HttpBuffer wire;   /* a request that varies */
    HttpBuffer hop[2]; /* … and where it was sent from there, in turn */
    HttpBuffer tail;
    uint32_t hops;
    HttpSeen seen;
    HttpUnpack *unpack; /* owned; made with the first body that comes compressed */
    HttpCoding coding;  /* of the reply at hand, once coding_known */
    bool coding_known;
    const char *unpackable; /* static text: why its body can't be looked into; NULL: it can */
    HttpReply reply;        /* last: its line buffer is rarely touched */
} HttpConn;

int http_prepare_target(const void *opts, void *target, Err *err);
int http_prepare_request(const void *target, const void *opts, void *request, Err *err);
int http_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                      Err *err);
void http_release_target(void *target);
void http_release_request(void *request);
bool http_has_header(const StrMap *m, Str name);

/* http_vary.c: requests whose operations differ. `head` is the text up to its last header's line
 * end. Sets r->vary when something in head or body varies. */
MUST_CHECK int http_vary_prepare(const HttpRequestOpts *o, TemplateEnv env, HttpRequest *r,
                                 Str head, bool has_length, Err *err);
/* The request of the user's next operation: *own is *r with head and body of its own, which last
 * until the next call. -ENOMEM. */
MUST_CHECK int http_vary_next(VuIo *io, HttpConn *c, const HttpRequest *r, HttpRequest *own);

/* http_prepare.c: the fields of the head that are alike in all requests of these options, with
 * `recorded` lines ("Name: value\r\n") among them, which give way to the options' own. */
MUST_CHECK int http_add_fields(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r,
                               Str recorded, StrBuf *b, Err *err);
/* Does a request of this method say its length also when it has no body? */
bool http_wants_length(Str method);
/* A path behind the target's own. */
MUST_CHECK int http_make_path(Arena *a, const char *base, const char *path, const char **ret,
                              Err *err);

/* http_replay.c. As Driver.prepare_replay. */
int http_prepare_replay(const void *target, const void *opts, const struct Recording *rec,
                        void *request, Err *err);
/* As http_vary_next, of the record at hand. */
MUST_CHECK int http_replay_next(VuIo *io, HttpConn *c, const HttpRequest *r, HttpRequest *own);

/* http_own.c. Is there more to an operation than to send the same bytes? */
bool http_needs_own(const HttpRequest *r);
/* One operation, redirects and all. Its frame takes more than a page of the user's stack. */
MUST_CHECK int http_own_exchange(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out);
/* The user's, when the request keeps them. */
const HttpJar *http_jar(VuIo *io, const HttpRequest *r);
/* http.c: what comes now is the reply to `r`. */
void http_begin_reply(HttpConn *c, const HttpRequest *r);
/* Send it and receive the reply. As Driver.call, without the checks. */
MUST_CHECK int http_exchange(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out);

/* http.c: the head and the body on the wire. */
MUST_CHECK int http_send(VuIo *io, HttpConn *c, const HttpRequest *r);
/* One read, parsed: HTTP_MORE, HTTP_DONE or negative. */
MUST_CHECK int http_receive_some(VuIo *io, HttpConn *c, Outcome *out);
/* … until the reply is there: HTTP_DONE or negative. */
MUST_CHECK int http_receive_reply(VuIo *io, HttpConn *c, Outcome *out);
/* http_continue.c: the head, and the body when the target wants it. 0; HTTP_DONE: it answered
 * without having the body; negative. */
MUST_CHECK int http_ask_leave(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out);

/* http_pipeline.c: compile them; -EINVAL when they can't be. */
MUST_CHECK int http_pipeline_prepare(const HttpTarget *t, const HttpRequestOpts *o, HttpRequest *r,
                                     Err *err);
/* A whole reply stands in c->reply. */
typedef void HttpOneReply(void *user);
/* Send them, and receive as many replies; http_begin_reply has been called for the first. As
 * Driver.call. */
MUST_CHECK int http_pipeline_exchange(VuIo *io, HttpConn *c, const HttpRequest *r,
                                      HttpOneReply *on_reply, void *user, Outcome *out);

/* http_hop.c. */
bool http_is_redirect(int status);
/* The path of "GET /path HTTP/1.1…". */
Str http_own_path(Str head);
/* Make *own the request that the reply at hand sends us to. *wrong: why that can't be. -ENOMEM. */
MUST_CHECK int http_hop(HttpConn *c, HttpRequest *own, const char **wrong);

/* http_body.c: the body that `form` or `multipart` stand for, and its type. */
MUST_CHECK int http_form_body(Arena *a, const HttpRequestOpts *o, Str *ret, const char **type,
                              Err *err);
/* "200", "2xx" or "200-204". -EINVAL. */
MUST_CHECK int http_status_range(Str text, StatusRange *ret);

/* Add the headers that user, bearer, cookie and the body's `type` (NULL: none) stand for to the
 * request's own. -EINVAL when one is ill-formed or there already; their values stay out of the
 * message. */
MUST_CHECK int http_short_headers(Arena *a, const HttpRequestOpts *o, const char *type,
                                  const StrMap *common, StrMap *own, Err *err);
/* What the options say, or the body implies. */
const char *http_method(const HttpRequestOpts *o);
/* 0 when `text` is JSON; -EINVAL with the place where it stops being that. */
MUST_CHECK int http_json_check(const char *text, Err *err);
