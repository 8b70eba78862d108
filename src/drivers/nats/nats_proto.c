#include "drivers/nats/nats_proto.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define BYTES_MAX (1ull << 32) /* servers take 64 MiB at most */

static int wrong(NatsParser *p, const char *why)
{
    p->wrong = why;
    return -EPROTO;
}

/* The next word of the line; blanks and tabs part them. */
static Str next_word(Str *rest)
{
    ptrdiff_t at = 0, end;
    while (at < rest->len && (rest->ptr[at] == ' ' || rest->ptr[at] == '\t'))
        at++;
    for (end = at; end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t';)
        end++;
    Str word = str_slice(*rest, at, end);
    *rest = str_slice(*rest, end, rest->len);
    return word;
}

/* "subject sid [reply] [header bytes] bytes" */
static int begin_message(NatsParser *p, Str rest, bool headers)
{
    Str words[5];
    int n = 0, least = headers ? 4 : 3;
    for (Str w = next_word(&rest); w.len; w = next_word(&rest)) {
        if (n == least + 1)
            return wrong(p, "a message of too many words");
        words[n++] = w;
    }
    if (n < least || p->n_line >= NATS_LINE_MAX)
        return wrong(p, "a message without a subject, a subscription or a length");
    uint64_t all;
    p->header_bytes = 0;
    if (str_to_u64(words[1], &p->sid) < 0 || str_to_u64(words[n - 1], &all) < 0 ||
        (headers && str_to_u64(words[n - 2], &p->header_bytes) < 0))
        return wrong(p, "a message of no length");
    if (all > BYTES_MAX || p->header_bytes > all)
        return wrong(p, "a message longer than can be");
    Str reply = n > least ? words[2] : (Str){ 0 };
    if (reply.len >= NATS_REPLY_MAX)
        return wrong(p, "a reply to a subject that is too long");
    memcpy(p->reply, reply.ptr ? reply.ptr : "", (size_t)reply.len);
    p->reply[reply.len] = '\0';
    p->bytes = all - p->header_bytes;
    p->in_message = true;
    p->at = 0;
    return NATS_MORE;
}

static int take_line(NatsParser *p)
{
    static const struct {
        const char *word;
        NatsEvent event;
    } words[] = { { "MSG", NATS_MSG },   { "HMSG", NATS_MSG }, { "PING", NATS_PING },
                  { "PONG", NATS_PONG }, { "+OK", NATS_OK },   { "-ERR", NATS_ERR },
                  { "INFO", NATS_INFO } };
    Str line = { p->line, MIN(p->n_line, (ptrdiff_t)NATS_LINE_MAX - 1) };
    p->line[line.len] = '\0';
    Str rest = line, word = next_word(&rest);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(words); i++) {
        bool same = (size_t)word.len == strlen(words[i].word) &&
                    strncasecmp(word.ptr, words[i].word, (size_t)word.len) == 0;
        if (same && words[i].event == NATS_MSG)
            return begin_message(p, rest, i == 1);
        if (same)
            return (int)words[i].event;
    }
    return wrong(p, "a line that NATS doesn't have");
}

static int feed_line(NatsParser *p, Str in, ptrdiff_t *ret_used)
{
    for (ptrdiff_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (p->saw_cr) {
            *ret_used = i + 1;
            if (c != '\n')
                return wrong(p, "a line that doesn't end in CR LF");
            int r = take_line(p);
            p->saw_cr = false;
            p->n_line = 0;
            return r;
        }
        p->saw_cr = c == '\r';
        if (p->saw_cr)
            continue;
        if (p->n_line < NATS_LINE_MAX - 1)
            p->line[p->n_line] = c;
        p->n_line += p->n_line < NATS_LINE_MAX;
    }
    *ret_used = in.len;
    return NATS_MORE;
}

/* What of `in`, which stands `at` bytes behind the message's begin, belongs to [from, from + cap)
 * of it. */
static void keep(char *to, ptrdiff_t cap, uint64_t from, uint64_t bytes, uint64_t at, Str in)
{
    uint64_t end = from + MIN(bytes, (uint64_t)cap);
    uint64_t lo = MAX(at, from), hi = MIN(at + (uint64_t)in.len, end);
    if (lo < hi)
        memcpy(to + (lo - from), in.ptr + (lo - at), (size_t)(hi - lo));
}

static int feed_message(NatsParser *p, Str in, ptrdiff_t *ret_used)
{
    uint64_t all = p->header_bytes + p->bytes;
    Str body = str_slice(in, 0, p->at < all ? (ptrdiff_t)MIN(all - p->at, (uint64_t)in.len) : 0);
    keep(p->header, sizeof p->header, 0, p->header_bytes, p->at, body);
    keep(p->head, sizeof p->head, p->header_bytes, p->bytes, p->at, body);
    p->at += (uint64_t)body.len;
    ptrdiff_t i = body.len;
    for (; i < in.len && p->at < all + 2; i++, p->at++)
        if (in.ptr[i] != "\r\n"[p->at - all])
            return wrong(p, "a message longer than it says");
    *ret_used = i;
    if (p->at < all + 2)
        return NATS_MORE;
    p->in_message = false;
    return NATS_MSG;
}

int nats_feed(NatsParser *p, Str in, ptrdiff_t *ret_used)
{
    ptrdiff_t at = 0;
    while (at < in.len) {
        ptrdiff_t used = 0;
        Str rest = str_slice(in, at, in.len);
        int r = p->in_message ? feed_message(p, rest, &used) : feed_line(p, rest, &used);
        if (r < 0)
            return r;
        at += used;
        *ret_used = at;
        if (r != NATS_MORE)
            return r;
    }
    *ret_used = at;
    return NATS_MORE;
}

Str nats_head(const NatsParser *p)
{
    return (Str){ p->head, (ptrdiff_t)MIN(p->bytes, (uint64_t)NATS_HEAD_MAX) };
}

int nats_status(const NatsParser *p)
{
    uint64_t n;
    Str head = { p->header, (ptrdiff_t)MIN(p->header_bytes, (uint64_t)sizeof p->header) };
    bool there = str_starts(head, STR("NATS/1.0 ")) && str_to_u64(str_slice(head, 9, 12), &n) == 0;
    return there ? (int)n : 0;
}

const char *nats_cause(const NatsParser *p)
{
    static const char *const known[] = {
        "Authorization Violation",
        "Authentication Timeout",
        "Authentication Expired",
        "Slow Consumer",
        "Maximum Payload",
        "Maximum Connections",
        "Maximum Subscriptions",
        "Maximum Control Line",
        "Permissions Violation",
        "Stale Connection",
        "TLS Required",
        "Invalid Subject",
        "Invalid Client Protocol",
        "Unknown Protocol Operation",
        "Parser Error",
    };
    Str line = str(p->line);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(known); i++)
        for (ptrdiff_t at = 0; at < line.len; at++)
            if (strncasecmp(line.ptr + at, known[i], strlen(known[i])) == 0)
                return known[i];
    return "another error";
}
