/* Messages as servers send them, well and badly; and as the driver does. */
#include "drivers/mcp/mcp_message.h"

#include <string.h>

#include "drivers/mcp/mcp_frames.h"
#include "drivers/mcp/mcp_put.h"
#include "tap.h"

#define RPC "{\"jsonrpc\":\"2.0\","

static const struct {
    const char *text;
    McpKind kind;
    uint64_t id;
    const char *explained; /* NULL: not asked */
} good[] = {
    { RPC "\"id\":1,\"result\":{}}", MCP_RESULT, 1, NULL },
    { "{\"result\":{\"content\":[]},\"jsonrpc\":\"2.0\",\"id\":2} ", MCP_RESULT, 2, NULL },
    { RPC "\"id\":3,\"result\":{\"isError\":true,\"content\":[{\"text\":\"a\\nb\"}]}}", MCP_RESULT,
      3, "the tool failed: a b" },
    { RPC "\"id\":3,\"result\":{\"isError\":true}}", MCP_RESULT, 3,
      "the tool failed: it does not say why" },
    { RPC "\"id\":4,\"error\":{\"code\":-32602,\"message\":\"no \\\"x\\\"\"}}", MCP_ERROR, 4,
      "error -32602: no \"x\"" },
    { RPC "\"id\":null,\"error\":{\"message\":\"\\ud800\\\\\"}}", MCP_ERROR, 0,
      "error 0: \xef\xbf\xbd\\" },
    { RPC "\"error\":{\"code\":1e9}}", MCP_ERROR, 0, "error 0: " },
    { RPC "\"id\":\"a\",\"method\":\"ping\"}", MCP_REQUEST, 0, NULL },
    { RPC "\"method\":\"notifications/progress\",\"params\":{\"progressToken\":9}}",
      MCP_NOTIFICATION, 0, NULL },
};

static const char *const bad[] = {
    "",
    "{",
    "[]",
    "1",
    "null",
    "\"x\"",
    "{}",
    "{\"id\":1,\"result\":{}}",
    RPC "\"id\":1}",
    RPC "\"result\":{}}",
    RPC "\"id\":1,\"result\":[]}",
    RPC "\"id\":1,\"result\":{},\"error\":{}}",
    RPC "\"id\":1,\"result\":{},\"method\":\"x\"}",
    RPC "\"id\":1,\"result\":{}}x",
    RPC "\"id\":1,\"result\":{}",
    RPC "\"id\":1 \"result\":{}}",
    RPC "\"id\":1,\"result\":{\"a\"}}",
    "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}",
    RPC ",\"id\":1,\"result\":{}}",
    "{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
    RPC "\"method\":\"x\",\"params\":7}",
};

static void test_messages(void)
{
    McpMessage m;
    const char *wrong;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(good); i++) {
        char text[64];
        int r = mcp_read(str(good[i].text), &m, &wrong);
        CHECK(r == 0 && m.kind == good[i].kind && (!m.has_id || m.id == good[i].id), "reads: %s",
              good[i].text);
        if (!good[i].explained)
            continue;
        mcp_explain(&m, text, sizeof text);
        CHECK_STR(text, good[i].explained, "for people");
    }
    for (ptrdiff_t i = 0; i < ARRAY_LEN(bad); i++) {
        wrong = NULL;
        CHECK(mcp_read(str(bad[i]), &m, &wrong) < 0 && wrong, "refuses: %s: %s", bad[i],
              wrong ? wrong : "");
    }
    static const char page[] = RPC "\"id\":1,\"result\":{\"tools\":[],\"nextCursor\":\"a\\\"b\"}}";
    CHECK(mcp_read(str(page), &m, &wrong) == 0 && str_eqz(m.cursor, "\"a\\\"b\""), "a cursor");
    char small[20];
    CHECK(mcp_read(str(good[4].text), &m, &wrong) == 0, "an error");
    mcp_explain(&m, small, sizeof small);
    CHECK_STR(small, "error -32602: no \"x", "what is said is cut to the room");
}

static void note(void *user, Str text)
{
    StrBuf *b = user;
    strbuf_add(b, text);
    strbuf_addz(b, "|");
}

static void test_frames(void)
{
    static const struct {
        McpFraming framing;
        const char *in, *want;
    } rows[] = {
        { MCP_LINES, "{a}\n{b}\r\n\n  \n{c", "{a}|{b}|" },
        { MCP_EVENTS, "data: {a\ndata: }\n\n: x\n\ndata:\n\nid: 1\ndata: {b}\n\ndata: {c}",
          "{a\n}|{b}|" },
        { MCP_BODY, " {\n}\n", "{\n}|" },
        { MCP_BODY, "\n", "" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        for (ptrdiff_t step = 1; step < 8; step++) {
            CLEANUP(strbuf_done) StrBuf seen = { 0 };
            McpFrames f = { 0 };
            Str in = str(rows[i].in);
            mcp_frames_begin(&f, rows[i].framing, 100);
            f.on_message = note;
            f.user = &seen;
            for (ptrdiff_t at = 0; at < in.len; at += step)
                CHECK(mcp_frames_feed(&f, str_slice(in, at, MIN(at + step, in.len))) == 0, "fits");
            mcp_frames_end(&f);
            CHECK_STR(strbuf_z(&seen), rows[i].want, "framing %td by %td bytes", i, step);
            mcp_frames_done(&f);
        }
    McpFrames f = { 0 };
    mcp_frames_begin(&f, MCP_LINES, 4);
    CHECK(mcp_frames_feed(&f, STR("12345")) < 0 && f.wrong, "longer than allowed: %s", f.wrong);
    mcp_frames_done(&f);
}

static void test_put(void)
{
    char text[1000];
    McpAsk a = { .method = STR("tools/call"), .params = STR("\"name\":\"x\""), .id = 7 };
    text[mcp_put(text, &a)] = '\0';
    CHECK_STR(text, RPC "\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}",
              "a call");
    a = (McpAsk){ .method = STR("tools/list"), .cursor = STR("\"c\""), .id = 8, .progress = true };
    text[mcp_put(text, &a)] = '\0';
    CHECK_STR(text,
              RPC "\"id\":8,\"method\":\"tools/list\",\"params\":{\"cursor\":\"c\",\"_meta\":{"
                  "\"progressToken\":8}}}",
              "a page, with progress");
    a = (McpAsk){ .method = STR("server/discover"), .stateless = true, .progress = true };
    text[mcp_put(text, &a)] = '\0';
    CHECK(
        strstr(text, "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"") &&
            strstr(text, "\"io.modelcontextprotocol/clientCapabilities\":{},\"progressToken\":0}"),
        "who asks: %s", text);
    a = (McpAsk){ .method = STR("notifications/initialized"), .notification = true };
    text[mcp_put(text, &a)] = '\0';
    CHECK_STR(text, RPC "\"method\":\"notifications/initialized\",\"params\":{}}", "no id");
    text[mcp_put_reply(text, STR("\"a\""), STR("ping"))] = '\0';
    CHECK_STR(text, RPC "\"id\":\"a\",\"result\":{}}", "a ping is answered");
}

int main(void)
{
    test_messages();
    test_frames();
    test_put();
    return tap_done();
}
