/* The MCP driver: tool servers that are asked over stdio or HTTP, with sessions or without. See
 * mcp.md. */
#pragma once

#include "drivers/child/child.h"
#include "drivers/endpoint.h"
#include "drivers/http/http_look.h"
#include "drivers/http/http_reply.h"
#include "drivers/mcp/mcp_frames.h"
#include "drivers/mcp/mcp_message.h"
#include "drivers/mcp/mcp_put.h"

extern const Driver driver_mcp;

typedef enum McpEra { MCP_AUTO, MCP_SESSIONS, MCP_STATELESS } McpEra;

typedef struct McpTargetOpts {
    const char *command, *url, *connect_to, *user_agent, *bearer;
    StrList also;
    StrMap http_headers;
    int era; /* McpEra */
    uint32_t sessions;
    uint64_t message_max;
    bool list_first;
    TlsOpts tls;
} McpTargetOpts;

typedef enum McpList {
    LIST_NONE,
    LIST_TOOLS,
    LIST_PROMPTS,
    LIST_RESOURCES,
    LIST_TEMPLATES
} McpList;
/* What a good answer is. */
typedef enum McpWanted { WANT_RESULT, WANT_TOOL_ERROR, WANT_ERROR, WANT_ANY } McpWanted;

typedef struct McpRequestOpts {
    const char *call, *prompt, *read, *method, *arguments, *feed;
    int list;       /* McpList */
    int answer;     /* McpWanted */
    int feed_order; /* FeedOrder */
    bool progress;
    StrMap check, extract;
} McpRequestOpts;

/* ---- between the driver's files ---- */

enum {
    MCP_START_TIME,
    MCP_RESTARTS,
    MCP_SETUP_TIME,
    MCP_FIRST_LIST_TIME,
    MCP_FIRST_EVENT,
    MCP_EVENTS_SEEN,
    MCP_TLS_TIME, /* and resumed */
};

enum { MCP_SERVERS_MAX = 16, MCP_VERSION_CHARS = 24, MCP_ASKED_MAX = 4, MCP_SESSION_MAX = 4096 };

/* One of the servers that the users are spread over. */
typedef struct McpServer {
    ptrdiff_t index;
    const char *name; /* command or URL, as it was given */
    ChildProgram program;
    bool http;
    Endpoint endpoint;
    Str head; /* of its POSTs, up to what differs from one to the next */
    Str bye;  /* … of the DELETE that ends a session */
} McpServer;

typedef struct McpTarget {
    Arena arena;
    McpServer *servers; /* [n] in the arena */
    ptrdiff_t n;
    Minder *minder; /* NULL: no server is started here */
    McpEra era;
    uint32_t sessions; /* of each thread of the load; 0: one for each user */
    uint64_t message_max;
    bool list_first;
} McpTarget;

typedef struct McpRequest {
    Arena arena;
    Str method;
    Str name_key;     /* of the params: `"name":"` or `"uri":"` */
    Template *name;   /* NULL: there is none */
    Template *params; /* the params' other members, as JSON without braces */
    bool pages;       /* a list, which may come in several */
    bool progress;
    McpWanted wanted;
    HttpLook *look; /* owned; NULL: answers are not looked into */
    Feed *feed;     /* NULL: none */
} McpRequest;

typedef struct McpSession McpSession;

/* What the users of a thread share. */
typedef struct McpShared {
    ChildPool pools[MCP_SERVERS_MAX];
    McpEra known[MCP_SERVERS_MAX]; /* MCP_AUTO: not yet */
    McpSession *sessions[MCP_SERVERS_MAX];
} McpShared;

typedef struct McpBuffer {
    char *ptr; /* owned */
    ptrdiff_t cap;
} McpBuffer;

/* What an ask came to. */
typedef struct McpAnswer {
    bool came;          /* the server answered it, in one way or another */
    bool tool_failed;   /* … with a result that says isError */
    bool wants_input;   /* … with a result that asks for more */
    bool refused;       /* … with an error of JSON-RPC */
    int64_t code;       /* then */
    int status;         /* … or, over HTTP, with a status alone */
    const char *cause;  /* of any of these; lasts as long as the thread */
    uint64_t ns;        /* when it came */
    ptrdiff_t n_cursor; /* bytes in c->cursor: there are more pages */
} McpAnswer;

/* A request of the server's that is to be answered. */
typedef struct McpAsked {
    char raw_id[MCP_RAW_ID_MAX];
    int n_id;
    bool ping;
} McpAsked;

typedef struct McpConn {
    ChildSeat seat; /* first; stdio */
    VuIo *io;
    const McpTarget *target;
    const McpServer *server;
    ChildCauses *causes;
    McpEra era;
    char version[MCP_VERSION_CHARS]; /* of the session */
    /* the ask at hand */
    bool asking;
    uint64_t id;
    bool keeps;   /* the answer's text goes into `seen` */
    Outcome *out; /* NULL: of no operation */
    McpAnswer answer;
    uint32_t n_events;
    McpBuffer cursor, name, params;
    HttpSeen seen;
    /* HTTP */
    VuFd fd, side; /* side: for answers to the server while a stream is open */
    McpBuffer wire, session;
    ptrdiff_t n_session; /* 0: there is none */
    bool framed;         /* the reply's head was looked at, and frames have begun */
    const char *wrong;   /* why what came is not of the protocol; NULL: it is */
    McpAsked asked[MCP_ASKED_MAX];
    int n_asked;
    McpSession *shared;           /* the session, where it is not the user's own */
    struct McpConn *next_waiting; /* … to be begun */
    McpFrames frames;
    HttpReply reply; /* last: its line buffer is rarely touched */
} McpConn;

int mcp_prepare_target(const void *opts, void *target, Err *err);
int mcp_prepare_request(const void *target, const void *opts, void *request, Err *err);
int mcp_prepare_step(const void *target, const void *opts, TemplateEnv env, void *request,
                     Err *err);
void mcp_release_target(void *target);
void mcp_release_request(void *request);

/* mcp_session.c: ask, and wait for what it comes to: 0 with c->answer, or as Driver.call. Sets
 * a->id and a->stateless. */
MUST_CHECK int mcp_exchange(VuIo *io, McpConn *c, McpAsk *a);
/* Find out which era the server is of, and begin a session where it has them. 0, or negative with
 * the cause told. */
MUST_CHECK int mcp_begin(VuIo *io, McpConn *c);

/* mcp_answer.c: what came for the ask at hand. */
void mcp_take_answer(McpConn *c, const McpMessage *m);
/* Something came before its answer. */
void mcp_take_event(McpConn *c);

/* mcp_stdio.c */
MUST_CHECK int mcp_stdio_open(VuIo *io, McpConn *c);
void mcp_stdio_close(VuIo *io, McpConn *c);
MUST_CHECK int mcp_stdio_exchange(VuIo *io, McpConn *c, McpAsk *a);
extern const ChildSpeech mcp_speech;

/* mcp_http.c */
MUST_CHECK int mcp_http_open(VuIo *io, McpConn *c);
void mcp_http_close(VuIo *io, McpConn *c);
MUST_CHECK int mcp_http_exchange(VuIo *io, McpConn *c, McpAsk *a);
/* mcp_shared.c. As mcp_begin, for a session that others may share; OPEN_JOINED when one was begun
 * already. */
MUST_CHECK int mcp_share_session(VuIo *io, McpConn *c);
/* The server says that it is over. */
void mcp_end_shared(McpConn *c);
/* Nobody's any more? Then it is to be ended, and is gone from the list. Also of a session of the
 * user's own. */
bool mcp_leave_session(McpConn *c, McpSession **list);
/* mcp_post.c: head and body of a POST into c->wire: two pieces. `a` NULL: an answer, `body`. */
MUST_CHECK int mcp_http_put(McpConn *c, const McpAsk *a, Str body, struct iovec iov[2]);
