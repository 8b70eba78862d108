/* TLS for drivers, by OpenSSL: a VuFd that has shaken hands is read and written like any other.
 *
 * What a driver does: TLS_ROWS among its target's options, tls_client_new in prepare_target,
 * tls_start after vu_connect. tls.c is all of it where the library is there, tls_none.c where it is
 * not. Bytes in outcomes are those of the protocol inside, without TLS's own. */
#pragma once

#include <sys/socket.h>

#include "load/driver.h"

typedef struct TlsOpts {
    const char *ca, *cert, *key, *name;
    bool verify, resume;
    int version; /* TlsVersion */
} TlsOpts;

typedef enum TlsVersion { TLS_ANY, TLS_1_2, TLS_1_3 } TlsVersion;
extern const char *const tls_versions[];

/* Option rows over a struct T with a member `TlsOpts tls`. */
#define TLS_ROW(T, field, kind, ...)                                                               \
    {                                                                                              \
        .type = OPT_##kind, .name = "tls_" #field, .offset = offsetof(T, tls.field), __VA_ARGS__   \
    }
#define TLS_ROWS(T)                                                                                \
    TLS_ROW(T, verify, BOOL, .dflt = "yes",                                                        \
            .help = "refuse a target whose certificate is not trusted or not the host's"),         \
        TLS_ROW(T, ca, STR, .arg = "FILE",                                                         \
                .help = "certificates to trust (PEM) instead of the system's"),                    \
        TLS_ROW(T, cert, STR, .arg = "FILE", .help = "own certificate to show (PEM)"),             \
        TLS_ROW(T, key, STR, .arg = "FILE", .help = "its key (PEM); without it, in tls_cert"),     \
        TLS_ROW(T, name, STR, .arg = "HOST",                                                       \
                .help = "host to ask for and to find in the certificate, instead of the URL's"),   \
        TLS_ROW(T, version, ENUM, .dflt = "any", .choices = tls_versions,                          \
                .help = "the only version of TLS to speak: 1.2, 1.3, or any of the two"),          \
        TLS_ROW(T, resume, BOOL, .dflt = "no",                                                     \
                .help = "resume sessions: new connections shake hands shorter where the target "   \
                        "lets them")

/* What all connections to a target share, on all threads; does not change but for the session to
 * resume, which has a lock of its own. */
typedef struct TlsClient TlsClient;

/* `host` is the URL's. `protocols` to offer by ALPN (RFC 7301), each behind its length: "\x02h2";
 * "": none. -EINVAL with the option at fault, -ENOTSUP where there is no OpenSSL. */
MUST_CHECK int tls_client_new(const TlsOpts *o, const char *host, const char *protocols,
                              TlsClient **ret, Err *err);
/* Nothing for NULL. */
void tls_client_free(TlsClient *t);

/* Try one handshake before the trial, on the calling thread, for five seconds at most: a wrong
 * certificate is no load. *ret_h2: ALPN chose HTTP/2. 0, also when nobody answers (which the load
 * will count); -EKEYREJECTED with the cure. */
MUST_CHECK int tls_probe(const TlsClient *t, const struct sockaddr *addr, socklen_t addr_bytes,
                         bool *ret_h2, Err *err);

/* On a user: shake hands on a connected descriptor. 0; -EKEYREJECTED with the cause told by
 * vu_cause; or as vu_read. On any error the caller closes *f. */
MUST_CHECK int tls_start(VuIo *io, VuFd *f, const TlsClient *t);
/* Did the handshake choose HTTP/2? Did it resume an earlier session? */
bool tls_is_h2(const VuFd *f);
bool tls_is_resumed(const VuFd *f);

/* ---- between vu_io.c and tls.c: descriptors with f->tls ---- */

/* As vu_try_read: count, 0 at the orderly end, -EAGAIN, or negative. Also -EAGAIN when TLS has
 * something to write first. */
MUST_CHECK ptrdiff_t tls_read(VuFd *f, void *buf, ptrdiff_t cap);
/* Count, 0 when the socket is full, or negative. After 0 the same bytes come again. `more`: other
 * bytes follow at once. */
MUST_CHECK ptrdiff_t tls_write(VuFd *f, const void *buf, ptrdiff_t n, bool more);
/* What tls_read's -EAGAIN waits for. */
bool tls_wants_write(const VuFd *f);
/* No bytes of the protocol inside are waiting, nor the end. */
bool tls_is_quiet(VuFd *f);
/* Say goodbye if there is room for it, and free. */
void tls_close(VuFd *f);
/* The socket itself: one recv, one send. As vu_try_read and vu_try_write without TLS. */
MUST_CHECK ptrdiff_t fd_read(VuFd *f, void *buf, ptrdiff_t cap);
MUST_CHECK ptrdiff_t fd_write(VuFd *f, const void *buf, ptrdiff_t n, bool more);
