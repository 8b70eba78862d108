#include "lab/stream.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "stats/hdr.h"

struct Stream {
    FILE *to;
    bool own; /* to be closed */
    const char *name;
    uint64_t every_ns;
    int error; /* of the first line that failed; nothing is written after it */
    Hist *latency;
    uint64_t ok, failed;
    LoadInterval last; /* its latency is not kept */
    uint64_t begin_ns; /* of the line at hand */
    bool any;
};

static void put_line(Stream *s, json_t *line)
{
    CLEANUP(json_free) json_t *own = line;
    if (s->error)
        return;
    errno = EIO;
    if (json_dumpf(own, s->to, JSON_COMPACT) < 0 || fputc('\n', s->to) == EOF ||
        fflush(s->to) == EOF)
        s->error = -errno;
}

int stream_open(Stream **ret, FILE *to, bool own, const char *name, uint64_t every_ns, const Run *r,
                Err *err)
{
    Stream *s = calloc(1, sizeof *s);
    if (!s || hist_new(&s->latency, err) < 0) {
        if (own)
            fclose(to);
        free(s);
        return err_set(err, -ENOMEM, "json-stream");
    }
    s->to = to;
    s->own = own;
    s->name = name;
    s->every_ns = every_ns;
    put_line(s, json_pack("{s:s, s:o, s:o, s:o}", "schema", "assay.stream/1", "run",
                          json_text(r->id), "suite", json_text(r->suite), "interval_s",
                          json_num((double)every_ns / 1e9)));
    *ret = s;
    return 0;
}

static json_t *latency_json(const Hist *h)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    bool any = h->n > 0 && hdr_encode_base64(h, &b, NULL) == 0;
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "unit", "ns", "count",
                     (json_int_t)h->n, "p50", json_num(hist_quantile(h, 0.5)), "p90",
                     json_num(hist_quantile(h, 0.9)), "p99", json_num(hist_quantile(h, 0.99)),
                     "p999", json_num(hist_quantile(h, 0.999)), "max",
                     json_num(hist_quantile(h, 1)), "hdr", json_text(any ? strbuf_z(&b) : NULL));
}

/* The line of what was summed up, if anything was. */
static void flush(Stream *s, const CaseResult *c, uint32_t round)
{
    const LoadInterval *i = &s->last;
    double took_s = (double)(i->end_ns - s->begin_ns) / 1e9;
    if (!s->any)
        return;
    json_t *line = json_pack(
        "{s:o, s:I, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o}", "case",
        json_text(c->name), "trial", (json_int_t)round, "t", json_num(i->t_s), "over_s",
        json_num(took_s), "warming", i->warming, "stage", json_text(i->stage), "offered_per_s",
        json_num(i->offered_per_s), "achieved_per_s",
        json_num(took_s > 0 ? (double)(s->ok + s->failed) / took_s : (double)NAN), "users",
        json_num(i->users), "in_flight", (json_int_t)i->in_flight, "ok", (json_int_t)s->ok,
        "failed", (json_int_t)s->failed, "latency", latency_json(s->latency));
    put_line(s, line);
    hist_reset(s->latency);
    s->ok = s->failed = 0;
    s->any = false;
}

void stream_interval(Stream *s, const CaseResult *c, uint32_t round, const LoadInterval *i)
{
    bool other = s->last.warming != i->warming || s->last.stage != i->stage;
    if (s->any && other) /* a line is of one part of the load */
        flush(s, c, round);
    if (!s->any)
        s->begin_ns = i->begin_ns;
    s->any = true;
    s->ok += i->ok;
    s->failed += i->failed;
    hist_add(s->latency, i->latency);
    s->last = *i;
    s->last.latency = NULL;
    if (i->end_ns >= s->begin_ns + s->every_ns)
        flush(s, c, round);
}

void stream_trial_end(Stream *s, const CaseResult *c, const Trial *t)
{
    flush(s, c, t->round);
    const Outcomes *o = &t->outcomes;
    put_line(s,
             json_pack("{s:o, s:I, s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "case",
                       json_text(c->name), "trial", (json_int_t)t->round, "end", true, "validity",
                       grade_name(t->validity.grade), "scheduled", (json_int_t)o->scheduled, "ok",
                       (json_int_t)o->ok, "failed", (json_int_t)outcomes_failed(o), "timed_out",
                       (json_int_t)o->timed_out, "shed", (json_int_t)o->shed, "dropped",
                       (json_int_t)o->dropped, "in_flight", (json_int_t)o->in_flight));
}

int stream_close(Stream *s, const Run *r, Err *err)
{
    if (!s)
        return 0;
    put_line(s, json_pack("{s:o, s:b, s:b}", "run", json_text(r->id), "end", true, "interrupted",
                          r->interrupted));
    int code = s->error;
    if (s->own && fclose(s->to) == EOF && code == 0)
        code = -errno;
    const char *name = s->name;
    hist_free(s->latency);
    free(s);
    return code < 0 ? err_errno(err, code, "json-stream '%s'", name) : 0;
}
