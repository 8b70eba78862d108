/* What steps and passes came to. */
#include <errno.h>
#include <stdlib.h>

#include "load/scenario.h"

static int make(PlayTally *t, const Scenarios *s, Err *err)
{
    t->steps = calloc((size_t)MAX(s->n_steps, (ptrdiff_t)1), sizeof *t->steps);
    t->spans = calloc((size_t)MAX(s->n_spans, (ptrdiff_t)1), sizeof *t->spans);
    if (!t->steps || !t->spans)
        return err_set(err, -ENOMEM, "counts of %td steps", s->n_steps);
    for (; t->n_steps < s->n_steps; t->n_steps++)
        TRY(hist_new(&t->steps[t->n_steps].latency, err));
    for (; t->n_spans < s->n_spans; t->n_spans++)
        TRY(hist_new(&t->spans[t->n_spans].duration, err));
    return 0;
}

int play_tally_init(PlayTally *t, const Scenarios *s, Err *err)
{
    *t = (PlayTally){ 0 };
    int r = make(t, s, err);
    if (r < 0)
        play_tally_done(t);
    return r;
}

void play_tally_done(PlayTally *t)
{
    for (ptrdiff_t i = 0; i < t->n_steps; i++)
        hist_free(t->steps[i].latency);
    for (ptrdiff_t i = 0; i < t->n_spans; i++)
        hist_free(t->spans[i].duration);
    free(t->steps);
    free(t->spans);
    *t = (PlayTally){ 0 };
}

void play_tally_merge(PlayTally *into, const PlayTally *from)
{
    assert(into->n_steps == from->n_steps && into->n_spans == from->n_spans);
    into->scripts_failed += from->scripts_failed;
    into->script_why = into->script_why ? into->script_why : from->script_why;
    for (ptrdiff_t i = 0; i < from->n_steps; i++) {
        outcomes_add(&into->steps[i].outcomes, &from->steps[i].outcomes);
        hist_add(into->steps[i].latency, from->steps[i].latency);
    }
    for (ptrdiff_t i = 0; i < from->n_spans; i++) {
        into->spans[i].done += from->spans[i].done;
        into->spans[i].failed += from->spans[i].failed;
        into->spans[i].cut += from->spans[i].cut;
        hist_add(into->spans[i].duration, from->spans[i].duration);
    }
}

void step_tally_op(StepTally *t, const Op *op, uint64_t now_ns)
{
    uint64_t end = op->result < 0 ? now_ns : op->out.done_ns;
    uint64_t took = end > op->due_ns ? end - op->due_ns : 0;
    t->outcomes.scheduled++;
    op_count(&t->outcomes, op);
    if (op->result < 0)
        hist_record_censored(t->latency, took);
    else
        hist_record(t->latency, took);
}
