#include "report/live.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "report/plot_text.h"
#include "report/width.h"

enum { RECENT = 10, NAME_COLUMNS = 60 }; /* points that make the rate: about a second */

typedef struct Cell {
    double ops, seconds, p99_ns;
} Cell;

struct Live {
    bool unicode;
    StrBuf name, stage; /* clean */
    LivePoint last;     /* its borrowed parts are gone */
    uint64_t ok, failed, failed_by[FAIL_N + 1];
    Hist *latency; /* of the measured part so far */
    Cell cells[LIVE_CELLS];
    double recent_ops[RECENT], recent_s[RECENT];
    uint64_t n_points;
};

int live_new(Live **ret, bool unicode, Err *err)
{
    Live *l = calloc(1, sizeof *l);
    if (!l || hist_new(&l->latency, err) < 0) {
        free(l);
        return err_set(err, -ENOMEM, "no memory for the live view");
    }
    l->unicode = unicode;
    *ret = l;
    return 0;
}

void live_free(Live *l)
{
    if (!l)
        return;
    hist_free(l->latency);
    strbuf_done(&l->name);
    strbuf_done(&l->stage);
    free(l);
}

/* ---- summing up ---- */

static void begin_anew(Live *l)
{
    hist_reset(l->latency);
    l->ok = l->failed = l->n_points = 0;
    memset(l->failed_by, 0, sizeof l->failed_by);
    for (int i = 0; i < LIVE_CELLS; i++)
        l->cells[i] = (Cell){ .p99_ns = (double)NAN };
}

static void set_text(StrBuf *b, const char *text, bool unicode)
{
    strbuf_clear(b);
    text_clean(b, str(text), unicode);
}

static bool is_another(const Live *l, const LivePoint *p)
{
    return l->n_points == 0 || l->last.trial != p->trial || (l->last.warming && !p->warming) ||
           (!l->last.warming && p->warming);
}

static void add_to_cell(Live *l, const LivePoint *p)
{
    double place = p->total_s > 0 ? (p->t_s - p->took_s / 2) / p->total_s * LIVE_CELLS : 0;
    Cell *c = &l->cells[place < 0 ? 0 : MIN((int)place, LIVE_CELLS - 1)];
    double p99 = hist_quantile(p->latency, 0.99);
    c->ops += (double)(p->ok + p->failed);
    c->seconds += p->took_s;
    if (!isnan(p99) && !(c->p99_ns > p99))
        c->p99_ns = p99;
}

void live_add(Live *l, const LivePoint *p)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    set_text(&name, p->name, l->unicode);
    if (is_another(l, p) || !str_eq(strbuf_str(&name), strbuf_str(&l->name)))
        begin_anew(l);
    set_text(&l->name, p->name, l->unicode);
    set_text(&l->stage, p->stage ? p->stage : "", l->unicode);
    l->ok += p->ok;
    l->failed += p->failed;
    for (int i = 0; i <= FAIL_N; i++)
        l->failed_by[i] += p->failed_by[i];
    hist_add(l->latency, p->latency);
    l->recent_ops[l->n_points % RECENT] = (double)(p->ok + p->failed);
    l->recent_s[l->n_points % RECENT] = p->took_s;
    l->n_points++;
    if (!p->warming)
        add_to_cell(l, p);
    l->last = *p;
}

static double recent_rate(const Live *l)
{
    double ops = 0, s = 0;
    for (uint64_t i = 0; i < MIN(l->n_points, (uint64_t)RECENT); i++) {
        ops += l->recent_ops[i];
        s += l->recent_s[i];
    }
    return s > 0 ? ops / s : (double)NAN;
}

/* ---- telling ---- */

typedef struct Text {
    const Live *l;
    Arena *a;
    StrBuf b;
} Text;

/* "12/60 s", "0.4/1.0 s", "warming up"; replies are awaited behind the end. */
static void add_time(Text *t)
{
    const LivePoint *p = &t->l->last;
    int digits = p->total_s < 10 ? 1 : 0;
    if (p->warming)
        strbuf_addz(&t->b, "warming up");
    else if (p->t_s > p->total_s + p->took_s)
        strbuf_addf(&t->b, "awaiting the last replies for %.0f s", p->t_s - p->total_s);
    else
        strbuf_addf(&t->b, "%.*f/%.*f s", digits, MAX(p->t_s, 0.0), digits, p->total_s);
}

static void add_title(Text *t)
{
    const LivePoint *p = &t->l->last;
    Str name = strbuf_str(&t->l->name);
    if (p->trials > 1)
        strbuf_addf(&t->b, "trial %u/%u  ", p->trial, p->trials);
    strbuf_add(&t->b, str_slice(name, 0, text_fit(name, NAME_COLUMNS)));
    strbuf_addz(&t->b, "  ");
    add_time(t);
    if (t->l->stage.len)
        strbuf_addf(&t->b, "  stage " STR_FMT, STR_ARG(strbuf_str(&t->l->stage)));
    if (p->warming || !(p->total_s > 0))
        return;
    const char *bar = plot_bar(t->a, p->t_s / p->total_s, 20, t->l->unicode);
    strbuf_addf(&t->b, "  [%s", bar);
    strbuf_pad(&t->b, ' ', MAX(20 - text_columns(str(bar)), (ptrdiff_t)0));
    strbuf_addz(&t->b, "]");
}

static void add_rate(Text *t)
{
    char now[FMT_MAX], asked[FMT_MAX];
    strbuf_addf(&t->b, "%s", fmt_rate(now, recent_rate(t->l)));
    if (!isnan(t->l->last.asked_per_s))
        strbuf_addf(&t->b, " of %s", fmt_rate(asked, t->l->last.asked_per_s));
    if (!isnan(t->l->last.users))
        strbuf_addf(&t->b, "  users %.0f", t->l->last.users);
    strbuf_addf(&t->b, "  in flight %llu", (unsigned long long)t->l->last.in_flight);
}

static void add_times(Text *t)
{
    static const struct {
        const char *name;
        double q;
    } rows[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "max", 1 } };
    char buf[FMT_MAX];
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        strbuf_addf(&t->b, "%s%s %s", i ? "  " : "", rows[i].name,
                    fmt_duration(buf, hist_quantile(t->l->latency, rows[i].q)));
}

/* "12 (0.1 %): 10 timed out, 2 reset" */
static void add_failures(Text *t)
{
    const Live *l = t->l;
    uint64_t all = l->ok + l->failed;
    const char *between = ": ";
    strbuf_addf(&t->b, "%llu", (unsigned long long)l->failed);
    if (!l->failed || !all)
        return;
    strbuf_addf(&t->b, " (%.2g %%)", 100.0 * (double)l->failed / (double)all);
    for (int i = 0; i <= FAIL_N; i++) {
        if (!l->failed_by[i])
            continue;
        strbuf_addf(&t->b, "%s%llu %s", between, (unsigned long long)l->failed_by[i],
                    i == FAIL_N ? "timed out" : fail_class_name((FailClass)i));
        between = ", ";
    }
}

static void add_cost(Text *t, const char *who, double cpu, double rss)
{
    char buf[FMT_MAX];
    if (isnan(cpu) && isnan(rss))
        return;
    strbuf_addz(&t->b, who);
    if (!isnan(cpu))
        strbuf_addf(&t->b, " %.2f cores", cpu);
    if (!isnan(rss))
        strbuf_addf(&t->b, " %s", fmt_size(buf, rss));
    strbuf_addz(&t->b, "  ");
}

static void add_resources(Text *t)
{
    const LivePoint *p = &t->l->last;
    add_cost(t, "target", p->target_cpu, p->target_rss);
    add_cost(t, "generator", p->generator_cpu, p->generator_rss);
    if (!isnan(p->host_busy))
        strbuf_addf(&t->b, "host %.0f %% busy", 100 * p->host_busy);
}

static double largest(const double *v)
{
    double most = 0;
    for (int i = 0; i < LIVE_CELLS; i++)
        most = v[i] > most ? v[i] : most;
    return most;
}

static void add_curve(Text *t, const char *label, bool p99)
{
    char buf[FMT_MAX];
    double v[LIVE_CELLS];
    for (int i = 0; i < LIVE_CELLS; i++) {
        const Cell *c = &t->l->cells[i];
        v[i] = p99 ? c->p99_ns : c->seconds > 0 ? c->ops / c->seconds : (double)NAN;
    }
    double top = largest(v);
    strbuf_addf(&t->b, "\n%-10s%s  up to %s", label,
                plot_spark(t->a, v, LIVE_CELLS, top, t->l->unicode),
                p99 ? fmt_duration(buf, top) : fmt_rate(buf, top));
}

const char *live_block(const Live *l, Arena *a)
{
    Text t = { .l = l, .a = a };
    add_title(&t);
    strbuf_addz(&t.b, "\nrate      ");
    add_rate(&t);
    strbuf_addz(&t.b, "\nlatency   ");
    add_times(&t);
    strbuf_addz(&t.b, "\nfailed    ");
    add_failures(&t);
    strbuf_addz(&t.b, "\nresources ");
    add_resources(&t);
    if (!l->last.warming) {
        add_curve(&t, "rate", false);
        add_curve(&t, "p99", true);
    }
    const char *ret = arena_strdup(a, strbuf_z(&t.b));
    strbuf_done(&t.b);
    return ret;
}

const char *live_line(const Live *l, Arena *a)
{
    Text t = { .l = l, .a = a };
    strbuf_add(&t.b, strbuf_str(&l->name));
    strbuf_addz(&t.b, "  ");
    add_time(&t);
    if (l->stage.len)
        strbuf_addf(&t.b, "  stage " STR_FMT, STR_ARG(strbuf_str(&l->stage)));
    strbuf_addz(&t.b, "  ");
    add_rate(&t);
    strbuf_addz(&t.b, "  ");
    add_times(&t);
    strbuf_addz(&t.b, "  failed ");
    add_failures(&t);
    const char *ret = arena_strdup(a, strbuf_z(&t.b));
    strbuf_done(&t.b);
    return ret;
}
