/* What is kept of a reply while it arrives. */
#include <string.h>

#include "base/grow.h"
#include "drivers/http/http_look.h"

void seen_begin(HttpSeen *s)
{
    s->n_head = s->n_body = 0;
    s->cut = false;
}

/* An empty piece: what came so far belongs to an interim reply. */
void seen_head(HttpSeen *s, Str piece)
{
    if (piece.len == 0)
        s->n_head = 0;
    else if (buf_grow(&s->head, &s->cap_head, s->n_head + piece.len) == 0) {
        memcpy(s->head + s->n_head, piece.ptr, (size_t)piece.len);
        s->n_head += piece.len;
    }
}

void seen_body(HttpSeen *s, Str piece, uint64_t body_max)
{
    bool fits = (uint64_t)(s->n_body + piece.len) <= body_max &&
                buf_grow(&s->body, &s->cap_body, s->n_body + piece.len) == 0;
    s->cut |= !fits;
    if (!fits || piece.len == 0)
        return;
    memcpy(s->body + s->n_body, piece.ptr, (size_t)piece.len);
    s->n_body += piece.len;
}

void seen_done(HttpSeen *s)
{
    free(s->head);
    free(s->body);
    regex_scratch_free(s->scratch);
}

Str seen_field(const HttpSeen *s, Str name, ptrdiff_t *at)
{
    Str rest = { s->head + *at, s->n_head - *at }, line;
    while (rest.len > 0 && str_cut(&rest, '\n', &line)) {
        *at = (rest.ptr ? rest.ptr : s->head + s->n_head) - s->head;
        bool is = line.len > name.len && line.ptr[name.len] == ':' && str_starts_nocase(line, name);
        if (is)
            return str_trim(str_slice(line, name.len + 1, line.len));
        if (!rest.ptr)
            break;
    }
    return (Str){ 0 };
}
