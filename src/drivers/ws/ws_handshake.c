/* The opening handshake: RFC 6455, section 4. */
#include <string.h>

#include "base/base64.h"
#include "base/sha1.h"
#include "drivers/ws/ws_frame.h"

void ws_accept_of(const char key[WS_KEY_CHARS + 1], char ret[WS_ACCEPT_CHARS + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[WS_KEY_CHARS + sizeof guid];
    unsigned char sum[SHA1_BYTES];
    memcpy(text, key, WS_KEY_CHARS);
    memcpy(text + WS_KEY_CHARS, guid, sizeof guid);
    sha1((Str){ text, (ptrdiff_t)sizeof text - 1 }, sum);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    base64_encode((Str){ (const char *)sum, SHA1_BYTES }, &b);
    assert(b.len == WS_ACCEPT_CHARS);
    memcpy(ret, strbuf_z(&b), WS_ACCEPT_CHARS + 1);
}

static bool has_word(Str list, const char *word)
{
    Str one;
    while (str_cut(&list, ',', &one))
        if (str_eq_nocase(str_trim(one), str(word)))
            return true;
    return false;
}

static bool cut_line(Str *rest, Str *ret)
{
    if (!str_cut(rest, '\n', ret))
        return false;
    if (ret->len && ret->ptr[ret->len - 1] == '\r')
        ret->len--;
    return ret->len > 0;
}

/* "HTTP/1.1 101 Switching Protocols". 0 when it is no such line. */
static int read_status(Str line)
{
    uint64_t n = 0;
    if (line.len < 12 || !str_starts(line, STR("HTTP/1.1 ")) ||
        (line.len > 12 && line.ptr[12] != ' '))
        return 0;
    return str_to_u64(str_slice(line, 9, 12), &n) == 0 ? (int)n : 0;
}

typedef struct Seen {
    bool upgrade, connection, accept, extension, odd;
    int n_protocols;
    Str protocol;
} Seen;

static void look_at(Seen *s, Str line, const char *accept)
{
    ptrdiff_t colon = str_find_char(line, ':');
    if (colon <= 0) {
        s->odd = true;
        return;
    }
    Str name = str_slice(line, 0, colon), value = str_trim(str_slice(line, colon + 1, line.len));
    if (str_eq_nocase(name, STR("upgrade")))
        s->upgrade |= has_word(value, "websocket");
    else if (str_eq_nocase(name, STR("connection")))
        s->connection |= has_word(value, "upgrade");
    else if (str_eq_nocase(name, STR("sec-websocket-accept")))
        s->accept |= str_eq(value, str(accept));
    else if (str_eq_nocase(name, STR("sec-websocket-extensions")))
        s->extension |= value.len > 0;
    else if (str_eq_nocase(name, STR("sec-websocket-protocol"))) {
        s->protocol = value;
        s->n_protocols++;
    }
}

const char *ws_check_reply(Str head, const char *accept, const char *subprotocol, int *ret_status)
{
    Str line = { 0 };
    Seen s = { 0 };
    *ret_status = cut_line(&head, &line) ? read_status(line) : 0;
    if (*ret_status == 0)
        return "no HTTP/1.1 status line";
    if (*ret_status != 101)
        return "the target does not switch to WebSocket";
    while (cut_line(&head, &line))
        look_at(&s, line, accept);
    if (s.odd)
        return "a header line that is none";
    if (!s.upgrade || !s.connection)
        return "no Upgrade: websocket with Connection: Upgrade";
    if (!s.accept)
        return "Sec-WebSocket-Accept does not fit the key";
    if (s.extension)
        return "an extension nobody asked for";
    if (s.n_protocols > 1 ||
        (s.n_protocols && (!subprotocol || !str_eq(s.protocol, str(subprotocol)))))
        return "a subprotocol nobody asked for";
    if (subprotocol && !s.n_protocols)
        return "the subprotocol was not taken";
    return NULL;
}
