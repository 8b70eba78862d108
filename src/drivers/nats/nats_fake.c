#include "drivers/nats/nats_fake.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "drivers/fake_framed.h"

enum { LINE_MAX = 256 };

static bool pings; /* the child's alone */

static void say(int fd, const char *text)
{
    framed_send(fd, text, (ptrdiff_t)strlen(text));
}

static void send_message(const FakeSub *to, Str payload)
{
    char line[LINE_MAX];
    int n = snprintf(line, sizeof line, "MSG %s %u %td\r\n", to->topic, to->sid, payload.len);
    framed_send(to->fd, line, n);
    framed_send(to->fd, payload.ptr, payload.len);
    say(to->fd, pings && fake_deliveries() % 3 == 0 ? "\r\nPING\r\n" : "\r\n");
}

/* Words of a line; how many of at most `most`. */
static int split(Str line, Str *words, int most)
{
    int n = 0;
    for (Str rest = str_trim(line); n < most && str_cut(&rest, ' ', &words[n]);)
        n += words[n].len > 0;
    return n;
}

static uint64_t number(Str word)
{
    uint64_t n;
    return str_to_u64(word, &n) < 0 ? 0 : n;
}

/* "SUB subject [group] sid" */
static void take_sub(FramedConn *c, Str line)
{
    Str words[4];
    int n = split(line, words, ARRAY_LEN(words));
    if (n < 3)
        return;
    if (!str_starts(words[1], STR("_INBOX")))
        fake_subscribe(c->fd, (unsigned)number(words[n - 1]), words[1]);
}

/* "PUB subject [reply] bytes" and its payload: the whole frame's length, or 0. */
static ptrdiff_t take_pub(const FakeNats *s, Str line, const unsigned char *p, ptrdiff_t n)
{
    Str words[4];
    int n_words = split(line, words, ARRAY_LEN(words));
    if (n_words < 3)
        return -1;
    ptrdiff_t bytes = (ptrdiff_t)number(words[n_words - 1]);
    if (n < line.len + bytes + 2)
        return 0;
    fake_publish(&s->faults, words[1], (Str){ (const char *)p + line.len, bytes }, send_message);
    return line.len + bytes + 2;
}

static bool take_ping(const FakeNats *s, FramedConn *c)
{
    bool first = c->n_requests++ == 0;
    if (first || s->end == FAKE_KEEP) {
        if (!first && s->says.len)
            framed_send(c->fd, s->says.ptr, s->says.len);
        else
            say(c->fd, "PONG\r\n");
    }
    return framed_end(c, first ? FAKE_KEEP : s->end);
}

static ptrdiff_t take(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n)
{
    const FakeNats *s = user;
    Str in = { (const char *)p, n };
    ptrdiff_t end = str_find(in, STR("\r\n"));
    Str line = str_slice(in, 0, end + 2);
    if (c->holding)
        return n;
    if (end < 0)
        return 0;
    if (str_starts(line, STR("SUB ")))
        take_sub(c, line);
    if (str_starts(line, STR("PUB ")))
        return take_pub(s, line, p, n);
    if (str_starts(line, STR("PING")) && !take_ping(s, c))
        return -1;
    return line.len;
}

static void greet(void *user, FramedConn *c)
{
    const FakeNats *s = user;
    if (s->greeting.len)
        framed_send(c->fd, s->greeting.ptr, s->greeting.len);
    else
        say(c->fd, "INFO {\"server_id\":\"fake\",\"max_payload\":1048576}\r\n");
}

FakeServer fake_nats_start(const FakeNats *s)
{
    FakeNats copy = *s;
    pings = s->pings;
    return fake_framed_greeting(take, greet, &copy);
}
