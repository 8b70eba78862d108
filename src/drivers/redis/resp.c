#include "drivers/redis/resp.h"

#include <errno.h>
#include <string.h>

/* 512 MiB is what servers take by default; a count beyond this is no reply that anyone waits for.
 */
#define BULK_MAX (1ull << 32)
#define COUNT_MAX (1ull << 32)

static int wrong(RespParser *p, const char *why)
{
    p->wrong = why;
    return -EPROTO;
}

/* The first word of the first error: upper case letters and digits by custom. */
static void note_error(RespParser *p, Str text)
{
    if (p->failed || p->is_push)
        return;
    ptrdiff_t n = 0;
    while (n < text.len && n < RESP_WORD_MAX - 1 && text.ptr[n] > ' ' && text.ptr[n] <= '~')
        n++;
    memcpy(p->word, text.ptr, (size_t)n);
    p->word[n] = '\0';
    p->failed = true;
}

/* One of the values to come is there. True when that makes the reply whole. */
static bool one_less(RespParser *p)
{
    p->pending--;
    if (p->pending > 0)
        return false;
    bool reply = !p->is_push;
    p->is_push = false;
    return reply;
}

static int begin_bulk(RespParser *p, Str number)
{
    int64_t n;
    if (str_to_i64(number, &n) < 0 || n < -1 || n > (int64_t)BULK_MAX)
        return wrong(p, "a bulk value of no length");
    if (n == -1) /* null */
        return one_less(p);
    p->in_bulk = true;
    p->bulk = (uint64_t)n + 2;
    p->bulk_bytes = (uint64_t)n;
    p->bulk_is_error = p->line[0] == '!';
    p->n_line = 0;
    return RESP_MORE;
}

/* `each` values an element; an attribute stands before the value that it belongs to. */
static int begin_many(RespParser *p, Str number, uint64_t each, bool attribute)
{
    int64_t n;
    if (str_to_i64(number, &n) < 0 || n < -1 || n > (int64_t)COUNT_MAX)
        return wrong(p, "an array of no length");
    uint64_t more = n < 0 ? 0 : (uint64_t)n * each;
    if (p->pending + more > COUNT_MAX * 4)
        return wrong(p, "more values than can be");
    p->pending += more;
    return attribute ? RESP_MORE : one_less(p);
}

static int take_line(RespParser *p)
{
    Str rest = { p->line + 1, MIN(p->n_line, (ptrdiff_t)RESP_LINE_MAX) - 1 };
    bool top = p->pending == 0;
    if (p->n_line == 0)
        return wrong(p, "an empty line");
    if (top) {
        p->failed = false;
        p->pending = 1;
        p->n_bulks = 0;
        p->is_push = p->line[0] == '>';
    }
    switch (p->line[0]) {
    case '-':
        note_error(p, rest);
        return one_less(p);
    case '+':
    case ':':
    case '_':
    case '#':
    case ',':
    case '(':
        return one_less(p);
    case '$':
    case '=':
    case '!':
        return begin_bulk(p, rest);
    case '*':
    case '~':
        return begin_many(p, rest, 1, false);
    case '>':
        return top ? begin_many(p, rest, 1, false) : wrong(p, "a message within a reply");
    case '%':
        return begin_many(p, rest, 2, false);
    case '|':
        return begin_many(p, rest, 2, true);
    default:
        return wrong(p, "a value of no type that RESP has");
    }
}

/* Bytes of a line up to and with its end. *ret_used; what the line comes to, or RESP_MORE. */
static int feed_line(RespParser *p, Str in, ptrdiff_t *ret_used)
{
    for (ptrdiff_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (p->saw_cr) {
            *ret_used = i + 1;
            if (c != '\n')
                return wrong(p, "a line that doesn't end in CR LF");
            p->saw_cr = false;
            int r = take_line(p);
            p->n_line = 0;
            return r;
        }
        p->saw_cr = c == '\r';
        if (p->saw_cr)
            continue;
        if (c == '\n')
            return wrong(p, "a line that doesn't end in CR LF");
        if (p->n_line < RESP_LINE_MAX)
            p->line[p->n_line] = c;
        p->n_line++;
    }
    *ret_used = in.len;
    return RESP_MORE;
}

/* The head of an error's text, as of a line. */
static void keep_head(RespParser *p, Str text)
{
    ptrdiff_t n = MIN(text.len, RESP_LINE_MAX - p->n_line);
    memcpy(p->line + p->n_line, text.ptr, (size_t)n);
    p->n_line += n;
}

static int feed_bulk(RespParser *p, Str in, ptrdiff_t *ret_used)
{
    uint64_t body = p->bulk > 2 ? p->bulk - 2 : 0;
    ptrdiff_t at = (ptrdiff_t)MIN(body, (uint64_t)in.len);
    if (p->bulk_is_error || p->on_bulk)
        keep_head(p, str_slice(in, 0, at));
    p->bulk -= (uint64_t)at;
    for (; at < in.len && p->bulk > 0; at++, p->bulk--)
        if (in.ptr[at] != "\n\r"[p->bulk - 1])
            return wrong(p, "a bulk value longer than it says");
    *ret_used = at;
    if (p->bulk > 0)
        return RESP_MORE;
    if (p->bulk_is_error)
        note_error(p, (Str){ p->line, p->n_line });
    else if (p->on_bulk)
        p->on_bulk(p->user, p->n_bulks, (Str){ p->line, p->n_line }, p->bulk_bytes);
    p->n_bulks++;
    p->in_bulk = false;
    p->n_line = 0;
    return one_less(p);
}

int resp_feed(RespParser *p, Str in, ptrdiff_t *ret_used)
{
    ptrdiff_t at = 0;
    while (at < in.len) {
        ptrdiff_t used = 0;
        Str rest = str_slice(in, at, in.len);
        int r = p->in_bulk ? feed_bulk(p, rest, &used) : feed_line(p, rest, &used);
        if (r < 0)
            return r;
        at += used;
        *ret_used = at;
        if (r == RESP_REPLY)
            return RESP_REPLY;
    }
    *ret_used = at;
    return RESP_MORE;
}

bool resp_is_idle(const RespParser *p)
{
    return p->pending == 0 && p->n_line == 0 && !p->saw_cr;
}
