#include "load/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { PROBE_MS = 5000 };

struct TlsClient {
    SSL_CTX *ctx;
    BIO_METHOD *socket; /* a VuFd as OpenSSL's source and sink */
    char *name;         /* to find in the certificate; owned */
    bool is_address;
    bool verify;
    pthread_mutex_t lock; /* over session */
    SSL_SESSION *session; /* the latest, to resume; NULL: none or not wanted */
};

/* On a connection. */
struct TlsConn {
    SSL *ssl;
    int socket_error; /* of the latest call on the socket; 0: none */
    bool more;        /* other bytes follow at once */
};

/* ---- the socket below ---- */

static int bio_read(BIO *b, char *buf, int cap)
{
    VuFd *f = BIO_get_data(b);
    ptrdiff_t n = fd_read(f, buf, cap);
    BIO_clear_retry_flags(b);
    if (n >= 0)
        return (int)n;
    if (n == -EAGAIN)
        BIO_set_retry_read(b);
    else
        f->tls->socket_error = (int)n;
    return -1;
}

static int bio_write(BIO *b, const char *buf, int n)
{
    VuFd *f = BIO_get_data(b);
    ptrdiff_t sent = fd_write(f, buf, n, f->tls->more);
    BIO_clear_retry_flags(b);
    if (sent > 0)
        return (int)sent;
    if (sent == 0)
        BIO_set_retry_write(b);
    else
        f->tls->socket_error = (int)sent;
    return -1;
}

static long bio_ctrl(BIO *b, int what, long arg, void *ptr)
{
    (void)b;
    (void)arg;
    (void)ptr;
    return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *make_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "assay socket");
    if (!m)
        return NULL;
    BIO_meth_set_read(m, bio_read);
    BIO_meth_set_write(m, bio_write);
    BIO_meth_set_ctrl(m, bio_ctrl);
    return m;
}

/* ---- what a target's connections share ---- */

/* OpenSSL's own words for what went wrong last; static text. Empties its queue. */
static const char *last_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? reason : "TLS failed";
}

/* OpenSSL hands over one reference, which is kept. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    TlsClient *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    pthread_mutex_lock(&t->lock);
    SSL_SESSION_free(t->session);
    t->session = session;
    pthread_mutex_unlock(&t->lock);
    return 1;
}

static int load_trust(const TlsOpts *o, SSL_CTX *ctx, Err *err)
{
    if (!o->ca) {
        SSL_CTX_set_default_verify_paths(
            ctx); /* a system without any: each certificate is refused */
        ERR_clear_error();
        return 0;
    }
    if (SSL_CTX_load_verify_file(ctx, o->ca) != 1)
        return err_set(err, -EINVAL, "tls_ca '%s': %s", o->ca, last_reason());
    return 0;
}

static int load_own(const TlsOpts *o, SSL_CTX *ctx, Err *err)
{
    if (o->key && !o->cert)
        return err_set(err, -EINVAL, "tls_key: wants tls_cert beside it");
    if (!o->cert)
        return 0;
    const char *key = o->key ? o->key : o->cert;
    if (SSL_CTX_use_certificate_chain_file(ctx, o->cert) != 1)
        return err_set(err, -EINVAL, "tls_cert '%s': %s", o->cert, last_reason());
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        return err_set(err, -EINVAL, "%s '%s': %s", o->key ? "tls_key" : "tls_cert", key,
                       last_reason());
    return 0;
}

static void set_versions(SSL_CTX *ctx, TlsVersion only)
{
    SSL_CTX_set_min_proto_version(ctx, only == TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(ctx, only == TLS_1_2 ? TLS1_2_VERSION : 0);
}

static int set_up(TlsClient *t, const TlsOpts *o, const char *protocols, Err *err)
{
    SSL_CTX *ctx = t->ctx;
    SSL_CTX_set_app_data(ctx, t);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1); /* a record's head and body in one call */
    SSL_CTX_set_verify(ctx, o->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    set_versions(ctx, (TlsVersion)o->version);
    SSL_CTX_set_session_cache_mode(
        ctx, o->resume ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
    if (o->resume)
        SSL_CTX_sess_set_new_cb(ctx, keep_session);
    if (*protocols && SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)protocols,
                                              (unsigned)strlen(protocols)) != 0)
        return err_set(err, -ENOMEM, "TLS: %s", last_reason());
    TRY(load_trust(o, ctx, err));
    return load_own(o, ctx, err);
}

int tls_client_new(const TlsOpts *o, const char *host, const char *protocols, TlsClient **ret,
                   Err *err)
{
    TlsClient *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(err, -ENOMEM, "TLS");
    pthread_mutex_init(&t->lock, NULL);
    struct in6_addr address;
    t->name = strdup(o->name ? o->name : host);
    t->ctx = SSL_CTX_new(TLS_client_method());
    t->socket = make_method();
    t->verify = o->verify;
    int r = t->name && t->ctx && t->socket ? set_up(t, o, protocols, err)
                                           : err_set(err, -ENOMEM, "TLS");
    if (r < 0) {
        tls_client_free(t);
        return r;
    }
    t->is_address =
        inet_pton(AF_INET, t->name, &address) == 1 || inet_pton(AF_INET6, t->name, &address) == 1;
    *ret = t;
    return 0;
}

void tls_client_free(TlsClient *t)
{
    if (!t)
        return;
    SSL_SESSION_free(t->session);
    SSL_CTX_free(t->ctx);
    BIO_meth_free(t->socket);
    pthread_mutex_destroy(&t->lock);
    free(t->name);
    free(t);
}

/* ---- a connection ---- */

static void resume(const TlsClient *t, SSL *ssl)
{
    TlsClient *shared = SSL_CTX_get_app_data(t->ctx);
    pthread_mutex_lock(&shared->lock);
    if (shared->session)
        SSL_set_session(ssl, shared->session);
    pthread_mutex_unlock(&shared->lock);
}

static bool set_name(const TlsClient *t, SSL *ssl)
{
    if (t->is_address) /* RFC 6066, 3: no server name for addresses */
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), t->name) == 1;
    return SSL_set_tlsext_host_name(ssl, t->name) == 1 && SSL_set1_host(ssl, t->name) == 1;
}

static int conn_begin(VuFd *f, const TlsClient *t)
{
    struct TlsConn *c = calloc(1, sizeof *c);
    SSL *ssl = SSL_new(t->ctx);
    BIO *b = BIO_new(t->socket);
    if (!c || !ssl || !b || !set_name(t, ssl)) {
        ERR_clear_error();
        free(c);
        SSL_free(ssl);
        BIO_free(b);
        return -ENOMEM;
    }
    c->ssl = ssl;
    f->tls = c;
    BIO_set_data(b, f);
    BIO_set_init(b, 1);
    SSL_set_bio(ssl, b, b);
    resume(t, ssl);
    return 0;
}

static void conn_end(VuFd *f)
{
    SSL_free(f->tls->ssl);
    free(f->tls);
    f->tls = NULL;
}

/* What a call that did not succeed means: -EAGAIN, 0 for the orderly end, or negative. */
static int after(VuFd *f, int result)
{
    struct TlsConn *c = f->tls;
    switch (SSL_get_error(c->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return -EAGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        return c->socket_error ? c->socket_error : -ECONNRESET;
    default:
        return ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING
                   ? -ECONNRESET
                   : -EKEYREJECTED;
    }
}

/* Why the handshake was refused; static text. */
static const char *refusal(const VuFd *f)
{
    long verified = SSL_get_verify_result(f->tls->ssl);
    const char *reason = last_reason();
    return verified == X509_V_OK ? reason : X509_verify_cert_error_string(verified);
}

/* One step of the handshake: 0 when it is done, -EAGAIN, or negative. */
static int shake(VuFd *f)
{
    int done = SSL_connect(f->tls->ssl);
    int r = done == 1 ? 0 : after(f, done);
    return done != 1 && r == 0 ? -ECONNRESET : r;
}

int tls_start(VuIo *io, VuFd *f, const TlsClient *t)
{
    int r;
    ERR_clear_error();
    TRY(conn_begin(f, t));
    while ((r = shake(f)) == -EAGAIN)
        TRY(vu_wait_ready(io, f, tls_wants_write(f)));
    if (r == -EKEYREJECTED)
        vu_cause(io, refusal(f));
    return r;
}

bool tls_is_h2(const VuFd *f)
{
    const unsigned char *name = NULL;
    unsigned n = 0;
    if (f->tls)
        SSL_get0_alpn_selected(f->tls->ssl, &name, &n);
    return n == 2 && memcmp(name, "h2", 2) == 0;
}

bool tls_is_resumed(const VuFd *f)
{
    return f->tls && SSL_session_reused(f->tls->ssl);
}

ptrdiff_t tls_read(VuFd *f, void *buf, ptrdiff_t cap)
{
    ERR_clear_error();
    int n = SSL_read(f->tls->ssl, buf, (int)MIN(cap, (ptrdiff_t)INT_MAX));
    return n > 0 ? n : after(f, n);
}

ptrdiff_t tls_write(VuFd *f, const void *buf, ptrdiff_t n, bool more)
{
    ERR_clear_error();
    f->tls->more = more;
    int sent = SSL_write(f->tls->ssl, buf, (int)MIN(n, (ptrdiff_t)INT_MAX));
    if (sent > 0)
        return sent;
    int r = after(f, sent);
    if (r == -EAGAIN)
        return 0;
    return r ? r : -EPIPE;
}

bool tls_wants_write(const VuFd *f)
{
    return SSL_want_write(f->tls->ssl);
}

bool tls_is_quiet(VuFd *f)
{
    char c;
    if (!f->readable && !SSL_has_pending(f->tls->ssl))
        return true;
    ERR_clear_error();
    int n = SSL_peek(f->tls->ssl, &c, 1); /* takes in what is TLS's own, as tickets to resume */
    return n <= 0 && after(f, n) == -EAGAIN;
}

void tls_close(VuFd *f)
{
    SSL *ssl = f->tls->ssl;
    if (!f->hung_up && SSL_is_init_finished(ssl) && !f->tls->socket_error)
        SSL_shutdown(ssl);
    ERR_clear_error();
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* else not to be resumed */
    conn_end(f);
}

/* ---- before the trial ---- */

static bool await(int fd, short events, uint64_t until_ns)
{
    uint64_t now = clock_mono_ns();
    struct pollfd p = { .fd = fd, .events = events };
    return now < until_ns && poll(&p, 1, (int)((until_ns - now) / NS_PER_MS) + 1) == 1;
}

static bool connects(int fd, const struct sockaddr *addr, socklen_t addr_bytes, uint64_t until_ns)
{
    int code = 0;
    socklen_t n = sizeof code;
    if (connect(fd, addr, addr_bytes) == 0)
        return true;
    return errno == EINPROGRESS && await(fd, POLLOUT, until_ns) &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &n) == 0 && code == 0;
}

static int refuse(const TlsClient *t, const VuFd *f, Err *err)
{
    bool certificate = SSL_get_verify_result(f->tls->ssl) != X509_V_OK;
    const char *why = refusal(f);
    return certificate && t->verify
               ? err_set(err, -EKEYREJECTED,
                         "the certificate of '%s' is not trusted: %s; name its issuer by tls_ca, "
                         "or measure all the same with tls_verify: no",
                         t->name, why)
               : err_set(err, -EKEYREJECTED,
                         "no TLS handshake with '%s': %s (does it speak TLS on that port?)",
                         t->name, why);
}

static int shake_once(const TlsClient *t, VuFd *f, uint64_t until_ns, Err *err)
{
    int r;
    while ((r = shake(f)) == -EAGAIN &&
           await(f->fd, tls_wants_write(f) ? POLLOUT : POLLIN, until_ns))
        f->readable = f->writable = true;
    return r == -EKEYREJECTED ? refuse(t, f, err)
                              : 0; /* silence and resets are for the load to count */
}

int tls_probe(const TlsClient *t, const struct sockaddr *addr, socklen_t addr_bytes, bool *ret_h2,
              Err *err)
{
    uint64_t until = clock_mono_ns() + PROBE_MS * NS_PER_MS;
    VuFd f = { .fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
               .readable = true,
               .writable = true };
    int r = 0;
    *ret_h2 = false;
    if (f.fd < 0)
        return 0;
    if (connects(f.fd, addr, addr_bytes, until) && conn_begin(&f, t) == 0) {
        r = shake_once(t, &f, until, err);
        *ret_h2 = r == 0 && tls_is_h2(&f);
        tls_close(&f);
    }
    close(f.fd);
    return r;
}
