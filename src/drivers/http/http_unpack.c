#include "drivers/http/http_unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

enum {
    OUT_BYTES = 4096, /* on a user's stack */
    AS_GZIP = 16 + MAX_WBITS,
    AS_ZLIB = MAX_WBITS,
    AS_BARE = -MAX_WBITS,
};

struct HttpUnpack {
    z_stream z;
    HttpCoding coding;
    bool begun, ended;
    uint64_t made; /* bytes */
};

HttpCoding http_coding(Str value)
{
    value = str_trim(value);
    if (!value.len || str_eq_nocase(value, STR("identity")))
        return CODING_NONE;
    if (str_eq_nocase(value, STR("gzip")) || str_eq_nocase(value, STR("x-gzip")))
        return CODING_GZIP;
    return str_eq_nocase(value, STR("deflate")) ? CODING_DEFLATE : CODING_OTHER;
}

int unpack_begin(HttpUnpack **u, HttpCoding coding)
{
    if (!*u) {
        HttpUnpack *made = calloc(1, sizeof *made);
        if (!made || inflateInit2(&made->z, AS_GZIP) != Z_OK) {
            free(made);
            return -ENOMEM;
        }
        *u = made;
    }
    (*u)->coding = coding;
    (*u)->begun = (*u)->ended = false;
    (*u)->made = 0;
    return inflateReset2(&(*u)->z, AS_GZIP) == Z_OK ? 0 : -ENOMEM;
}

/* zlib's format begins with a byte whose low half is 8; the bare one can't, but for a stored block
 * with bits set that nobody sets. */
static int window_bits(const HttpUnpack *u, Str piece)
{
    bool zlib = (piece.ptr[0] & 15) == 8;
    return u->coding == CODING_GZIP ? AS_GZIP : zlib ? AS_ZLIB : AS_BARE;
}

static const char *inflate_some(HttpUnpack *u, void (*out)(void *, Str), void *user)
{
    unsigned char buf[OUT_BYTES];
    u->z.next_out = buf;
    u->z.avail_out = sizeof buf;
    int r = inflate(&u->z, Z_NO_FLUSH);
    ptrdiff_t n = (ptrdiff_t)(sizeof buf - u->z.avail_out);
    if (n)
        out(user, (Str){ (const char *)buf, n });
    u->made += (uint64_t)n;
    u->ended = r == Z_STREAM_END;
    if (u->made > UNPACKED_MAX)
        return "the compressed body becomes more than 1 GiB";
    return r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR ? NULL
                                                              : "the compressed body is damaged";
}

/* Behind the end: the next member of a gzip file (RFC 1952, 2.2), or rubbish. */
static const char *go_on(HttpUnpack *u)
{
    if (u->coding != CODING_GZIP)
        return "bytes behind the end of the compressed body";
    u->ended = false;
    return inflateReset(&u->z) == Z_OK ? NULL : "the compressed body is damaged";
}

const char *unpack_feed(HttpUnpack *u, Str piece, void (*out)(void *user, Str piece), void *user)
{
    if (!piece.len)
        return NULL;
    if (!u->begun && inflateReset2(&u->z, window_bits(u, piece)) != Z_OK)
        return "the compressed body is damaged";
    u->begun = true;
    union {
        const char *from;
        unsigned char *to; /* zlib does not write there */
    } in = { piece.ptr };
    u->z.next_in = in.to;
    u->z.avail_in = (unsigned)piece.len;
    do {
        const char *wrong = u->ended ? go_on(u) : NULL;
        wrong = wrong ? wrong : inflate_some(u, out, user);
        if (wrong)
            return wrong;
    } while (u->z.avail_in || u->z.avail_out == 0);
    return NULL;
}

const char *unpack_end(const HttpUnpack *u)
{
    return u->ended ? NULL : "the compressed body ends too early";
}

void unpack_free(HttpUnpack *u)
{
    if (u)
        inflateEnd(&u->z);
    free(u);
}
