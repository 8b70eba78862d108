/* Asking for leave before a body is sent (Expect: 100-continue; RFC 9110, 10.1.1): the head goes
 * out, the body when the target says so, or when it has kept silent for as long as the request
 * waits. A final reply instead of leave means that the body is not wanted: it stays here, and the
 * connection, on which the target may still expect it, is closed. */
#include <errno.h>

#include "drivers/http/http.h"

/* Anything of a reply that is not interim. */
static bool has_answer(const HttpReply *p)
{
    return p->status >= 200;
}

/* HTTP_MORE: send it; HTTP_DONE: the final reply is here; negative. */
static int await_leave(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    int n = HTTP_MORE;
    vu_alarm(io, vu_now(io) + r->continue_ns);
    while (n == HTTP_MORE && !c->reply.n_interim && !has_answer(&c->reply))
        n = http_receive_some(io, c, out);
    vu_alarm(io, 0);
    if (n == -ETIME)
        return HTTP_MORE;
    if (n == HTTP_MORE && has_answer(&c->reply))
        return http_receive_reply(io, c, out);
    return n;
}

int http_ask_leave(VuIo *io, HttpConn *c, const HttpRequest *r, Outcome *out)
{
    HttpRequest head = *r;
    head.body = (Str){ 0 };
    TRY(http_send(io, c, &head));
    int n = await_leave(io, c, r, out);
    if (n == HTTP_DONE)
        c->reply.keep_alive = false;
    if (n != HTTP_MORE)
        return n;
    return vu_write_all(io, &c->fd, r->body.ptr, r->body.len);
}
