#include "cmd/live.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/live.h"
#include "report/report.h"

static const uint64_t DRAW_EVERY_NS = 200 * NS_PER_MS, LINE_EVERY_NS = 10 * NS_PER_S;

struct LiveShow {
    Ctx *ctx;
    Live *live;
    uint64_t next_ns; /* when it is drawn again */
};

static LivePoint point_of(const LabView *v)
{
    const LoadInterval *i = v->now;
    return (LivePoint){ .name = v->name,
                        .stage = i->stage,
                        .trial = v->trial,
                        .trials = v->trials,
                        .warming = i->warming,
                        .t_s = i->t_s,
                        .total_s = i->total_s,
                        .took_s = (double)(i->end_ns - i->begin_ns) / (double)NS_PER_S,
                        .ok = i->ok,
                        .failed = i->failed,
                        .in_flight = i->in_flight,
                        .failed_by = i->failed_by,
                        .latency = i->latency,
                        .asked_per_s = i->offered_per_s,
                        .users = i->users,
                        .target_cpu = v->resources.target_cpu,
                        .target_rss = v->resources.target_rss,
                        .generator_cpu = v->resources.generator_cpu,
                        .generator_rss = v->resources.generator_rss,
                        .host_busy = v->resources.host_busy };
}

static void draw(LiveShow *s)
{
    CLEANUP(arena_done) Arena a = { 0 };
    if (s->ctx->log.live)
        log_block(&s->ctx->log, live_block(s->live, &a));
    else
        log_note(&s->ctx->log, "%s", live_line(s->live, &a));
}

static void on_view(void *user, const LabView *v)
{
    LiveShow *s = user;
    uint64_t now = clock_mono_ns();
    LivePoint p = point_of(v);
    live_add(s->live, &p);
    if (now < s->next_ns)
        return;
    draw(s);
    s->next_ns = now + (s->ctx->log.live ? DRAW_EVERY_NS : LINE_EVERY_NS);
}

LiveShow *live_begin(Ctx *ctx, Lab *lab)
{
    LiveShow *s = ctx->log.level < LOG_NOTE ? NULL : calloc(1, sizeof *s);
    if (!s || live_new(&s->live, report_opts_for(STDERR_FILENO).unicode, NULL) < 0) {
        free(s);
        return NULL;
    }
    s->ctx = ctx;
    s->next_ns = ctx->log.live ? 0 : clock_mono_ns() + LINE_EVERY_NS;
    lab->on_view = on_view;
    lab->view_user = s;
    return s;
}

void live_end(LiveShow *s)
{
    if (!s)
        return;
    log_progress_end(&s->ctx->log);
    live_free(s->live);
    free(s);
}
