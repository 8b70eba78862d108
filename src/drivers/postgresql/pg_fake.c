#include "drivers/postgresql/pg_fake.h"

#include "drivers/fake_framed.h"

enum { SSL_REQUEST = 80877103, GSS_REQUEST = 80877104 };

static uint32_t u32_at(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static ptrdiff_t greet(const FakePg *s, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    static const Str in = STR("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I");
    if (n < 8 || n < (ptrdiff_t)u32_at(p))
        return 0;
    if (u32_at(p + 4) == SSL_REQUEST || u32_at(p + 4) == GSS_REQUEST) {
        framed_send(c->fd, "N", 1);
        return 8;
    }
    c->greeted = true;
    Str reply = s->login.ptr ? s->login : in;
    framed_send(c->fd, reply.ptr, reply.len);
    return s->login.ptr ? -1 : (ptrdiff_t)u32_at(p);
}

static Str good_reply(char type)
{
    switch (type) {
    case 'P':
        return STR("1\0\0\0\x04");
    case 'B':
        return STR("2\0\0\0\x04");
    case 'D':
        return STR("n\0\0\0\x04");
    case 'E':
        return STR("C\0\0\0\x0dSELECT 0\0");
    case 'S':
        return STR("Z\0\0\0\x05I");
    case 'Q':
        return STR("C\0\0\0\x0dSELECT 0\0Z\0\0\0\x05I");
    default:
        return (Str){ 0 };
    }
}

static ptrdiff_t take(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    const FakePg *s = user;
    if (c->holding)
        return n;
    if (!c->greeted)
        return greet(s, c, p, n);
    if (n < 5 || n < 1 + (ptrdiff_t)u32_at(p + 1))
        return 0;
    ptrdiff_t used = 1 + (ptrdiff_t)u32_at(p + 1);
    bool bad = s->reply.ptr || s->end != FAKE_KEEP;
    bool query = *p == 'Q' || *p == 'S';
    Str reply = bad ? query ? s->reply : (Str){ 0 } : good_reply((char)*p);
    if (reply.len)
        framed_send(c->fd, reply.ptr, reply.len);
    if (*p == 'X')
        return -1;
    return !query || framed_end(c, s->end) ? used : -1;
}

FakeServer fake_pg_start(const FakePg *s)
{
    FakePg copy = *s;
    return fake_framed_start(take, &copy);
}
