/* A connection that several users share, between the files of HTTP/2.
 *
 * Of those who wait on a link one is its reader (load/waiters.h): it owns the descriptor, reads for
 * all and wakes whoever has got what it waited for. Whoever submits first lets all others who are
 * ready submit, too, and then writes once for all. */
#pragma once

#include <nghttp2/nghttp2.h>

#include "drivers/http/http.h"

typedef enum LinkState {
    LINK_CONNECTING, /* from birth until the target's SETTINGS have come */
    LINK_UP,
    LINK_DRAINING, /* no new streams: GOAWAY came, or the stream numbers are used up */
    LINK_DEAD,     /* lost; error says why */
} LinkState;

/* What the users of a worker share. */
typedef struct Http2Pool Http2Pool;

struct Http2Link {
    VuFd fd;
    LinkState state;
    int error;         /* negative errno, when dead */
    const char *cause; /* static text or NULL, when dead */
    nghttp2_session *ng;
    Http2Pool *pool;
    Http2Link *prev, *next; /* in the pool */
    Waiters waiters;
    uint32_t n_users, most_users;
    bool flush_due;  /* somebody will flush before it waits */
    uint64_t now_ns; /* of the read or write at hand */
    char *rest;      /* owned; what the socket had no room for */
    ptrdiff_t rest_at, rest_bytes;
};

/* A user joins: s->link is set. */
void link_join(Http2Link *l, Http2Stream *s, VuIo *io);
/* … and leaves; the last one closes and frees the link. */
void link_leave(Http2Stream *s);
/* One that has room for another user, the newest first; NULL: none. */
Http2Link *link_find(Http2Pool *p);
/* A new one, state LINK_CONNECTING, with nobody on it. NULL: no memory. */
Http2Link *link_new(Http2Pool *p, uint32_t most_users);
/* Connect, exchange SETTINGS. Wakes all who wait; 0, or the link is dead. */
MUST_CHECK int link_connect(VuIo *io, Http2Link *l, const HttpTarget *t);

/* Wait a while: read for all, or until woken. 0 (look again) or the user's verdict. */
MUST_CHECK int link_wait(VuIo *io, Http2Link *l);
/* Take what has come already; never parks. */
void link_poll(VuIo *io, Http2Link *l);
/* Write what is to be written; never parks. Kills the link when that fails. */
void link_flush(VuIo *io, Http2Link *l);
/* The same, once for all users that are ready to submit. */
void link_flush_together(VuIo *io, Http2Link *l);
/* Over for all who wait. */
void link_kill(Http2Link *l, int error, const char *cause);

/* nghttp2's callbacks; the session's user data is the link. */
void link_set_callbacks(nghttp2_session_callbacks *cb);
/* The stream's exchange has come to its end. */
void stream_end(Http2Stream *s, int result, const char *cause);

/* ---- memory: nghttp2 asks for it with every stream; what it gives back is kept ---- */

enum { MEM_CLASSES = 10 }; /* 32 bytes … 16 KiB */
typedef struct MemBlock MemBlock;
typedef struct MemPool {
    MemBlock *free[MEM_CLASSES];
    nghttp2_mem face;
} MemPool;
void mem_pool_init(MemPool *p);
/* Everything must have been given back. */
void mem_pool_done(MemPool *p);

enum { LINK_BUF_BYTES = 64 * 1024 };
struct Http2Pool {
    Http2Link *links;
    MemPool mem;
    nghttp2_session_callbacks *callbacks; /* owned */
    char buf[LINK_BUF_BYTES];             /* what one flush writes */
};
