/* A replay: recorded requests, due when they were recorded, as an open load.
 *
 * The window is as long as the recording, and the mean gap longer (a second at most), as a rate's
 * last operation has its own part of the time. */
#include <errno.h>
#include <stdlib.h>

#include "load/load_internal.h"

static uint64_t length_of(const Recording *r, double speed)
{
    double last = (double)r->v[r->n - 1].at_ns / speed;
    double gap = r->n > 1 ? last / (double)(r->n - 1) : 1e9;
    return (uint64_t)(last + MIN(MAX(gap, 1.0), 1e9)) + 1;
}

int replay_make_window(Load *l, Err *err)
{
    const LoadSpec *s = &l->spec;
    Recording *r = &l->recording;
    TRY(recording_read(r, s->replay, s->replay_lenient, err));
    l->dues = calloc((size_t)r->n, sizeof *l->dues);
    if (!l->dues)
        return err_set(err, -ENOMEM, "%td recorded requests", r->n);
    for (ptrdiff_t i = 0; i < r->n; i++)
        l->dues[i] = (uint64_t)((double)r->v[i].at_ns / s->speed);
    uint64_t whole = length_of(r, s->speed), asked = l->plan->duration_ns;
    return schedule_init_dues(&l->window, l->dues, r->n, asked ? MIN(asked, whole) : whole, err);
}

int replay_prepare(Load *l, Err *err)
{
    const LoadPlan *p = l->plan;
    return p->driver->prepare_replay(l->target, p->request_opts, &l->recording, l->request, err);
}

static void add_count(Load *l, const char *name, const char *method, double v)
{
    trial_add_metric(l->run, l->trial, name, "count", BETTER_NONE, method, v, NULL);
}

void replay_report(Load *l)
{
    add_count(l, "planned", "recorded requests due within the window",
              (double)schedule_planned(&l->window, 0));
    if (l->recording.n_skipped)
        add_count(l, "skipped_records", "damaged, left out by replay_lenient",
                  (double)l->recording.n_skipped);
}
