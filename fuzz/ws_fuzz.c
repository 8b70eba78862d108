/* WebSocket frames: whole and in pieces come to the same; handshake heads: what is taken fits the
 * key. The first byte of the input says how to cut. */
#include <string.h>

#include "drivers/ws/ws_frame.h"
#include "fuzz.h"

enum { EVENTS_MAX = 4096, MESSAGE_MAX = 2000 };

typedef struct Story {
    int events[EVENTS_MAX];
    uint64_t sizes[EVENTS_MAX];
    int n, end;
    uint64_t piece_bytes;
} Story;

static void on_piece(void *user, Str piece)
{
    ((Story *)user)->piece_bytes += (uint64_t)piece.len;
}

static void tell(Story *s, Str in, ptrdiff_t step)
{
    WsParser p;
    ws_begin(&p, MESSAGE_MAX);
    p.on_piece = on_piece;
    p.user = s;
    ptrdiff_t at = 0;
    while (at < in.len && s->n < EVENTS_MAX) {
        Str piece = str_slice(in, at, MIN(at + step, in.len));
        ptrdiff_t used = -1;
        s->end = ws_feed(&p, piece, &used);
        FUZZ_HOLDS(used >= 0 && used <= piece.len);
        FUZZ_HOLDS(s->end < 0 || s->end != WS_MORE || used == piece.len);
        FUZZ_HOLDS(p.control_bytes >= 0 && p.control_bytes <= WS_CONTROL_MAX);
        FUZZ_HOLDS((s->end < 0) == (p.wrong != NULL));
        at += used;
        if (s->end < 0)
            return;
        if (s->end != WS_MORE) {
            s->sizes[s->n] = s->end == WS_MESSAGE ? p.message_bytes : (uint64_t)p.control_bytes;
            FUZZ_HOLDS(s->sizes[s->n] <= MESSAGE_MAX);
            s->events[s->n++] = s->end;
        }
        if (s->end == WS_CLOSE)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    static Story whole, pieces;
    Str in = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    whole.n = pieces.n = whole.end = pieces.end = 0;
    whole.piece_bytes = pieces.piece_bytes = 0;
    tell(&whole, in, MAX(in.len, (ptrdiff_t)1));
    tell(&pieces, in, bytes[0] % 16 + 1);
    FUZZ_HOLDS(whole.n == pieces.n && (whole.end < 0) == (pieces.end < 0));
    FUZZ_HOLDS(memcmp(whole.events, pieces.events, (size_t)whole.n * sizeof *whole.events) == 0);
    FUZZ_HOLDS(memcmp(whole.sizes, pieces.sizes, (size_t)whole.n * sizeof *whole.sizes) == 0);
    FUZZ_HOLDS(whole.end < 0 || whole.piece_bytes == pieces.piece_bytes);
    int status = -1;
    const char *accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    if (!ws_check_reply(in, accept, NULL, &status))
        FUZZ_HOLDS(status == 101 && str_find(in, str(accept)) > 0);
    FUZZ_HOLDS(status >= 0 && status <= 999);
    return 0;
}
