#include "drivers/redis/redis_fake.h"

#include "drivers/fake_framed.h"
#include "drivers/redis/resp.h"

/* A command is an array of bulk values, which the reply's parser reads as well. */
static ptrdiff_t take(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    const FakeRedis *s = user;
    RespParser parser = { 0 };
    ptrdiff_t used = 0;
    if (c->holding)
        return n;
    int r = resp_feed(&parser, (Str){ (const char *)p, n }, &used);
    if (r != RESP_REPLY)
        return r;
    bool good = c->n_requests++ < s->good;
    Str reply = good ? STR("+OK\r\n") : s->reply;
    framed_send(c->fd, reply.ptr, reply.len);
    return framed_end(c, good ? FAKE_KEEP : s->end) ? used : -1;
}

FakeServer fake_redis_start(const FakeRedis *s)
{
    FakeRedis copy = *s;
    return fake_framed_start(take, &copy);
}
