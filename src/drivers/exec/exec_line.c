#include "drivers/exec/exec_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 60 };

ptrdiff_t exec_escape(char *to, const char *from, ptrdiff_t n)
{
    char *begin = to;
    for (ptrdiff_t i = 0; i < n; i++) {
        char c = from[i];
        bool plain = c != '\n' && c != '\r' && c != '\\';
        if (!plain)
            *to++ = '\\';
        *to++ = plain ? c : c == '\n' ? 'n' : c == '\r' ? 'r' : '\\';
    }
    return to - begin;
}

/* What an escape stands for, for people: line ends are blanks. */
static char meant(char c)
{
    return c == 'n' || c == 'r' ? ' ' : c == '\\' ? '\\' : '?';
}

void exec_unescape(char to[EXEC_TEXT_MAX], Str from)
{
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < from.len && n < EXEC_TEXT_MAX - 1; i++) {
        unsigned char c = (unsigned char)from.ptr[i];
        if (c == '\\')
            c = (unsigned char)meant(i + 1 < from.len ? from.ptr[++i] : '\0');
        to[n++] = (char)(c >= ' ' && c != 0x7f ? c : '?');
    }
    to[n] = '\0';
}

static int wrong(ExecParser *p, const char *why)
{
    char shown[EXEC_TEXT_MAX];
    exec_unescape(shown, (Str){ p->line, MIN(p->n_line, (ptrdiff_t)SHOWN_MAX) });
    snprintf(p->wrong, sizeof p->wrong, "%s: '%.60s'", why, shown);
    return -EPROTO;
}

static int take_greeting(ExecParser *p, Str line)
{
    if (!str_eqz(line, "assay-exec 1"))
        return wrong(p, "the first line is not 'assay-exec 1'");
    p->greeted = true;
    return EXEC_GREETING;
}

/* `ns=N` and `bytes=N`; words that are not known are passed over, for later versions. */
static int take_figures(ExecParser *p, Str rest)
{
    Str word;
    while (str_cut(&rest, ' ', &word)) {
        ptrdiff_t eq = str_find_char(word, '=');
        Str value = str_slice(word, eq + 1, word.len);
        bool is_ns = str_starts(word, STR("ns=")), is_bytes = str_starts(word, STR("bytes="));
        if (eq < 0 && word.len > 0)
            return wrong(p, "behind the id stands no NAME=VALUE");
        if ((is_ns && str_to_u64(value, &p->reply.ns) < 0) ||
            (is_bytes && str_to_u64(value, &p->reply.bytes) < 0))
            return wrong(p, "not a whole number");
        p->reply.has_ns |= is_ns;
    }
    return EXEC_REPLY;
}

static int take_failure(ExecParser *p, Str rest)
{
    Str class = { 0 };
    char name[16] = "";
    str_cut(&rest, ' ', &class);
    snprintf(name, sizeof name, STR_FMT, STR_ARG(class));
    int c = fail_class_find(name);
    if (c < 0 || class.len >= (ptrdiff_t)sizeof name)
        return wrong(p, "no class of failure");
    p->reply.fail = (FailClass)c;
    exec_unescape(p->reply.text, rest);
    return EXEC_REPLY;
}

static int take_line(ExecParser *p)
{
    Str rest = { p->line, p->n_line }, verb, id;
    if (!p->greeted)
        return take_greeting(p, rest);
    p->reply = (ExecReply){ 0 };
    str_cut(&rest, ' ', &verb);
    p->reply.failed = str_eqz(verb, "fail");
    if (!p->reply.failed && !str_eqz(verb, "ok"))
        return wrong(p, "neither 'ok ID' nor 'fail ID'");
    if (!str_cut(&rest, ' ', &id) || str_to_u64(id, &p->reply.id) < 0)
        return wrong(p, "the id is not a number");
    return p->reply.failed ? take_failure(p, rest) : take_figures(p, rest);
}

int exec_feed(ExecParser *p, Str in, ptrdiff_t *ret_used)
{
    ptrdiff_t end = str_find_char(in, '\n'), n = end < 0 ? in.len : end;
    ptrdiff_t room = EXEC_LINE_MAX - p->n_line, kept = MIN(n, room);
    if (kept > 0)
        memcpy(p->line + p->n_line, in.ptr, (size_t)kept);
    p->n_line += kept;
    *ret_used = end < 0 ? n : n + 1;
    if (n > room)
        return wrong(p, "a line over 4096 bytes");
    if (end < 0)
        return EXEC_MORE;
    int r = take_line(p);
    p->n_line = 0;
    return r;
}
