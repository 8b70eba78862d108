#include "drivers/fake_broker.h"

#include <stdio.h>
#include <sys/socket.h>

#include "drivers/fake_framed.h"

enum { SUBS_MAX = 64 };

/* The child's alone. */
static FakeSub subs[SUBS_MAX];
static uint32_t n_subs, n_deliveries;

uint32_t fake_deliveries(void)
{
    return n_deliveries;
}

/* A descriptor may be that of one who is gone, again. */
void fake_subscribe(int fd, unsigned sid, Str topic)
{
    for (uint32_t i = 0; i < n_subs; i++)
        subs[i].gone |= subs[i].fd == fd;
    if (n_subs == SUBS_MAX)
        return;
    FakeSub *s = &subs[n_subs++];
    *s = (FakeSub){ .fd = fd, .sid = sid };
    snprintf(s->topic, sizeof s->topic, STR_FMT, STR_ARG(topic));
}

static bool every(uint32_t nth)
{
    return nth && n_deliveries % nth == 0;
}

static void deliver(const FakeFaults *f, FakeSub *s, Str payload, FakeSend *send)
{
    n_deliveries++;
    if (every(f->drop))
        return;
    if (f->garbage && n_deliveries == f->garbage) {
        framed_send(s->fd, "\xff\xffNOISE\r\n", 9);
        s->gone = true; /* it will go */
        return;
    }
    if (f->cut && n_deliveries == f->cut) {
        shutdown(s->fd, SHUT_RDWR);
        s->gone = true;
        return;
    }
    for (int i = 0; i < 1 + every(f->twice); i++)
        send(s, payload);
}

void fake_publish(const FakeFaults *f, Str topic, Str payload, FakeSend *send)
{
    for (uint32_t i = 0; i < n_subs; i++)
        if (!subs[i].gone && str_eqz(topic, subs[i].topic))
            deliver(f, &subs[i], payload, send);
}
