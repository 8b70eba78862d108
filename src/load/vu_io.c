/* What drivers call: reads and writes that park instead of blocking. Every system call whose time
 * matters reads the clock once: before the first write, after each read. */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/clock.h"
#include "load/reactor.h"
#include "load/sock.h"
#include "load/tls.h"

uint64_t vu_now(VuIo *io)
{
    return io->loop->now_ns = clock_mono_ns();
}

void *vu_scratch(VuIo *io, ptrdiff_t *ret_bytes)
{
    *ret_bytes = REACTOR_SCRATCH_BYTES;
    return io->loop->scratch;
}

void vu_mark_sent(VuIo *io, ptrdiff_t bytes)
{
    Outcome *o = io->outcome;
    if (!o)
        return;
    if (!o->sent_ns)
        o->sent_ns = vu_now(io);
    o->bytes_out += (uint64_t)bytes;
}

void vu_mark_received(VuIo *io, ptrdiff_t bytes)
{
    Outcome *o = io->outcome;
    if (!o)
        return;
    o->done_ns = vu_now(io);
    if (!o->first_byte_ns)
        o->first_byte_ns = o->done_ns;
    o->bytes_in += (uint64_t)bytes;
}

static int finish_connect(VuIo *io, VuFd *f)
{
    while (!f->writable)
        TRY(vu_wait_fd(io, f, VU_WAIT_WRITE));
    int code = 0;
    socklen_t n = sizeof code;
    if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &code, &n) < 0)
        return -errno;
    return -code;
}

static int watch_fd(VuIo *io, VuFd *f, int how)
{
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = f };
    return epoll_ctl(io->loop->epfd, how, f->fd, &e) < 0 ? -errno : 0;
}

int vu_take_socket(VuIo *io, VuFd *f, int fd)
{
    assert(!f->io);
    *f = (VuFd){ .io = io, .fd = fd, .writable = true };
    int r = watch_fd(io, f, EPOLL_CTL_ADD);
    if (r < 0)
        vu_close(f);
    return r;
}

static int begin_connect(VuIo *io, VuFd *f, const struct sockaddr *addr, socklen_t addr_bytes)
{
    if (connect(f->fd, addr, addr_bytes) < 0 && errno != EINPROGRESS)
        return errno == EAGAIN ? -ECONNREFUSED : -errno; /* a Unix socket's queue is full */
    TRY(watch_fd(io, f, EPOLL_CTL_ADD));
    return finish_connect(io, f);
}

static int bind_to(int fd, const struct sockaddr *from, socklen_t from_bytes)
{
    int one = 1;
    setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one); /* best effort */
    return bind(fd, from, from_bytes) < 0 ? -errno : 0;
}

int vu_connect(VuIo *io, VuFd *f, const struct sockaddr *addr, socklen_t addr_bytes)
{
    return vu_connect_from(io, f, NULL, 0, addr, addr_bytes);
}

int vu_connect_from(VuIo *io, VuFd *f, const struct sockaddr *from, socklen_t from_bytes,
                    const struct sockaddr *addr, socklen_t addr_bytes)
{
    assert(!f->io);
    if (io->verdict < 0)
        return io->verdict;
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    *f = (VuFd){ .io = io, .fd = fd };
    int r = from ? bind_to(fd, from, from_bytes) : 0;
    if (r == 0)
        r = begin_connect(io, f, addr, addr_bytes);
    if (r < 0)
        vu_close(f);
    return r;
}

void vu_close(VuFd *f)
{
    if (!f->io)
        return;
    if (f->tls)
        tls_close(f);
    reactor_forget(f->io->loop, f);
    close(f->fd); /* leaves the epoll set by itself */
    *f = (VuFd){ .fd = -1 };
}

/* A descriptor that was closed has left the epoll set by itself. One that is still there is
 * modified, which makes the kernel tell again what it is ready for. */
int vu_adopt(VuIo *io, VuFd *f, int fd)
{
    if (io->verdict < 0)
        return io->verdict;
    vu_disown(f);
    *f = (VuFd){ .io = io, .fd = fd };
    int r = watch_fd(io, f, EPOLL_CTL_ADD);
    if (r == -EEXIST)
        r = watch_fd(io, f, EPOLL_CTL_MOD);
    if (r < 0)
        *f = (VuFd){ .fd = -1 };
    return r;
}

void vu_disown(VuFd *f)
{
    if (!f->io)
        return;
    reactor_forget(f->io->loop, f);
    *f = (VuFd){ .fd = -1 };
}

bool vu_is_over(const VuIo *io)
{
    return io->verdict == -ECANCELED;
}

void vu_cause(VuIo *io, const char *text)
{
    io->cause = text;
}

Draw *vu_draw(VuIo *io)
{
    return io->draw;
}

void *vu_session(VuIo *io)
{
    return io->session;
}

void *vu_shared(VuIo *io)
{
    return io->loop->shared;
}

void vu_own(VuIo *io, VuFd *f)
{
    assert(f->io && f->io->loop == io->loop);
    f->io = io;
}

int vu_wait_any(VuIo *io, VuFd *f)
{
    assert(f->io == io);
    return io->verdict < 0 ? io->verdict : vu_wait_fd(io, f, VU_WAIT_ANY);
}

int vu_wait_ready(VuIo *io, VuFd *f, bool to_write)
{
    assert(f->io == io);
    while (!(to_write ? f->writable : f->readable))
        TRY(vu_wait_fd(io, f, to_write ? VU_WAIT_WRITE : VU_WAIT_READ));
    return io->verdict;
}

ptrdiff_t fd_read(VuFd *f, void *buf, ptrdiff_t cap)
{
    if (!f->readable)
        return -EAGAIN;
    ptrdiff_t n;
    do
        n = sock_recv(f->fd, buf, cap);
    while (n < 0 && errno == EINTR);
    f->readable = n == cap || (n >= 0 && f->hung_up);
    return n < 0 ? -errno : n;
}

ptrdiff_t vu_try_read(VuFd *f, void *buf, ptrdiff_t cap)
{
    return f->tls ? tls_read(f, buf, cap) : fd_read(f, buf, cap);
}

ptrdiff_t vu_read(VuIo *io, VuFd *f, void *buf, ptrdiff_t cap)
{
    for (;;) {
        if (io->verdict < 0)
            return io->verdict;
        ptrdiff_t n = vu_try_read(f, buf, cap);
        if (n > 0)
            vu_mark_received(io, n);
        if (n != -EAGAIN)
            return n;
        TRY(vu_wait_ready(io, f, f->tls && tls_wants_write(f)));
    }
}

int vu_read_some(VuIo *io, VuFd *f, Str *ret)
{
    ptrdiff_t cap;
    char *buf = vu_scratch(io, &cap);
    ptrdiff_t got = vu_read(io, f, buf, cap);
    if (got <= 0)
        return got < 0 ? (int)got : -ECONNRESET;
    *ret = (Str){ buf, got };
    return 0;
}

/* One send; count, or 0 when the socket is full. Through TLS a piece at a time. */
static ptrdiff_t send_some(VuFd *f, struct iovec *iov, int n)
{
    if (f->tls)
        return tls_write(f, iov->iov_base, (ptrdiff_t)iov->iov_len, n > 1);
    struct msghdr m = { .msg_iov = iov, .msg_iovlen = (size_t)n };
    ptrdiff_t sent = n == 1 ? sock_send(f->fd, iov->iov_base, (ptrdiff_t)iov->iov_len, false)
                            : sendmsg(f->fd, &m, MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? 0 : -errno;
}

ptrdiff_t fd_write(VuFd *f, const void *buf, ptrdiff_t n, bool more)
{
    ptrdiff_t sent = 0;
    do
        sent = f->writable ? sock_send(f->fd, buf, n, more) : 0;
    while (sent < 0 && errno == EINTR);
    f->writable = sent == n;
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? 0 : -errno;
}

ptrdiff_t vu_try_write(VuFd *f, const void *buf, ptrdiff_t n)
{
    return f->tls ? tls_write(f, buf, n, false) : fd_write(f, buf, n, false);
}

static int await_room(VuIo *io, VuFd *f)
{
    if (f->tls)
        return vu_wait_ready(io, f, tls_wants_write(f));
    f->writable = false;
    return vu_wait_ready(io, f, true);
}

int vu_writev_all(VuIo *io, VuFd *f, struct iovec *iov, int n)
{
    while (n > 0) {
        if (io->verdict < 0)
            return io->verdict;
        vu_mark_sent(io, 0);
        ptrdiff_t sent = send_some(f, iov, n);
        if (sent < 0 && sent != -EINTR)
            return (int)sent;
        vu_mark_sent(io, MAX(sent, (ptrdiff_t)0));
        if (sent == 0)
            TRY(await_room(io, f));
        for (; n > 0 && sent >= (ptrdiff_t)iov->iov_len; iov++, n--)
            sent -= (ptrdiff_t)iov->iov_len;
        if (n > 0 && sent > 0) {
            iov->iov_base = (char *)iov->iov_base + sent;
            iov->iov_len -= (size_t)sent;
        }
    }
    return 0;
}

int vu_write_all(VuIo *io, VuFd *f, const void *buf, ptrdiff_t n)
{
    union {
        const void *from;
        void *to;
    } same = { buf }; /* iovec is shared with reading and so not const */
    struct iovec iov = { .iov_base = same.to, .iov_len = (size_t)n };
    return n > 0 ? vu_writev_all(io, f, &iov, 1) : 0;
}

bool vu_is_clean(VuFd *f)
{
    if (!f->io || f->hung_up)
        return false;
    if (f->tls)
        return tls_is_quiet(f);
    if (!f->readable)
        return true;
    char c;
    if (recv(f->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN)
        return false;
    f->readable = false;
    return true;
}
