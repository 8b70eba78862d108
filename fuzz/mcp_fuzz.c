/* What an MCP server sends, as lines, as a stream of events and as a body: whole and in pieces come
 * to the same messages, and each is read or refused. The first byte of the input says which framing
 * and how to cut. */
#include <string.h>

#include "drivers/mcp/mcp_frames.h"
#include "drivers/mcp/mcp_message.h"
#include "fuzz.h"

typedef struct Sum {
    uint64_t hash, messages, good, ids;
} Sum;

static void add(Sum *s, Str text)
{
    for (ptrdiff_t i = 0; i < text.len; i++)
        s->hash = (s->hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3;
    s->hash = (s->hash ^ 256) * 0x100000001b3;
}

static bool within(Str part, Str whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void on_message(void *user, Str text)
{
    Sum *s = user;
    McpMessage m;
    const char *wrong = NULL;
    char said[48];
    FUZZ_HOLDS(text.len > 0);
    add(s, text);
    s->messages++;
    if (mcp_read(text, &m, &wrong) < 0) {
        FUZZ_HOLDS(wrong && wrong[0]);
        return;
    }
    s->good++;
    s->ids += m.id;
    FUZZ_HOLDS(within(m.raw_id, text) && within(m.method, text) && within(m.body, text));
    FUZZ_HOLDS(within(m.cursor, m.body) && within(m.version, m.body) && within(m.text, m.body));
    FUZZ_HOLDS((m.kind == MCP_REQUEST || m.kind == MCP_NOTIFICATION) == (m.method.len > 0));
    FUZZ_HOLDS(m.kind != MCP_RESULT || (m.raw_id.len && m.body.len >= 2));
    mcp_explain(&m, said, sizeof said);
    FUZZ_HOLDS(strlen(said) < sizeof said && !memchr(said, '\n', strlen(said)));
}

static Sum play(Str in, McpFraming framing, ptrdiff_t step, bool *ret_fits)
{
    Sum s = { 0 };
    McpFrames f = { 0 };
    mcp_frames_begin(&f, framing, 512);
    f.on_message = on_message;
    f.user = &s;
    int r = 0;
    for (ptrdiff_t at = 0; at < in.len && r == 0; at += step)
        r = mcp_frames_feed(&f, str_slice(in, at, MIN(at + step, in.len)));
    FUZZ_HOLDS((r < 0) == (f.wrong != NULL));
    *ret_fits = r == 0;
    if (r == 0)
        mcp_frames_end(&f);
    mcp_frames_done(&f);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        return 0;
    Str in = { (const char *)bytes + 1, (ptrdiff_t)n - 1 };
    McpFraming framing = (McpFraming)(bytes[0] % 3);
    bool whole_fits, pieces_fit;
    Sum a = play(in, framing, MAX(in.len, (ptrdiff_t)1), &whole_fits);
    Sum b = play(in, framing, bytes[0] / 3 % 16 + 1, &pieces_fit);
    FUZZ_HOLDS(whole_fits == pieces_fit);
    FUZZ_HOLDS(a.hash == b.hash && a.messages == b.messages && a.good == b.good);
    FUZZ_HOLDS(a.ids == b.ids);
    return 0;
}
