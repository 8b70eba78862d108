#include "drivers/http/http_reply.h"

#include <errno.h>
#include <string.h>

void http_reply_begin(HttpReply *p, bool to_head, uint64_t head_max)
{
    memset(p, 0, offsetof(HttpReply, line));
    p->to_head = to_head;
    p->head_max = head_max;
}

static int refuse(HttpReply *p, const char *wrong)
{
    p->wrong = wrong;
    return -EPROTO;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- head ---- */

/* "HTTP/1.1 200 OK"; the reason may be missing. */
static int read_status_line(HttpReply *p, Str s)
{
    static const char prefix[] = "HTTP/1.";
    if (s.len < 12 || memcmp(s.ptr, prefix, sizeof prefix - 1) != 0)
        return refuse(p, "no HTTP/1.x status line");
    if (!is_digit(s.ptr[7]) || s.ptr[8] != ' ' || (s.len > 12 && s.ptr[12] != ' '))
        return refuse(p, "no HTTP/1.x status line");
    int status = 0;
    for (int i = 9; i < 12; i++) {
        if (!is_digit(s.ptr[i]))
            return refuse(p, "no HTTP/1.x status line");
        status = status * 10 + (s.ptr[i] - '0');
    }
    if (status < 100 || status == 101) /* nobody asked to switch protocols */
        return refuse(p, "no HTTP/1.x status line");
    p->version_1_0 = s.ptr[7] == '0';
    p->status = status;
    p->state = HTTP_FIELDS;
    return 0;
}

static int read_length(HttpReply *p, Str value)
{
    uint64_t n;
    if (p->line_cut || str_to_u64(value, &n) < 0)
        return refuse(p, "a Content-Length that can't be");
    if (p->has_length && n != p->length)
        return refuse(p, "a Content-Length that can't be");
    p->has_length = true;
    p->length = n;
    return 0;
}

static int read_connection(HttpReply *p, Str value)
{
    Str rest = value, word;
    if (p->line_cut)
        return refuse(p, "a Connection header without end");
    while (str_cut(&rest, ',', &word)) {
        word = str_trim(word);
        p->close |= str_eq_nocase(word, STR("close"));
        p->keep_asked |= str_eq_nocase(word, STR("keep-alive"));
    }
    return 0;
}

/* Only the last coding frames; others are the body's own business. */
static int read_coding(HttpReply *p, Str value)
{
    Str rest = value, word;
    if (p->line_cut)
        return refuse(p, "a Transfer-Encoding that can't be framed");
    while (str_cut(&rest, ',', &word)) {
        if (p->chunked) /* chunked must be the last, and stand once */
            return refuse(p, "a Transfer-Encoding that can't be framed");
        p->coded = true;
        p->chunked = str_eq_nocase(str_trim(word), STR("chunked"));
    }
    return 0;
}

static int read_field(HttpReply *p, Str line)
{
    const char *colon = memchr(line.ptr, ':', (size_t)line.len);
    if (!colon || colon == line.ptr)
        return p->line_cut && !colon ? 0 : refuse(p, "a header line that is none");
    char before = colon[-1], first = line.ptr[0];
    if (before == ' ' || before == '\t' || first == ' ' || first == '\t')
        return refuse(p, "a header line with blanks around its name");
    Str name = { line.ptr, colon - line.ptr };
    if (name.len != 10 && name.len != 14 && name.len != 17)
        return 0;
    Str value = str_trim(str_slice(line, name.len + 1, line.len));
    if (str_eq_nocase(name, STR("content-length")))
        return read_length(p, value);
    if (str_eq_nocase(name, STR("connection")))
        return read_connection(p, value);
    if (str_eq_nocase(name, STR("transfer-encoding")))
        return read_coding(p, value);
    return 0;
}

static int complete(HttpReply *p)
{
    p->state = HTTP_COMPLETE;
    return HTTP_DONE;
}

/* The empty line: how long is the body? RFC 9112, 6.3. */
static int end_head(HttpReply *p)
{
    if (p->status < 200) { /* interim: the real one follows */
        p->n_interim++;
        p->status = 0;
        if (p->on_head)
            p->on_head(p->head_user, (Str){ 0 });
        p->state = HTTP_STATUS_LINE;
        p->chunked = p->coded = p->has_length = p->close = p->keep_asked = false;
        return HTTP_MORE;
    }
    p->keep_alive = p->version_1_0 ? p->keep_asked && !p->close : !p->close;
    if (p->to_head || p->status == 204 || p->status == 304)
        return complete(p);
    if (p->coded) {
        /* a length beside it, or an old version: somebody on the way disagrees about framing */
        p->keep_alive &= p->chunked && !p->has_length && !p->version_1_0;
        p->state = p->chunked ? HTTP_CHUNK_SIZE : HTTP_BODY_EOF;
    } else if (p->has_length) {
        p->state = HTTP_BODY_LENGTH;
        p->body_left = p->length;
        return p->length ? HTTP_MORE : complete(p);
    } else {
        p->keep_alive = false;
        p->state = HTTP_BODY_EOF;
    }
    return HTTP_MORE;
}

/* ---- chunks ---- */

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_chunk_size(HttpReply *p, Str line)
{
    uint64_t n = 0;
    ptrdiff_t i = 0;
    for (; i < line.len && hex_value(line.ptr[i]) >= 0; i++) {
        if (n >> 60)
            return refuse(p, "a chunk size that is none");
        n = n << 4 | (uint64_t)hex_value(line.ptr[i]);
    }
    Str rest = str_trim(str_slice(line, i, line.len));
    if (i == 0 || (rest.len && rest.ptr[0] != ';'))
        return refuse(p, "a chunk size that is none");
    p->body_left = n;
    p->state = n ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
    return HTTP_MORE;
}

/* ---- lines ---- */

static int read_line(HttpReply *p, Str line)
{
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    switch (p->state) {
    case HTTP_STATUS_LINE:
        return read_status_line(p, line);
    case HTTP_FIELDS:
        return line.len ? read_field(p, line) : end_head(p);
    case HTTP_CHUNK_SIZE:
        return p->line_cut ? refuse(p, "a chunk size that is none") : read_chunk_size(p, line);
    case HTTP_CHUNK_END:
        p->state = HTTP_CHUNK_SIZE;
        return line.len ? refuse(p, "a chunk without its end") : HTTP_MORE;
    case HTTP_TRAILERS:
        return line.len ? HTTP_MORE : complete(p);
    case HTTP_BODY_LENGTH:
    case HTTP_BODY_EOF:
    case HTTP_CHUNK_DATA:
    case HTTP_COMPLETE:
        break;
    }
    assert(!"no line is read in this state");
    return -EPROTO;
}

/* A line arrives in pieces: keep its beginning. What can't become a status line or the end of a
 * chunk is refused at once, not when a line end comes. */
static int keep_piece(HttpReply *p, Str piece)
{
    ptrdiff_t room = HTTP_LINE_MAX - p->line_bytes, n = MIN(room, piece.len);
    memcpy(p->line + p->line_bytes, piece.ptr, (size_t)n);
    p->line_bytes += (int)n;
    p->line_cut |= n < piece.len;
    if (p->state == HTTP_STATUS_LINE)
        if (memcmp(p->line, "HTTP/1.", (size_t)MIN(p->line_bytes, 7)) != 0)
            return refuse(p, "no HTTP/1.x status line");
    if (p->state == HTTP_CHUNK_END)
        if (p->line_bytes > 1 || p->line[0] != '\r')
            return refuse(p, "a chunk without its end");
    return 0;
}

/* One line, or the rest of the bytes. */
static int feed_line(HttpReply *p, Str bytes, ptrdiff_t *ret_used)
{
    const char *end = memchr(bytes.ptr, '\n', (size_t)bytes.len);
    ptrdiff_t used = end ? end + 1 - bytes.ptr : bytes.len;
    bool framing = p->state == HTTP_CHUNK_SIZE || p->state == HTTP_CHUNK_END;
    p->head_bytes += framing ? 0 : (uint64_t)used;
    *ret_used = used;
    if (p->head_bytes > p->head_max)
        return refuse(p, "a head larger than head_max");
    if (!end)
        return keep_piece(p, bytes);
    Str line = { bytes.ptr, used - 1 };
    if (p->line_bytes) {
        TRY(keep_piece(p, line));
        line = (Str){ p->line, p->line_bytes };
    } else if (line.len > HTTP_LINE_MAX) { /* as if it had come in pieces */
        line.len = HTTP_LINE_MAX;
        p->line_cut = true;
    }
    int r = read_line(p, line);
    p->line_bytes = 0;
    p->line_cut = false;
    return r;
}

/* ---- body ---- */

static ptrdiff_t take_body(HttpReply *p, Str bytes, uint64_t most)
{
    ptrdiff_t n = (uint64_t)bytes.len < most ? bytes.len : (ptrdiff_t)most;
    p->body_bytes += (uint64_t)n;
    if (p->on_body)
        p->on_body(p->user, (Str){ bytes.ptr, n });
    return n;
}

static int feed_body(HttpReply *p, Str bytes, ptrdiff_t *ret_used)
{
    *ret_used = take_body(p, bytes, p->body_left);
    p->body_left -= (uint64_t)*ret_used;
    if (p->body_left)
        return HTTP_MORE;
    if (p->state == HTTP_BODY_LENGTH)
        return complete(p);
    p->state = HTTP_CHUNK_END;
    return HTTP_MORE;
}

static int feed_head(HttpReply *p, Str rest, ptrdiff_t *ret_used)
{
    bool head = p->state <= HTTP_FIELDS;
    int r = feed_line(p, rest, ret_used);
    if (head && p->on_head && *ret_used)
        p->on_head(p->head_user, str_slice(rest, 0, *ret_used));
    return r;
}

int http_reply_feed(HttpReply *p, Str bytes, ptrdiff_t *ret_used)
{
    int r = HTTP_MORE;
    ptrdiff_t at = 0;
    while (r == HTTP_MORE && at < bytes.len) {
        Str rest = { bytes.ptr + at, bytes.len - at };
        ptrdiff_t used = 0;
        if (p->state == HTTP_BODY_LENGTH || p->state == HTTP_CHUNK_DATA)
            r = feed_body(p, rest, &used);
        else if (p->state == HTTP_BODY_EOF)
            used = take_body(p, rest, UINT64_MAX);
        else
            r = feed_head(p, rest, &used);
        at += used;
    }
    *ret_used = at;
    return r;
}

int http_reply_eof(HttpReply *p)
{
    return p->state == HTTP_BODY_EOF ? complete(p) : -ECONNRESET;
}
