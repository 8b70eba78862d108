/* This build has no OpenSSL: TLS is refused when the target is prepared, so that the rest is never
 * reached. */
#include <errno.h>

#include "load/tls.h"

int tls_client_new(const TlsOpts *o, const char *host, const char *protocols, TlsClient **ret,
                   Err *err)
{
    (void)o;
    (void)protocols;
    (void)ret;
    return err_set(err, -ENOTSUP, "'%s': this build speaks no TLS (libssl-dev); use http://", host);
}

void tls_client_free(TlsClient *t)
{
    (void)t;
}

int tls_probe(const TlsClient *t, const struct sockaddr *addr, socklen_t addr_bytes, bool *ret_h2,
              Err *err)
{
    (void)t;
    (void)addr;
    (void)addr_bytes;
    *ret_h2 = false;
    return err_set(err, -ENOTSUP, "no TLS");
}

int tls_start(VuIo *io, VuFd *f, const TlsClient *t)
{
    (void)io;
    (void)f;
    (void)t;
    return -ENOTSUP;
}

bool tls_is_h2(const VuFd *f)
{
    (void)f;
    return false;
}

bool tls_is_resumed(const VuFd *f)
{
    (void)f;
    return false;
}

ptrdiff_t tls_read(VuFd *f, void *buf, ptrdiff_t cap)
{
    (void)f;
    (void)buf;
    (void)cap;
    return -ENOTSUP;
}

ptrdiff_t tls_write(VuFd *f, const void *buf, ptrdiff_t n, bool more)
{
    (void)f;
    (void)buf;
    (void)n;
    (void)more;
    return -ENOTSUP;
}

bool tls_wants_write(const VuFd *f)
{
    (void)f;
    return false;
}

bool tls_is_quiet(VuFd *f)
{
    (void)f;
    return true;
}

void tls_close(VuFd *f)
{
    (void)f;
}
