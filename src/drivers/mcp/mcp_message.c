#include "drivers/mcp/mcp_message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json_find.h"

enum { EXPLAIN_MAX = 256 };

static Str unquoted(Str raw)
{
    bool quoted = raw.len >= 2 && raw.ptr[0] == '"';
    return quoted ? str_slice(raw, 1, raw.len - 1) : raw;
}

static int64_t read_code(Str raw)
{
    bool minus = str_starts(raw, STR("-"));
    uint64_t n = 0;
    if (str_to_u64(minus ? str_slice(raw, 1, raw.len) : raw, &n) < 0 || n > INT32_MAX)
        return 0;
    return minus ? -(int64_t)n : (int64_t)n;
}

/* ---- what stands within results, errors and params: what is not known is passed over ---- */

static void note_result(McpMessage *m, Str key, Str value)
{
    if (str_eqz(key, "isError"))
        m->tool_failed = str_eqz(value, "true");
    else if (str_eqz(key, "resultType"))
        m->wants_input = str_eqz(value, "\"input_required\"");
    else if (str_eqz(key, "nextCursor"))
        m->cursor = str_starts(value, STR("\"")) && value.len > 2 ? value : (Str){ 0 };
    else if (str_eqz(key, "protocolVersion"))
        m->version = unquoted(value);
}

static void note_error(McpMessage *m, Str key, Str value)
{
    if (str_eqz(key, "code"))
        m->code = read_code(value);
    else if (str_eqz(key, "message"))
        m->text = value;
}

static void note_params(McpMessage *m, Str key, Str value)
{
    if (str_eqz(key, "progressToken"))
        m->has_token = str_to_u64(value, &m->token) == 0;
}

static int note_members(McpMessage *m, void (*note)(McpMessage *, Str, Str))
{
    JsonMembers inner = { .rest = m->body };
    Str key, value;
    int r;
    while ((r = json_member(&inner, &key, &value)) > 0)
        note(m, key, value);
    return r;
}

/* ---- the message ---- */

typedef struct Seen {
    bool version, result, error;
} Seen;

static void note_member(McpMessage *m, Seen *s, Str key, Str value)
{
    if (str_eqz(key, "id")) {
        m->raw_id = str_eqz(value, "null") ? (Str){ 0 } : value;
        m->has_id = str_to_u64(value, &m->id) == 0;
    } else if (str_eqz(key, "method")) {
        m->method = unquoted(value);
    } else if (str_eqz(key, "result") || str_eqz(key, "error")) {
        s->result |= key.ptr[0] == 'r';
        s->error |= key.ptr[0] == 'e';
        m->body = value;
    } else if (str_eqz(key, "params")) {
        m->body = value;
    } else if (str_eqz(key, "jsonrpc")) {
        s->version = str_eqz(value, "\"2.0\"");
    }
}

static int refuse(const char **ret_wrong, const char *why)
{
    *ret_wrong = why;
    return -EPROTO;
}

/* Which kind it is, by what it has. */
static int tell_kind(McpMessage *m, const Seen *s, const char **ret_wrong)
{
    bool asks = m->method.len > 0, answers = s->result || s->error;
    if (!s->version)
        return refuse(ret_wrong, "JSON, but no message of JSON-RPC 2.0");
    if (asks == answers || (s->result && s->error))
        return refuse(ret_wrong, "a message that is neither one request nor one answer");
    if (s->result && !m->raw_id.len)
        return refuse(ret_wrong, "a result that does not say of which request");
    if (asks)
        m->kind = m->raw_id.len ? MCP_REQUEST : MCP_NOTIFICATION;
    else
        m->kind = s->error ? MCP_ERROR : MCP_RESULT;
    return 0;
}

static int read_body(McpMessage *m, const char **ret_wrong)
{
    bool optional = m->kind == MCP_REQUEST || m->kind == MCP_NOTIFICATION;
    if (optional && !m->body.len)
        return 0;
    if (note_members(m, m->kind == MCP_RESULT  ? note_result
                        : m->kind == MCP_ERROR ? note_error
                                               : note_params) < 0)
        return refuse(ret_wrong, "a result, an error or params that are no object");
    return 0;
}

int mcp_read(Str text, McpMessage *ret, const char **ret_wrong)
{
    McpMessage m = { 0 };
    Seen seen = { 0 };
    Str key, value;
    text = str_trim(text);
    JsonMembers outer = { .rest = text };
    int r;
    if (str_starts(text, STR("[")))
        return refuse(ret_wrong, "a batch, and nobody sent one");
    while ((r = json_member(&outer, &key, &value)) > 0)
        note_member(&m, &seen, key, value);
    if (r < 0 || str_trim(outer.rest).len > 0)
        return refuse(ret_wrong, "what is no JSON object");
    TRY(tell_kind(&m, &seen, ret_wrong));
    TRY(read_body(&m, ret_wrong));
    *ret = m;
    return 0;
}

/* ---- for people ---- */

/* The begin of a raw string, readable. */
static void put_text(Str raw, char *buf, ptrdiff_t cap)
{
    char quoted[EXPLAIN_MAX + 2] = "\"", plain[EXPLAIN_MAX + 2];
    Str s = unquoted(raw);
    s = str_slice(s, 0, MIN(s.len, (ptrdiff_t)EXPLAIN_MAX));
    if (s.len)
        memcpy(quoted + 1, s.ptr, (size_t)s.len);
    quoted[s.len + 1] = '"';
    ptrdiff_t n = json_unquote((Str){ quoted, s.len + 2 }, plain);
    Str shown = n < 0 ? s : (Str){ plain, n }; /* cut within an escape */
    n = MIN(shown.len, cap - 1);
    for (ptrdiff_t i = 0; i < n; i++)
        buf[i] =
            (char)((unsigned char)shown.ptr[i] < ' ' || shown.ptr[i] == 0x7f ? ' ' : shown.ptr[i]);
    buf[n] = '\0';
}

void mcp_explain(const McpMessage *m, char *buf, ptrdiff_t cap)
{
    Str said = m->text;
    int n = m->kind == MCP_ERROR ? snprintf(buf, (size_t)cap, "error %lld: ", (long long)m->code)
                                 : snprintf(buf, (size_t)cap, "the tool failed: ");
    if (m->kind == MCP_RESULT && json_find(m->body, STR("/content/0/text"), &said) != 0)
        said = STR("\"it does not say why\"");
    if (n < cap - 1)
        put_text(said, buf + n, cap - n);
}
