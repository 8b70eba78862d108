#include "stats/hlog.h"

#include <errno.h>
#include <math.h>

/* Starts this much before the log's own start time can only be relative to it. */
static const double YEAR_S = 365. * 86400;
static const double NS_PER_MAX_UNIT = 1e6;

HlogReader hlog_reader(Str text)
{
    return (HlogReader){ .rest = text, .start_time_s = (double)NAN, .base_time_s = (double)NAN };
}

/* "#[StartTime: 1438867590.285 (seconds since epoch), …]" sets *ret. */
static void read_time_comment(Str line, Str key, double *ret)
{
    if (!str_starts(line, key))
        return;
    Str rest = str_trim(str_slice(line, key.len, line.len)), number;
    double v;
    if (str_cut(&rest, ' ', &number) && str_to_f64(number, &v) == 0)
        *ret = v;
}

static double absolute(const HlogReader *r, double start_s)
{
    if (!isnan(r->base_time_s))
        return r->base_time_s + start_s;
    return start_s < r->start_time_s - YEAR_S ? r->start_time_s + start_s : start_s;
}

static int cut_number(Str *rest, const char *what, double *ret, Err *err)
{
    Str field;
    if (!str_cut(rest, ',', &field) || str_to_f64(str_trim(field), ret) < 0)
        return err_set(err, -EINVAL, "no number for %s", what);
    return 0;
}

static int read_entry(const HlogReader *r, Str line, HlogEntry *ret, Err *err)
{
    HlogEntry e = { 0 };
    Str rest = line;
    if (str_starts(rest, STR("Tag="))) {
        str_cut(&rest, ',', &e.tag);
        e.tag = str_slice(e.tag, 4, e.tag.len);
    }
    double start;
    TRY(cut_number(&rest, "the interval's start", &start, err));
    TRY(cut_number(&rest, "the interval's length", &e.length_s, err));
    TRY(cut_number(&rest, "the interval's maximum", &e.max, err));
    TRY(hdr_decode_base64(str_trim(rest), &e.hist, err));
    e.start_s = absolute(r, start);
    *ret = e;
    return 1;
}

int hlog_next(HlogReader *r, HlogEntry *ret, Err *err)
{
    Str line;
    while (str_cut(&r->rest, '\n', &line)) {
        r->line++;
        line = str_trim(line);
        read_time_comment(line, STR("#[StartTime:"), &r->start_time_s);
        read_time_comment(line, STR("#[BaseTime:"), &r->base_time_s);
        if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == '"')
            continue;
        int result = read_entry(r, line, ret, err);
        return result < 0 && err ? err_wrap(err, "line %td", r->line) : result;
    }
    return 0;
}

bool hlog_recognise(Str text)
{
    Str rest = text, line;
    for (int i = 0; i < 20 && str_cut(&rest, '\n', &line); i++) {
        line = str_trim(line);
        if (str_starts(line, STR("#[Histogram log format")))
            return true;
        if (line.len && line.ptr[0] != '#' && line.ptr[0] != '"')
            return str_find(line, STR(",HIST")) > 0;
    }
    return false;
}

void hlog_write_head(StrBuf *out, Str comment, double base_time_s)
{
    if (comment.len)
        strbuf_addf(out, "#[" STR_FMT "]\n", STR_ARG(comment));
    strbuf_addz(out, "#[Histogram log format version 1.3]\n");
    strbuf_addf(out, "#[StartTime: %.3f (seconds since epoch)]\n", base_time_s);
    strbuf_addf(out, "#[BaseTime: %.3f (seconds since epoch)]\n", base_time_s);
    strbuf_addz(out, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                     "\"Interval_Compressed_Histogram\"\n");
}

int hlog_write_entry(StrBuf *out, Str tag, double start_s, double length_s, const Hist *h, Err *err)
{
    for (ptrdiff_t i = 0; i < tag.len; i++)
        if (tag.ptr[i] == ',' || (unsigned char)tag.ptr[i] <= ' ')
            return err_set(err, -EINVAL, "tag '" STR_FMT "' has a comma or a blank", STR_ARG(tag));
    if (tag.len)
        strbuf_addf(out, "Tag=" STR_FMT ",", STR_ARG(tag));
    strbuf_addf(out, "%.3f,%.3f,%.3f,", start_s, length_s, (double)h->max / NS_PER_MAX_UNIT);
    TRY(hdr_encode_base64(h, out, err));
    strbuf_addc(out, '\n');
    return out->overflow ? err_set(err, -ENOSPC, "no room for a log line") : 0;
}
