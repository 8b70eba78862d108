/* The two system calls of every operation, without what libc wraps around them: its recv and send
 * are cancellation points, which in a program with threads costs two more calls and atomic
 * operations each. Nobody cancels a worker. */
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macros.h"

/* recv(2) and send(2), the latter without SIGPIPE; `more` bytes follow at once: count, or -1 with
 * errno. */
static inline ptrdiff_t sock_recv(int fd, void *buf, ptrdiff_t cap)
{
    return syscall(SYS_recvfrom, fd, buf, cap, 0, NULL, NULL);
}

static inline ptrdiff_t sock_send(int fd, const void *buf, ptrdiff_t n, bool more)
{
    return syscall(SYS_sendto, fd, buf, n, MSG_NOSIGNAL | (more ? MSG_MORE : 0), NULL, 0);
}
