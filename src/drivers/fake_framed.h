/* For tests: a server in a child process for protocols of frames: it collects bytes, and a function
 * takes whole frames off their begin and answers. Stop it with fake_stop. */
#pragma once

#include "drivers/fake_server.h"

enum { FRAMED_IN_MAX = 1 << 17 };

typedef struct FramedConn {
    int fd;
    bool greeted, holding; /* the taker's own use */
    uint32_t n_requests;
    ptrdiff_t n_in;
    unsigned char in[FRAMED_IN_MAX];
} FramedConn;

/* Bytes taken off [p, p + n); 0: not whole yet; < 0: close. In the child. */
typedef ptrdiff_t FramedTake(void *user, FramedConn *c, const unsigned char *p, ptrdiff_t n);

typedef void FramedGreet(void *user, FramedConn *c);

/* Aborts when it can't. Call before the test starts threads; user lives on in the child. */
FakeServer fake_framed_start(FramedTake *take, void *user);
/* The same for protocols whose server speaks first. */
FakeServer fake_framed_greeting(FramedTake *take, FramedGreet *greet, void *user);

/* ---- for takers ---- */

/* All of it, or a second's wait for a peer that reads nothing. */
void framed_send(int fd, const void *from, ptrdiff_t n);
/* What is to happen after an answer; false: return negative. */
bool framed_end(FramedConn *c, FakeEnd end);
