/* Bodies of forms: fields as a browser sends them, or as parts with files. */
#include <errno.h>
#include <string.h>

#include "base/fs.h"
#include "drivers/http/http.h"

#define BOUNDARY "assay-7MA4YWxkTrZu0gWcZ9dQ"
enum { PART_FILE_MAX = 1 << 28 };

/* Percent-encoded (RFC 3986), but for references, whose values are encoded when they are known. */
static void put_encoded(StrBuf *b, Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        Str rest = str_slice(s, i, s.len);
        ptrdiff_t end = str_starts(rest, STR("${")) ? str_find_char(rest, '}') : -1;
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (end > 0) {
            strbuf_add(b, str_slice(rest, 0, end + 1));
            i += end;
        } else if (letter || (c >= '0' && c <= '9') || (c && strchr("-._~", c))) {
            strbuf_addc(b, (char)c);
        } else {
            strbuf_addf(b, "%%%02X", c);
        }
    }
}

static void put_fields(StrBuf *b, const StrMap *form)
{
    for (ptrdiff_t i = 0; i < form->n; i++) {
        strbuf_addz(b, i ? "&" : "");
        put_encoded(b, str(form->v[i].key));
        strbuf_addz(b, "=");
        put_encoded(b, str(form->v[i].value));
    }
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int put_file(Arena *a, StrBuf *b, const char *path, Err *err)
{
    Str text;
    TRY(fs_read(a, path, PART_FILE_MAX, &text, err));
    if (str_find(text, STR("${")) >= 0)
        return err_set(err, -EINVAL,
                       "multipart: %s holds '${', which would be taken for a reference", path);
    strbuf_addf(b, "; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                base_name(path));
    strbuf_add(b, text);
    return 0;
}

/* RFC 7578. */
static int put_parts(Arena *a, StrBuf *b, const StrMap *parts, Err *err)
{
    for (ptrdiff_t i = 0; i < parts->n; i++) {
        const StrPair *p = &parts->v[i];
        if (strpbrk(p->key, "\"\r\n") || strpbrk(p->value, "\"\r\n") ? p->value[0] == '@' : false)
            return err_set(err, -EINVAL, "multipart: '%s': quotes and line ends can't stand there",
                           p->key);
        strbuf_addf(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", p->key);
        if (p->value[0] == '@')
            TRY(put_file(a, b, p->value + 1, err));
        else
            strbuf_addf(b, "\r\n\r\n%s", p->value);
        strbuf_addz(b, "\r\n");
    }
    strbuf_addz(b, "--" BOUNDARY "--\r\n");
    return 0;
}

int http_form_body(Arena *a, const HttpRequestOpts *o, Str *ret, const char **type, Err *err)
{
    CLEANUP(strbuf_done) StrBuf b = { .max = PART_FILE_MAX };
    if (o->form.n)
        put_fields(&b, &o->form);
    else
        TRY(put_parts(a, &b, &o->multipart, err));
    if (b.overflow)
        return err_set(err, -EFBIG, "multipart: more than 256 MiB");
    *type =
        o->form.n ? "application/x-www-form-urlencoded" : "multipart/form-data; boundary=" BOUNDARY;
    *ret = (Str){ arena_str(a, strbuf_str(&b)), b.len };
    return 0;
}
