/* Event streams, whole and cut everywhere. */
#include "drivers/http/sse.h"

#include <string.h>

#include "tap.h"

static const struct {
    Str in;
    const char *want; /* data of each event, "|" behind it; then "#" comments, "@" id, "~" retry */
    const char *why;
} cases[] = {
    { STR("data: a\n\n"), "a|", "one event" },
    { STR("data: a\r\n\r\ndata: b\r\rdata: c\n\n"), "a|b|c|", "the three line ends" },
    { STR("data: a\r\n\ndata: b\n\n"), "a|b|", "mixed line ends" },
    { STR("data: YHOO\ndata: +2\ndata: 10\n\n"), "YHOO\n+2\n10|", "the standard's: three lines" },
    { STR(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third "
          "event\n\n"),
      "first event|second event| third event|#1@", "the standard's: comment, ids, blanks" },
    { STR("data\n\ndata\ndata\n\ndata:"), "|\n|",
      "the standard's: empty data, an unfinished event" },
    { STR("data:test\n\ndata: test\n\n"), "test|test|", "the standard's: one blank is no data" },
    { STR("\xef\xbb\xbf"
          "data: a\n\n"),
      "a|", "a byte order mark" },
    { STR("\xef\xbb"
          "data: a\n\ndata: b\n\n"),
      "b|", "half a mark is a field's name" },
    { STR("\n\n\r\revent: x\n\ndata: a\n\n"), "a|", "an event without data is none" },
    { STR("data: a\n"), "", "an event without its end" },
    { STR("data: a"), "", "a line without its end" },
    { STR("retry: 250\nretry: x\nretry: 1x\nretry:\ndata:a\n\n"), "a|~250",
      "retry takes digits only" },
    { STR("id: 7\n\nid: a\0b\ndata: x\n\n"), "x|@7", "an id, and one with NUL that is none" },
    { STR("foo: a\nDATA: b\ndata2: c\ndatabase: d\ndata : e\n\ndata: f\n\n"), "f|",
      "fields that count for nothing" },
    { STR(":\n:x\n:\n"), "#3", "comments" },
};

static void on_data(void *user, Str piece)
{
    strbuf_add(user, piece);
}

static void on_event(void *user)
{
    strbuf_addz(user, "|");
}

static void play(Str in, ptrdiff_t step, StrBuf *out)
{
    SseParser p;
    CLEANUP(strbuf_done) StrBuf told = { 0 };
    sse_begin(&p);
    p.on_data = on_data;
    p.on_event = on_event;
    p.user = &told;
    for (ptrdiff_t at = 0; at < in.len; at += step)
        sse_feed(&p, str_slice(in, at, MIN(at + step, in.len)));
    Str text = strbuf_str(&told);
    ptrdiff_t whole = 0; /* data of an event that never ended is none */
    for (ptrdiff_t i = 0; i < text.len; i++)
        whole = text.ptr[i] == '|' ? i + 1 : whole;
    strbuf_add(out, str_slice(text, 0, whole));
    if (p.n_comments)
        strbuf_addf(out, "#%d", (int)p.n_comments);
    if (p.id_bytes || memmem(in.ptr, (size_t)in.len, "id\n", 3))
        strbuf_addf(out, "@%.*s", p.id_bytes, p.id);
    if (p.retry_ms)
        strbuf_addf(out, "~%d", (int)p.retry_ms);
}

int main(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        ptrdiff_t bad = 0;
        for (ptrdiff_t step = 1; step <= cases[i].in.len; step++) {
            CLEANUP(strbuf_done) StrBuf b = { 0 };
            play(cases[i].in, step, &b);
            bad += strcmp(strbuf_z(&b), cases[i].want) != 0;
        }
        CHECK_INT(bad, 0, "%s, in pieces of every size", cases[i].why);
    }
    SseParser p;
    sse_begin(&p);
    Str filler = STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    sse_feed(&p, STR("id: "));
    for (int i = 0; i < 100000; i++)
        sse_feed(&p, filler);
    sse_feed(&p, STR("\ndata: a\n\n"));
    CHECK(p.n_events == 1 && p.id_bytes == SSE_ID_MAX, "a line without end costs no memory");
    return tap_done();
}
