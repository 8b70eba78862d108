/* What all recordings share: texts kept once, records in order, what is damaged. */
#include "model/recording.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json_find.h"
#include "model/recording_read.h"

#define RECORDING_BYTES_MAX ((ptrdiff_t)1 << 32)
enum { SKIPPED_FEW = 10, SKIPPED_ONE_IN = 100, SLOTS_FIRST = 1024 };

/* ---- texts ---- */

/* FNV-1a, 64 bits: Fowler, Noll, Vo. */
static uint64_t hash(Str s)
{
    uint64_t h = 0xcbf29ce484222325;
    for (ptrdiff_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3;
    return h ^ h >> 32;
}

/* Where the text stands, or the free slot where it belongs. */
static uint32_t *slot_of(const Recording *r, Str s)
{
    size_t mask = (size_t)r->n_slots - 1, i = hash(s) & mask;
    while (r->slots[i] && !str_eq(r->texts[r->slots[i]], s))
        i = (i + 1) & mask;
    return &r->slots[i];
}

static int grow_slots(Recording *r, Err *err)
{
    ptrdiff_t n = r->n_slots ? r->n_slots * 2 : SLOTS_FIRST;
    uint32_t *grown = calloc((size_t)n, sizeof *grown);
    if (!grown)
        return err_set(err, -ENOMEM, "texts of a recording");
    free(r->slots);
    r->slots = grown;
    r->n_slots = n;
    for (ptrdiff_t i = 1; i < r->n_texts; i++)
        *slot_of(r, r->texts[i]) = (uint32_t)i;
    return 0;
}

static int grow_texts(Recording *r, Err *err)
{
    ptrdiff_t cap = r->cap_texts ? r->cap_texts * 2 : SLOTS_FIRST;
    Str *grown = realloc(r->texts, (size_t)cap * sizeof *grown);
    if (!grown)
        return err_set(err, -ENOMEM, "texts of a recording");
    r->texts = grown;
    r->cap_texts = cap;
    return 0;
}

int recording_text(Recording *r, Str s, uint32_t *ret, Err *err)
{
    *ret = 0;
    if (!s.len)
        return 0;
    if (r->n_texts * 4 >= r->n_slots * 3)
        TRY(grow_slots(r, err));
    uint32_t *slot = slot_of(r, s);
    if (!*slot) {
        if (r->n_texts == r->cap_texts)
            TRY(grow_texts(r, err));
        r->texts[r->n_texts] = (Str){ arena_str(&r->arena, s), s.len };
        *slot = (uint32_t)r->n_texts++;
    }
    *ret = *slot;
    return 0;
}

/* ---- records ---- */

static int add_record(RecordingReader *x, const Record *rec, Err *err)
{
    Recording *r = x->r;
    if (r->n == r->cap) {
        ptrdiff_t cap = r->cap ? r->cap * 2 : MAX(x->n_lines, (ptrdiff_t)SLOTS_FIRST);
        Record *grown = realloc(r->v, (size_t)cap * sizeof *grown);
        if (!grown)
            return err_set(err, -ENOMEM, "%td records", cap);
        r->v = grown;
        r->cap = cap;
    }
    r->v[r->n++] = *rec;
    return 0;
}

int recording_take(RecordingReader *x, ptrdiff_t place, const Record *rec, int result,
                   const Err *why, Err *err)
{
    Record own = *rec;
    own.line = (uint32_t)place;
    if (result >= 0)
        return add_record(x, &own, err);
    if (result == -ENOMEM || !x->lenient)
        return err_set(err, result,
                       "%s:%td: %s; take the record out of the file, or leave a few such ones out "
                       "with replay_lenient",
                       x->name, place, why->msg);
    if (++x->r->n_skipped == 1)
        err_set(err, -EINVAL, "%s:%td: %s", x->name, place, why->msg); /* for when they are many */
    return 0;
}

/* ---- what all formats hold ---- */

bool recording_method_ok(Str s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~"; /* RFC 9110, 5.6.2 */
    for (ptrdiff_t i = 0; i < s.len; i++)
        if (!isalnum((unsigned char)s.ptr[i]) && (!s.ptr[i] || !strchr(marks, s.ptr[i])))
            return false;
    return s.len > 0;
}

/* The part of a URL that a server is asked for. */
static Str path_of(Str url)
{
    ptrdiff_t end = str_find(url, STR("://")), hash_at = str_find_char(url, '#');
    url = hash_at >= 0 ? str_slice(url, 0, hash_at) : url;
    if (url.len && url.ptr[0] == '/')
        return url;
    if (end <= 0 || !str_starts_nocase(url, STR("http")))
        return (Str){ 0 };
    url = str_slice(url, end + 3, url.len);
    ptrdiff_t at = 0;
    while (at < url.len && url.ptr[at] != '/' && url.ptr[at] != '?')
        at++;
    return at < url.len ? str_slice(url, at, url.len) : STR("/");
}

int recording_target(StrBuf *out, Str url, Err *err)
{
    Str path = path_of(url);
    strbuf_clear(out);
    if (!path.len)
        return err_set(err, -EINVAL, "'%.*s' is no path that begins with '/', nor an http URL",
                       (int)MIN(url.len, (ptrdiff_t)60), url.ptr);
    if (path.ptr[0] == '?')
        strbuf_addc(out, '/');
    ptrdiff_t from = 0; /* of what needs no escape */
    for (ptrdiff_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c > ' ' && c < 0x7f)
            continue;
        strbuf_add(out, str_slice(path, from, i));
        strbuf_addf(out, "%%%02X", c);
        from = i + 1;
    }
    strbuf_add(out, str_slice(path, from, path.len));
    return 0;
}

/* RFC 9110, 7.6.1; and what the driver makes itself. */
bool recording_is_hop(Str name)
{
    static const char *const hop[] = {
        "connection",          "keep-alive", "proxy-connection", "te",
        "proxy-authorization", "trailer",    "upgrade",          "transfer-encoding",
        "content-length",      "host",       "expect",           "http2-settings"
    };
    if (name.len && name.ptr[0] == ':')
        return true;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(hop); i++)
        if (str_eq_nocase(name, str(hop[i])))
            return true;
    return false;
}

int recording_header(StrBuf *block, Str name, Str value, Err *err)
{
    if (recording_is_hop(name))
        return 0;
    if (!recording_method_ok(name))
        return err_set(err, -EINVAL, "a header has no name that HTTP allows");
    for (ptrdiff_t i = 0; i < value.len; i++)
        if (((unsigned char)value.ptr[i] < ' ' && value.ptr[i] != '\t') || value.ptr[i] == 0x7f)
            return err_set(err, -EINVAL, "header '" STR_FMT "' holds control characters",
                           STR_ARG(name));
    strbuf_add(block, name);
    strbuf_addz(block, ": ");
    strbuf_add(block, value);
    strbuf_addz(block, "\r\n");
    return 0;
}

/* ---- order ---- */

static int by_begin(const void *pa, const void *pb)
{
    const Record *a = pa, *b = pb;
    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static void sort(Recording *r)
{
    ptrdiff_t i = 1;
    while (i < r->n && by_begin(&r->v[i - 1], &r->v[i]) <= 0)
        i++;
    if (i < r->n)
        qsort(r->v, (size_t)r->n, sizeof *r->v, by_begin);
}

/* What began in the same second, evenly over it. */
static void spread(Recording *r)
{
    for (ptrdiff_t i = 0, end; i < r->n; i = end) {
        for (end = i + 1; end < r->n && r->v[end].at_ns == r->v[i].at_ns;)
            end++;
        for (ptrdiff_t k = i; k < end; k++)
            r->v[k].at_ns += NS_PER_S / (uint64_t)(end - i) * (uint64_t)(k - i);
    }
}

static void to_begin(Recording *r)
{
    for (ptrdiff_t i = 0; i < r->n; i++) {
        uint64_t took = (uint64_t)r->v[i].took_ms * NS_PER_MS;
        r->v[i].at_ns -= MIN(took, r->v[i].at_ns);
    }
}

static void put_in_order(RecordingReader *x)
{
    Recording *r = x->r;
    sort(r);
    if (x->coarse) {
        spread(r);
        to_begin(r);
        sort(r);
    }
    uint64_t first = r->n ? r->v[0].at_ns : 0;
    for (ptrdiff_t i = 0; i < r->n; i++)
        r->v[i].at_ns -= first;
}

/* ---- reading ---- */

static ptrdiff_t count_lines(Str text)
{
    Str line;
    ptrdiff_t n = 0;
    while (str_cut(&text, '\n', &line))
        n++;
    return n;
}

/* A HAR is one object with `log`; lines are an object each. */
static bool is_har(Str text)
{
    Str line = text, log;
    ptrdiff_t end = str_find_char(text, '\n');
    line = str_trim(end < 0 ? text : str_slice(text, 0, end));
    return line.ptr[line.len - 1] != '}' || json_find(line, STR("/log"), &log) == 0;
}

static int read_any(RecordingReader *x, Str text, Err *err)
{
    Recording *r = x->r;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.len);
    Str begin = str_trim(text);
    if (begin.len && begin.ptr[0] == '{') {
        bool har = is_har(begin);
        r->format = har ? "HAR" : "NDJSON";
        if (har)
            return recording_read_har(x, text, err);
        x->n_lines = count_lines(text);
        return recording_read_lines(x, text, err);
    }
    if (str_starts(text, STR("\x1f\x8b")))
        return err_set(err, -EINVAL, "%s: is packed with gzip; unpack it first (gunzip -k)",
                       x->name);
    if (!recording_is_log(text))
        return err_set(err, -EINVAL,
                       "%s: is no recording: neither an access log (common or combined), nor a "
                       "HAR, nor an object a line with time, method and url",
                       x->name);
    r->format = "access log";
    x->n_lines = count_lines(text);
    return recording_read_log(x, text, err);
}

static int check_whole(const RecordingReader *x, Err *err)
{
    const Recording *r = x->r;
    ptrdiff_t few = MAX((ptrdiff_t)SKIPPED_FEW, r->n / SKIPPED_ONE_IN);
    if (r->n_skipped > few) /* err holds the first of them */
        return err_wrap(err, "%td records are damaged and %td are sound; the first is",
                        r->n_skipped, r->n);
    if (r->n == 0)
        return err_set(err, -EINVAL, "%s: holds no request", x->name);
    if (r->n > UINT32_MAX || r->n_texts > UINT32_MAX)
        return err_set(err, -E2BIG, "%s: holds more than 4294967295 requests", x->name);
    return 0;
}

int recording_parse(Recording *r, Str text, const char *name, bool lenient, Err *err)
{
    *r = (Recording){ 0 };
    RecordingReader x = { .r = r, .name = name, .lenient = lenient };
    int n = grow_texts(r, err);
    if (n == 0) {
        r->texts[r->n_texts++] = (Str){ "", 0 };
        n = read_any(&x, text, err);
    }
    n = n < 0 ? n : check_whole(&x, err);
    strbuf_done(&x.text);
    strbuf_done(&x.block);
    if (n < 0) {
        recording_done(r);
        return n;
    }
    put_in_order(&x);
    free(r->slots);
    r->slots = NULL;
    r->n_slots = 0;
    return 0;
}

int recording_read(Recording *r, const char *path, bool lenient, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Str text;
    TRY(fs_read(&a, path, RECORDING_BYTES_MAX, &text, err));
    return recording_parse(r, text, path, lenient, err);
}

void recording_done(Recording *r)
{
    free(r->v);
    free(r->texts);
    free(r->slots);
    arena_done(&r->arena);
    *r = (Recording){ 0 };
}
