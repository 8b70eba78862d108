#include "drivers/mcp/mcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/json_find.h"

enum { PAGES_MAX = 10000 };

static const char *const eras[] = { "auto", "sessions", "stateless", NULL };
static const char *const lists[] = { "none", "tools", "prompts", "resources", "templates", NULL };
static const char *const answers[] = { "result", "tool_error", "error", "any", NULL };

static const Opt mcp_target_opts[] = {
    OPT(McpTargetOpts, command, STR,
        .help = "program that is the server (stdio) and its arguments, quoted as in a shell; or "
                "its URL"),
    OPT(McpTargetOpts, url, STR,
        .help = "http:// or https://host:port/path of a server (streamable HTTP)"),
    OPT(McpTargetOpts, also, LIST, .arg = "COMMAND",
        .help = "more servers, programs or URLs; users go to one after the other in turn"),
    OPT(McpTargetOpts, era, ENUM, .dflt = "auto", .choices = eras,
        .help =
            "sessions: revisions up to 2025-11-25, begun with initialize; stateless: 2026-07-28; "
            "auto: each server is asked"),
    OPT(McpTargetOpts, sessions, U32, .dflt = "0", .max = 256,
        .help = "sessions (stdio: server processes) of each thread of the load, shared by its "
                "users; 0: one for each user"),
    OPT(McpTargetOpts, list_first, BOOL, .dflt = "no",
        .help = "open each session (stdio: process) with a tools/list, as hosts do"),
    OPT(McpTargetOpts, message_max, BYTES, .dflt = "16MiB", .min = 1024, .max = 1e9,
        .help = "largest message taken; more counts as a protocol failure"),
    OPT(McpTargetOpts, http_headers, MAP, .secret = true,
        .help = "HTTP: more headers of every request"),
    OPT(McpTargetOpts, bearer, STR, .arg = "TOKEN", .secret = true,
        .help = "HTTP: log in with each request by a bearer token"),
    OPT(McpTargetOpts, user_agent, STR, .dflt = "assay/" ASSAY_VERSION,
        .help = "HTTP: what the User-Agent header says"),
    OPT(McpTargetOpts, connect_to, STR, .arg = "HOST:PORT",
        .help = "HTTP: connect there (or to unix:/path) instead of the URL's host"),
    TLS_ROWS(McpTargetOpts),
    { .type = OPT_END },
};

static const Opt mcp_request_opts[] = {
    OPT(McpRequestOpts, call, STR, .arg = "TOOL", .help = "tool to call (tools/call)"),
    OPT(McpRequestOpts, arguments, STR, .arg = "JSON", .json = true,
        .help = "its arguments, or a prompt's; with method, the whole params; ${uniform(1,9)} and "
                "its like differ from one to the next"),
    OPT(McpRequestOpts, list, ENUM, .dflt = "none", .choices = lists,
        .help = "list what the server has, all pages; without any request: its tools"),
    OPT(McpRequestOpts, read, STR, .arg = "URI", .help = "resource to read (resources/read)"),
    OPT(McpRequestOpts, prompt, STR, .arg = "NAME", .help = "prompt to get (prompts/get)"),
    OPT(McpRequestOpts, method, STR, .help = "any other method, such as ping or server/discover"),
    OPT(McpRequestOpts, progress, BOOL, .dflt = "no",
        .help = "ask for notifications about progress; the first is time_to_first_event"),
    OPT(McpRequestOpts, answer, ENUM, .dflt = "result", .choices = answers,
        .help = "what is a good answer: a result, a tool's own error (isError), an error of the "
                "protocol (JSON-RPC), or any"),
    OPT(McpRequestOpts, check, MAP, .arg = "WHAT=WANTED",
        .help = "what the result must hold: json /POINTER, body (contains), regex PATTERN (yes, or "
                "what it finds), size and time (< or > a limit)"),
    OPT(McpRequestOpts, extract, MAP, .arg = "NAME=SOURCE",
        .help = "scenarios: values for later steps' ${NAME}, from json /POINTER, regex PATTERN or "
                "body of the result"),
    OPT(McpRequestOpts, feed, STR, .arg = "FILE",
        .help = "rows (CSV with a line of names, or .jsonl) for ${feed.COLUMN}"),
    OPT(McpRequestOpts, feed_order, ENUM, .dflt = "circular", .choices = feed_orders,
        .help = "which row a request takes: the next one, any, or one of its user's own"),
    { .type = OPT_END },
};

static const DriverMetric mcp_metrics[] = {
    [MCP_START_TIME] = { "start_time", "ns", "histogram, from start to the first answers", false },
    [MCP_RESTARTS] = { "restarts", "count", "servers started again after one was lost", true },
    [MCP_SETUP_TIME] = { "setup_time", "ns", "histogram, initialize or server/discover", false },
    [MCP_FIRST_LIST_TIME] = { "first_list_time", "ns", "histogram, tools/list of a new session",
                              false },
    [MCP_FIRST_EVENT] = { "time_to_first_event", "ns", "histogram, from sent", false },
    [MCP_EVENTS_SEEN] = { "events", "count", "notifications before results", true },
    ENDPOINT_METRICS, /* from MCP_TLS_TIME on */
    { NULL },
};

/* ---- connections ---- */

static void free_buffers(McpConn *c)
{
    free(c->cursor.ptr);
    free(c->name.ptr);
    free(c->params.ptr);
    seen_done(&c->seen);
}

static int mcp_open(VuIo *io, const void *target, void *conn)
{
    McpConn *c = conn;
    McpShared *shared = vu_shared(io);
    c->io = io;
    c->target = target;
    c->server = &c->target->servers[vu_draw(io)->user % (uint32_t)c->target->n];
    c->causes = &shared->pools[c->server->index].causes;
    int r = c->server->http ? mcp_http_open(io, c) : mcp_stdio_open(io, c);
    if (r < 0)
        free_buffers(c);
    return r;
}

static void mcp_close(VuIo *io, void *conn)
{
    McpConn *c = conn;
    if (c->server->http)
        mcp_http_close(io, c);
    else
        mcp_stdio_close(io, c);
    free_buffers(c);
}

/* A session over HTTP lives without a connection. */
static int mcp_hold(VuIo *io, void *conn)
{
    McpConn *c = conn;
    int r = 0;
    if (!c->server->http)
        return child_keep(io, &c->seat);
    while (r == 0)
        r = vu_park(io);
    return r;
}

/* ---- calls ---- */

/* `"name":"echo","arguments":{…}` of the user's next call. */
static int render(VuIo *io, McpConn *c, const McpRequest *r, McpAsk *a)
{
    Draw *d = vu_draw(io);
    ptrdiff_t name = r->name ? template_room(r->name, d) : 0;
    ptrdiff_t room = 16 + 6 * name + (r->params ? template_room(r->params, d) : 0);
    TRY(buf_grow(&c->name.ptr, &c->name.cap, name + 1));
    TRY(buf_grow(&c->params.ptr, &c->params.cap, room));
    draw_next(d, r->feed);
    char *to = c->params.ptr;
    if (r->name) {
        a->name = (Str){ c->name.ptr, template_render(r->name, d, c->name.ptr) };
        to = mcp_put_str(to, r->name_key);
        to = json_escape(to, a->name);
        to = mcp_put_str(to, r->params ? STR("\",") : STR("\""));
    }
    if (r->params)
        to += template_render(r->params, d, to);
    a->params = (Str){ c->params.ptr, to - c->params.ptr };
    return 0;
}

/* All pages of a list; or the one answer. */
static int exchange(VuIo *io, McpConn *c, const McpRequest *r, McpAsk *a)
{
    for (int page = 0; page < PAGES_MAX; page++) {
        TRY(mcp_exchange(io, c, a));
        if (!r->pages || c->answer.n_cursor == 0)
            return 0;
        a->cursor = (Str){ c->cursor.ptr, c->answer.n_cursor };
    }
    c->answer.cause = "a list of more than 10000 pages";
    return -EPROTO;
}

static int fail(Outcome *out, FailClass class, const char *cause)
{
    out->failed = true;
    out->fail = class;
    out->cause = cause;
    return 0;
}

static int fail_status(const McpConn *c, Outcome *out)
{
    int status = c->answer.status;
    out->status = status;
    out->close = true; /* a session that is over, or never was: begin anew */
    return fail(out,
                status == 401   ? FAIL_UNAUTHORIZED
                : status == 403 ? FAIL_FORBIDDEN
                                : FAIL_STATUS,
                c->answer.cause);
}

static int judge(VuIo *io, McpConn *c, const McpRequest *r, Outcome *out)
{
    const McpAnswer *a = &c->answer;
    McpWanted got = a->refused ? WANT_ERROR : a->tool_failed ? WANT_TOOL_ERROR : WANT_RESULT;
    if (!a->came)
        return fail_status(c, out);
    if (a->wants_input)
        return fail(out, FAIL_STATUS, a->cause);
    if (got != r->wanted && r->wanted != WANT_ANY)
        return fail(out,
                    got == WANT_ERROR        ? FAIL_STATUS
                    : got == WANT_TOOL_ERROR ? FAIL_TOOL
                                             : FAIL_CHECK,
                    got == WANT_RESULT ? "a result, where an error is wanted" : a->cause);
    const HttpLookReply reply = { .seen = &c->seen,
                                  .out = out,
                                  .body_bytes = (uint64_t)c->seen.n_body };
    const char *wrong = r->look ? http_look(r->look, io, &reply) : NULL;
    return wrong ? fail(out, FAIL_CHECK, wrong) : 0;
}

static int mcp_call(VuIo *io, void *conn, const void *request, Outcome *out)
{
    McpConn *c = conn;
    const McpRequest *r = request;
    if (!c->server->http && !child_is_up(io, c->seat.link))
        return CALL_STALE;
    McpAsk a = { .method = r->method, .progress = r->progress };
    TRY(render(io, c, r, &a));
    c->out = out;
    c->keeps = r->look != NULL;
    int e = exchange(io, c, r, &a);
    c->out = NULL;
    if (e == 0)
        return judge(io, c, r, out);
    out->cause = c->answer.cause;
    return e;
}

static void mcp_release_shared(void *shared)
{
    McpShared *s = shared;
    for (int i = 0; i < MCP_SERVERS_MAX; i++)
        child_pool_release(&s->pools[i]);
}

static int mcp_target_pid(const void *target)
{
    const McpTarget *t = target;
    return t->minder ? t->minder->pid : 0;
}

const Driver driver_mcp = {
    .abi = DRIVER_ABI,
    .name = "mcp",
    .summary = "tool servers of the Model Context Protocol, over stdio and HTTP",
    .request_key = "call",
    .target_opts = mcp_target_opts,
    .target_opts_bytes = sizeof(McpTargetOpts),
    .request_opts = mcp_request_opts,
    .request_opts_bytes = sizeof(McpRequestOpts),
    .target_bytes = sizeof(McpTarget),
    .request_bytes = sizeof(McpRequest),
    .conn_bytes = sizeof(McpConn),
    .prepare_target = mcp_prepare_target,
    .prepare_request = mcp_prepare_request,
    .prepare_step = mcp_prepare_step,
    .open = mcp_open,
    .call = mcp_call,
    .close = mcp_close,
    .release_request = mcp_release_request,
    .release_target = mcp_release_target,
    .hold = mcp_hold,
    .shared_bytes = sizeof(McpShared),
    .release_shared = mcp_release_shared,
    .metrics = mcp_metrics,
    .target_key = "command",
    .target_pid = mcp_target_pid,
};
