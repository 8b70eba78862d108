/* Drivers: how assay speaks to a kind of target. One const struct per protocol; the core allocates
 * the private sizes, parses the option rows, schedules, times and counts.
 *
 * A driver reads like the protocol it speaks. Its functions run on a virtual user: a coroutine (or,
 * for DRIVER_BLOCKS, a thread) that parks inside vu_read, vu_write_all, vu_connect and
 * vu_sleep_until and is woken when there is something to do:
 *
 *     static int redis_call(VuIo *io, void *conn, const void *request, Outcome *out)
 *     {
 *         TRY(vu_write_all(io, &c->fd, req->wire, req->wire_bytes));
 *         return resp_read_reply(io, c, out);
 *     }
 *
 * Life of the private states, all zeroed by the core, in this order:
 *
 *     prepare_target → prepare_request → { open → { call* | hold } → close }* → release_request →
 * release_target
 *
 * Target and request state are shared by all users and threads and do not change once prepared.
 *
 * A call ends in exactly one way:
 *     returns 0, out->failed false    the target answered, and the answer is what was asked for
 *     returns 0, out->failed true     the target answered; out->fail says what is wrong with it
 *     returns CALL_STALE              the idle connection turned out to be closed, and nothing was
 *                                     sent: the core opens a new one, within the same operation,
 *                                     and calls again, once
 *     returns a negative errno        no whole answer came; the core counts it by the errno:
 *         -ETIMEDOUT                  timed out (vu_… functions return it when the time is up)
 *         -ECANCELED                  the trial is over: in flight
 *         -ECONNREFUSED, -EHOSTUNREACH, -ENETUNREACH, -EADDRNOTAVAIL, -EMFILE, -ENFILE, or
 *         anything negative from open FAIL_CONNECT
 *         -EPROTO, -EBADMSG           FAIL_PROTOCOL
 *         -EKEYREJECTED               FAIL_TLS
 *         anything else               FAIL_RESET
 * After a negative result the core closes the connection and opens a new one for the next
 * operation. Nothing is retried behind the scenes. */
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include "base/opt.h"
#include "load/template.h"
#include "model/outcome.h"

enum { DRIVER_ABI = 1, CALL_STALE = 1, OPEN_JOINED = 1, DRIVER_METRICS_MAX = 8 };

typedef enum DriverCaps {
    DRIVER_PIPELINES = 1 << 0, /* call may be given several operations per connection (reserved) */
    DRIVER_BLOCKS = 1 << 1,    /* functions may block: each user gets a thread of its own */
    DRIVER_NO_SOCKET = 1 << 2, /* users need no descriptor each */
} DriverCaps;

struct Recording;
typedef struct DriverStream DriverStream; /* load/stream_driver.h */

/* What one operation came to. The core zeroes it before call; vu_… functions stamp the times and
 * bytes; the driver fills the rest. Times are ns of CLOCK_MONOTONIC, 0 while it did not happen. */
typedef struct Outcome {
    bool failed;            /* the reply came, but says or is something wrong */
    FailClass fail;         /* which, when failed */
    bool close;             /* the connection can't serve another operation: the core closes it */
    int status;             /* the protocol's own code (HTTP status), 0: none */
    uint64_t sent_ns;       /* first byte of the request handed to the kernel */
    uint64_t first_byte_ns; /* first byte of the reply read */
    uint64_t done_ns;       /* last byte of the reply read (or when call returned) */
    uint64_t bytes_out, bytes_in;
    const char *cause; /* static text: what was wrong, for people; NULL: the errno says it all */
} Outcome;

/* A virtual user's handle on its loop. Only to be used by the functions that were given it. */
typedef struct VuIo VuIo;

/* A descriptor under the loop's care; embedded in connection state; zero is closed. It must not
 * move while open. */
typedef struct VuFd {
    VuIo *io;            /* NULL: closed */
    struct TlsConn *tls; /* owned; NULL: plain bytes (load/tls.h) */
    int fd;
    bool readable; /* a read may yield something; cleared when a read came back short */
    bool writable;
    bool hung_up; /* the peer closed its side, or the connection broke */
} VuFd;

/* All return -ETIMEDOUT once the operation's time is up and -ECANCELED when the trial is over,
 * again and again until the operation has ended. Costs: one system call each where nothing blocks.
 */

/* Open a TCP (or other stream) connection and register it, once. 0 or the negative errno. On any
 * error *f is closed. */
MUST_CHECK int vu_connect(VuIo *io, VuFd *f, const struct sockaddr *addr, socklen_t addr_bytes);
/* The same from an address of this host (NULL: as the kernel likes), whose port the kernel chooses
 * only when it connects, so that one address serves many targets. */
MUST_CHECK int vu_connect_from(VuIo *io, VuFd *f, const struct sockaddr *from, socklen_t from_bytes,
                               const struct sockaddr *addr, socklen_t addr_bytes);
/* Take a stream socket that is open already and does not block, such as one end of a socketpair; it
 * is closed with *f, and on any error. 0 or the negative errno. */
MUST_CHECK int vu_take_socket(VuIo *io, VuFd *f, int fd);
/* Up to `cap` bytes, parking until there is something: count > 0, 0 at the end of the stream, or
 * negative. Stop calling once the message is complete: the system call that would say "nothing
 * more" is saved. */
MUST_CHECK ptrdiff_t vu_read(VuIo *io, VuFd *f, void *buf, ptrdiff_t cap);
/* One vu_read into vu_scratch, for protocols in which the target must not close: *ret is not empty.
 * 0 or negative, -ECONNRESET at the end of the stream. */
MUST_CHECK int vu_read_some(VuIo *io, VuFd *f, Str *ret);
/* All n bytes. 0 or negative: -EPIPE, -ECONNRESET … */
MUST_CHECK int vu_write_all(VuIo *io, VuFd *f, const void *buf, ptrdiff_t n);
/* All of the pieces; iov[n] is used up. */
MUST_CHECK int vu_writev_all(VuIo *io, VuFd *f, struct iovec *iov, int n);
/* Park until the clock shows `mono_ns`. 0 or negative. */
MUST_CHECK int vu_sleep_until(VuIo *io, uint64_t mono_ns);
/* When the clock shows `mono_ns`, parking calls begin to return -ETIME, as they return -ETIMEDOUT
 * when the operation's time is up: for what ends by the clock and ends well. 0: no more. Gone at
 * the end of the call; not together with vu_sleep_until. */
void vu_alarm(VuIo *io, uint64_t mono_ns);
/* The connection is idle: can it take another request? False when the peer closed it or sent bytes
 * nobody asked for. No system call unless something came. */
bool vu_is_clean(VuFd *f);
/* The descriptor's owner parks until it can be read, or written. 0 or the verdict. */
MUST_CHECK int vu_wait_ready(VuIo *io, VuFd *f, bool to_write);
/* Take care of a descriptor that a library owns, reads and writes: f says from now on when it is
 * ready, and vu_wait_… park for it. Again whenever the library may have put another one in its
 * place, also under the same number: what was known is forgotten, and told anew by the loop. Clear
 * f->readable when nothing was left to read, f->writable when the library could not write. 0, the
 * verdict or a negative errno. Cost: a system call or two. */
MUST_CHECK int vu_adopt(VuIo *io, VuFd *f, int fd);
/* Its library closes it, at once. Nothing when it wasn't adopted. */
void vu_disown(VuFd *f);
/* Why open fails, for people: static text, told with the errno that open returns. */
void vu_cause(VuIo *io, const char *text);
/* Close; nothing when closed already. */
void vu_close(VuFd *f);
/* The trial is over: from now on parking calls return -ECANCELED. */
bool vu_is_over(const VuIo *io);
/* ns of CLOCK_MONOTONIC, now. */
uint64_t vu_now(VuIo *io);

/* ---- several users on one connection ----
 *
 * A descriptor wakes one user, its owner: `f->io`. Where several users share a connection, one of
 * them owns it and reads for all, the others park; whoever finds a reply for another wakes it, and
 * an owner that leaves hands the descriptor to one that stays. Nothing below waits unless it says
 * so, so that a user whose time is up can still clean up. */

/* Park until another user of this thread wakes this one, or something ends its operation. 0 or the
 * verdict. Woken without reason is possible: look at what was waited for. */
MUST_CHECK int vu_park(VuIo *io);
/* Let a parked user go on, soon: when the one that runs now has parked and those woken before have
 * run. Nothing when it isn't parked by vu_park or vu_wait_any, or was woken already. */
void vu_wake(VuIo *io);
/* Let everybody that was woken by now run first; at once when the verdict is negative. */
void vu_yield(VuIo *io);
/* The descriptor wakes this user from now on. */
void vu_own(VuIo *io, VuFd *f);
/* The owner parks until anything happens on the descriptor: VuFd says what. 0 or the verdict. */
MUST_CHECK int vu_wait_any(VuIo *io, VuFd *f);
/* One read or write that never parks: count > 0; 0 at the end of the stream (reading) or when the
 * socket is full (writing); -EAGAIN when there is nothing to read; or another negative errno.
 * Neither stamps the outcome: whose bytes they are only the driver knows. */
MUST_CHECK ptrdiff_t vu_try_read(VuFd *f, void *buf, ptrdiff_t cap);
MUST_CHECK ptrdiff_t vu_try_write(VuFd *f, const void *buf, ptrdiff_t n);
/* What the user draws from to make its operations differ (load/template.h); its own, and the same
 * over all its connections. */
Draw *vu_draw(VuIo *io);
/* session_bytes of the user's own, over all its connections; NULL when the load has no scenarios.
 */
void *vu_session(VuIo *io);
/* What the users of one thread share: shared_bytes, zeroed when the thread's users are made. */
void *vu_shared(VuIo *io);

/* ---- figures of the driver's own ---- */

/* A metric that only this protocol has. `record` adds to it by index. */
typedef struct DriverMetric {
    const char *name, *unit, *method; /* name NULL ends the table */
    bool is_count;                    /* a sum over the trial; else a distribution */
} DriverMetric;
/* Of an operation that was due in the measured window, or of a connection that is only held, or
 * in open, whenever that is; ignored elsewhere. `index` into the driver's metrics. */
void vu_record(VuIo *io, int index, uint64_t value);
/* A buffer that all users of a thread share, to read into and parse at once; what it holds lasts
 * until this user parks. 64 KiB. */
void *vu_scratch(VuIo *io, ptrdiff_t *ret_bytes);
/* Drivers that speak through a library stamp these themselves, as close to the wire as they see:
 * the first call of vu_mark_sent counts, the last of vu_mark_received. */
void vu_mark_sent(VuIo *io, ptrdiff_t bytes);
void vu_mark_received(VuIo *io, ptrdiff_t bytes);

typedef struct Driver {
    uint32_t abi; /* DRIVER_ABI */
    const char *name;
    const char *summary;     /* one sentence, lower case, no full stop */
    const char *schemes;     /* URL schemes that choose it, separated by blanks; NULL: none */
    const char *request_key; /* request row that a bare `request: TEXT` sets; NULL: none */
    uint32_t caps;           /* DriverCaps */

    const Opt *target_opts; /* rows over a struct of target_opts_bytes; never NULL */
    ptrdiff_t target_opts_bytes;
    const Opt *request_opts; /* never NULL */
    ptrdiff_t request_opts_bytes;
    ptrdiff_t target_bytes, request_bytes, conn_bytes; /* private states; may be 0 */

    /* Once per trial, before anything is timed, on the calling thread; may block (resolve names,
     * read files). Options are borrowed for the trial. Negative with the cure in err: the trial
     * can't begin, and the state's release is not called. NULL: nothing to prepare. */
    int (*prepare_target)(const void *opts, void *target, Err *err);
    /* The same for the request; compiles it to the bytes that go on the wire. */
    int (*prepare_request)(const void *target, const void *opts, void *request, Err *err);
    /* On a user. Connect, authenticate, set up; timed as connect_time, apart from call, but within
     * the operation's response time and timeout when an operation had to wait for it. `conn` is
     * zeroed. 0; OPEN_JOINED when it came to share a connection that others had made (not counted
     * as a connection); negative: there is no connection, and nothing to close. */
    int (*open)(VuIo *io, const void *target, void *conn);
    /* On a user, connection open. One operation; see the top. Must neither block (unless
     * DRIVER_BLOCKS), nor allocate, nor log. What is sent is the first vu_write of this call; what
     * is done is the last vu_read. Takes no longer than the timeout, because every vu_… call
     * returns then. */
    int (*call)(VuIo *io, void *conn, const void *request, Outcome *out);
    /* On a user. Free what open took; also after a failed or abandoned call. Must not wait: parking
     * calls return -ECANCELED at once. */
    void (*close)(VuIo *io, void *conn);
    /* On the calling thread, all users gone. NULL: nothing to release. */
    void (*release_request)(void *request);
    void (*release_target)(void *target);
    /* Later functions come below, NULL where a driver has none; DRIVER_ABI stays. */

    /* On a user, connection open: keep it open without operations, answer what the protocol asks
     * of an idle peer, and return only when the connection is lost (a negative errno) or the trial
     * is over (-ECANCELED). NULL: connections can't be held idle, `idle` is refused. */
    int (*hold)(VuIo *io, void *conn);
    /* What all users of a thread share, see vu_shared; and its end, when all of them are gone: on
     * the calling thread, NULL when nothing was taken. */
    ptrdiff_t shared_bytes;
    void (*release_shared)(void *shared);
    const DriverMetric *metrics; /* at most DRIVER_METRICS_MAX and the end; NULL: none */

    /* prepare_request for a step of a scenario: its texts may refer to what is in `env`, and what
     * it extracts goes into the variables (draw_set on vu_draw). `env` is borrowed for the trial.
     * NULL: steps are prepared by prepare_request, and know of neither. */
    int (*prepare_step)(const void *target, const void *opts, TemplateEnv env, void *request,
                        Err *err);
    /* What a user of scenarios keeps over its connections, see vu_session; zeroed when the user is
     * made. clear_session forgets it and frees what it took: between passes, and at the end. */
    ptrdiff_t session_bytes;
    void (*clear_session)(void *session);
    const RequestShort *shorts; /* of suites' requests; NULL: none */
    /* Of a target that no URL names: the row that `NAME:TEXT` on the command line sets to TEXT;
     * NULL: its targets have URLs, or nothing at all. */
    const char *target_key;
    const DriverStream *stream; /* messages published and delivered; NULL: it has none */
    /* Of a prepared target: the root of the processes that the driver starts, whose resources are
     * the target's; 0: it starts none. NULL: never. */
    int (*target_pid)(const void *target);
    /* prepare_request for a replay: each operation sends the record whose index is in vu_draw's
     * `record`; the options say what is added and checked. `rec` is borrowed for the trial. NULL:
     * requests of this protocol can't be recorded. */
    int (*prepare_replay)(const void *target, const void *opts, const struct Recording *rec,
                          void *request, Err *err);
} Driver;
