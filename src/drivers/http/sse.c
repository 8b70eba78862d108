#include "drivers/http/sse.h"

#include <string.h>

static const char bom_bytes[3] = { '\xef', '\xbb', '\xbf' };

void sse_begin(SseParser *p)
{
    *p = (SseParser){ .new_id_bytes = -1 };
}

static SseField field_of(const SseParser *p)
{
    static const struct {
        Str name;
        SseField field;
    } rows[] = {
        { STR(""), SSE_COMMENT }, { STR("data"), SSE_DATA },   { STR("event"), SSE_EVENT },
        { STR("id"), SSE_ID },    { STR("retry"), SSE_RETRY },
    };
    Str name = { p->name, p->name_bytes };
    for (ptrdiff_t i = 0; p->name_bytes <= SSE_NAME_MAX && i < ARRAY_LEN(rows); i++)
        if (str_eq(name, rows[i].name))
            return rows[i].field;
    return SSE_OTHER;
}

static void tell_data(const SseParser *p, Str piece)
{
    if (p->on_data && piece.len)
        p->on_data(p->user, piece);
}

static void begin_value(SseParser *p)
{
    p->field = field_of(p);
    p->in_value = p->at_value = true;
    if (p->field == SSE_DATA) {
        if (p->has_data)
            tell_data(p, STR("\n"));
        p->has_data = true;
    } else if (p->field == SSE_ID) {
        p->new_id_bytes = 0;
    } else if (p->field == SSE_RETRY) {
        p->number = 0;
        p->number_ok = false;
    } else if (p->field == SSE_COMMENT) {
        p->n_comments++;
    }
}

static void add_digits(SseParser *p, Str piece)
{
    for (ptrdiff_t i = 0; i < piece.len; i++) {
        char c = piece.ptr[i];
        if (c < '0' || c > '9' || p->number > UINT32_MAX) {
            p->field = SSE_OTHER;
            return;
        }
        p->number = p->number * 10 + (uint64_t)(c - '0');
        p->number_ok = true;
    }
}

/* An id that holds NUL is none. */
static void add_id(SseParser *p, Str piece)
{
    if (memchr(piece.ptr, 0, (size_t)piece.len)) {
        p->new_id_bytes = -1;
        p->field = SSE_OTHER;
        return;
    }
    ptrdiff_t n = MIN(piece.len, (ptrdiff_t)(SSE_ID_MAX - p->new_id_bytes));
    memcpy(p->new_id + p->new_id_bytes, piece.ptr, (size_t)n);
    p->new_id_bytes += (int)n;
}

static void add_value(SseParser *p, Str piece)
{
    if (p->at_value && piece.len) {
        p->at_value = false;
        if (piece.ptr[0] == ' ')
            piece = str_slice(piece, 1, piece.len);
    }
    if (piece.len == 0)
        return;
    if (p->field == SSE_DATA)
        tell_data(p, piece);
    else if (p->field == SSE_RETRY)
        add_digits(p, piece);
    else if (p->field == SSE_ID)
        add_id(p, piece);
}

static void dispatch(SseParser *p)
{
    if (p->new_id_bytes >= 0) {
        memcpy(p->id, p->new_id, (size_t)p->new_id_bytes);
        p->id_bytes = p->new_id_bytes;
        p->new_id_bytes = -1;
    }
    if (!p->has_data)
        return;
    p->has_data = false;
    p->n_events++;
    if (p->on_event)
        p->on_event(p->user);
}

static void end_line(SseParser *p)
{
    if (!p->in_value && p->name_bytes == 0) {
        dispatch(p);
        return;
    }
    if (!p->in_value) { /* a name alone has an empty value; a comment has a colon */
        begin_value(p);
        p->n_comments -= p->field == SSE_COMMENT;
    }
    if (p->field == SSE_RETRY && p->number_ok)
        p->retry_ms = p->number;
    p->in_value = false;
    p->name_bytes = 0;
}

static void add_name(SseParser *p, char c)
{
    if (c == ':') {
        begin_value(p);
        return;
    }
    if (p->name_bytes < SSE_NAME_MAX)
        p->name[p->name_bytes] = c;
    p->name_bytes = MIN(p->name_bytes + 1, SSE_NAME_MAX + 1);
}

/* What looked like the begin of a byte order mark was text. */
static void end_bom(SseParser *p)
{
    int n = p->bom;
    p->bom = -1;
    for (int i = 0; i < n && n < 3; i++)
        add_name(p, bom_bytes[i]);
}

static ptrdiff_t value_length(Str s)
{
    ptrdiff_t n = 0;
    while (n < s.len && s.ptr[n] != '\r' && s.ptr[n] != '\n')
        n++;
    return n;
}

void sse_feed(SseParser *p, Str bytes)
{
    for (ptrdiff_t i = 0; i < bytes.len;) {
        char c = bytes.ptr[i];
        if (p->bom >= 0) {
            bool more = p->bom < 3 && c == bom_bytes[p->bom];
            p->bom += more;
            i += more;
            if (!more || p->bom == 3)
                end_bom(p);
            continue;
        }
        bool second = p->after_cr && c == '\n';
        p->after_cr = c == '\r';
        if (second) {
            i++;
        } else if (c == '\r' || c == '\n') {
            end_line(p);
            i++;
        } else if (p->in_value) {
            ptrdiff_t n = value_length(str_slice(bytes, i, bytes.len));
            add_value(p, str_slice(bytes, i, i + n));
            i += n;
        } else {
            add_name(p, c);
            i++;
        }
    }
}
