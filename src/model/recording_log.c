/* Access logs: HOST IDENT USER [TIME] "METHOD TARGET PROTOCOL" STATUS BYTES …, and whatever is in
 * front of the time. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "model/recording_read.h"

enum { TIME_BYTES = 26, LOOK_LINES = 20 }; /* "10/Oct/2000:13:55:36 -0700" */

static bool two_digits(const char *p, int *ret)
{
    *ret = (p[0] - '0') * 10 + p[1] - '0';
    return isdigit((unsigned char)p[0]) && isdigit((unsigned char)p[1]);
}

/* Seconds of the date's first moment, without its zone. */
static bool date_seconds(const char *p, int64_t *ret)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, century, year;
    if (!two_digits(p, &day) || p[2] != '/' || p[6] != '/' || !two_digits(p + 7, &century) ||
        !two_digits(p + 9, &year))
        return false;
    ptrdiff_t month = str_find(STR(months), (Str){ p + 3, 3 });
    if (month < 0 || month % 3 || day < 1 || day > 31 || century < 19)
        return false;
    struct tm tm = { .tm_year = century * 100 + year - 1900,
                     .tm_mon = (int)month / 3,
                     .tm_mday = day };
    *ret = timegm(&tm);
    return *ret >= 0;
}

static bool clock_seconds(const char *p, int64_t *ret)
{
    int h, m, s, zh, zm;
    if (p[0] != ':' || p[3] != ':' || p[6] != ':' || p[9] != ' ' || (p[10] != '+' && p[10] != '-'))
        return false;
    if (!two_digits(p + 1, &h) || !two_digits(p + 4, &m) || !two_digits(p + 7, &s) ||
        !two_digits(p + 11, &zh) || !two_digits(p + 13, &zm) || h > 23 || m > 59 || s > 60)
        return false;
    int east = (zh * 60 + zm) * 60;
    *ret = h * 3600 + m * 60 + s - (p[10] == '-' ? -east : east);
    return true;
}

static bool seconds(RecordingReader *x, const char *p, int64_t *ret)
{
    int64_t of_day;
    if (memcmp(x->date, p, sizeof x->date) != 0) {
        if (!date_seconds(p, &x->date_s))
            return false;
        memcpy(x->date, p, sizeof x->date);
    }
    if (!clock_seconds(p + sizeof x->date, &of_day))
        return false;
    *ret = x->date_s + of_day;
    return *ret >= 0;
}

/* Behind the time in brackets, or -1. */
static ptrdiff_t find_time(RecordingReader *x, Str line, int64_t *ret_s)
{
    for (ptrdiff_t at = 0; at + TIME_BYTES + 2 <= line.len; at++)
        if (line.ptr[at] == '[' && line.ptr[at + 1 + TIME_BYTES] == ']' &&
            seconds(x, line.ptr + at + 1, ret_s))
            return at + TIME_BYTES + 2;
    return -1;
}

/* The text in quotes at *at, which moves behind it. */
static bool quoted(Str line, ptrdiff_t *at, Str *ret)
{
    ptrdiff_t i = *at;
    if (i >= line.len || line.ptr[i] != '"')
        return false;
    for (i++; i < line.len && line.ptr[i] != '"'; i++)
        i += line.ptr[i] == '\\';
    if (i >= line.len)
        return false;
    *ret = str_slice(line, *at + 1, i);
    *at = i + 1;
    return true;
}

/* Servers write what could break the line as \xHH, \" and \\: as bytes again. */
static void unescape(StrBuf *b, Str s)
{
    strbuf_clear(b);
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '\\' && i + 3 < s.len && s.ptr[i + 1] == 'x' &&
            isxdigit((unsigned char)s.ptr[i + 2]) && isxdigit((unsigned char)s.ptr[i + 3])) {
            strbuf_addc(b, '%');
            strbuf_add(b, str_slice(s, i + 2, i + 4));
            i += 3;
        } else if (c == '\\' && i + 1 < s.len) {
            strbuf_addz(b, s.ptr[++i] == '"' ? "%22" : "%5C");
        } else {
            strbuf_addc(b, c);
        }
    }
}

static int take_request(RecordingReader *x, Str request, Record *rec, Err *err)
{
    ptrdiff_t first = str_find_char(request, ' '), last = request.len - 1;
    while (last > first && request.ptr[last] != ' ')
        last--;
    if (first <= 0 || last <= first ||
        !str_starts(str_slice(request, last + 1, request.len), STR("HTTP/")) ||
        !recording_method_ok(str_slice(request, 0, first)))
        return err_set(err, -EINVAL, "'%.*s' is no request (METHOD PATH HTTP/…)",
                       (int)MIN(request.len, (ptrdiff_t)60), request.ptr);
    TRY(recording_text(x->r, str_slice(request, 0, first), &rec->method, err));
    Str target = str_slice(request, first + 1, last);
    if (memchr(target.ptr, '\\', (size_t)target.len)) {
        unescape(&x->block, target);
        target = strbuf_str(&x->block);
    }
    TRY(recording_target(&x->text, target, err));
    return recording_text(x->r, strbuf_str(&x->text), &rec->target, err);
}

/* nginx's $request_time: the last word, with three decimals. */
static uint32_t request_time_ms(Str rest)
{
    uint64_t s, ms;
    rest = str_trim(rest);
    if (rest.len && rest.ptr[rest.len - 1] == '"')
        rest.len--;
    ptrdiff_t begin = rest.len;
    while (begin > 0 && !strchr(" \"=", rest.ptr[begin - 1]))
        begin--;
    Str word = str_slice(rest, begin, rest.len);
    ptrdiff_t dot = str_find_char(word, '.');
    if (dot <= 0 || word.len - dot != 4 || str_to_u64(str_slice(word, 0, dot), &s) < 0 ||
        str_to_u64(str_slice(word, dot + 1, word.len), &ms) < 0)
        return 0;
    return (uint32_t)MIN(s * 1000 + ms, (uint64_t)UINT32_MAX);
}

static int take_line(RecordingReader *x, Str line, Record *rec, Err *err)
{
    Str request;
    int64_t s;
    uint64_t status;
    ptrdiff_t at = find_time(x, line, &s);
    if (at < 0)
        return err_set(err, -EINVAL, "no time in brackets, such as [10/Oct/2000:13:55:36 -0700]");
    at += at < line.len && line.ptr[at] == ' ';
    if (!quoted(line, &at, &request))
        return err_set(err, -EINVAL, "no request in quotes behind the time");
    if (str_to_u64(str_slice(line, at + 1, at + 4), &status) < 0 || status < 100)
        return err_set(err, -EINVAL, "no status behind the request");
    rec->at_ns = (uint64_t)s * NS_PER_S;
    rec->took_ms = request_time_ms(str_slice(line, at, line.len));
    return take_request(x, request, rec, err);
}

bool recording_is_log(Str text)
{
    RecordingReader x = { 0 };
    Str line;
    int64_t s;
    for (int i = 0; i < LOOK_LINES && str_cut(&text, '\n', &line); i++)
        if (find_time(&x, line, &s) >= 0)
            return true;
    return false;
}

int recording_read_log(RecordingReader *x, Str text, Err *err)
{
    Str line;
    x->coarse = true;
    for (ptrdiff_t at = 1; str_cut(&text, '\n', &line); at++) {
        Record rec = { 0 };
        Err why = { 0 };
        line = str_trim(line);
        if (line.len)
            TRY(recording_take(x, at, &rec, take_line(x, line, &rec, &why), &why, err));
    }
    return 0;
}
