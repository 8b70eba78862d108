/* A user's pass through a scenario. Runs on the user's coroutine. */
#include <errno.h>

#include "load/worker.h"

/* How a pass ends. */
typedef enum PassEnd { PASS_ON, PASS_DONE, PASS_FAILED, PASS_CUT } PassEnd;

static const Scenario *choose(const Scenarios *all, Rng *rng)
{
    double at = rng_f64(rng);
    ptrdiff_t i = 0;
    while (i + 1 < all->n && at >= all->v[i].upto)
        i++;
    return &all->v[i];
}

static void forget(Vu *v)
{
    const WorkerPlan *p = v->worker->plan;
    v->pass->once = 0;
    draw_forget(&v->draw, p->scenarios->vars->n, false);
    if (v->io.session && p->driver->clear_session)
        p->driver->clear_session(v->io.session);
}

static void begin(Vu *v)
{
    Pass *p = v->pass;
    const Scenario *s = choose(v->worker->plan->scenarios, &p->rng);
    *p = (Pass){ .rng = p->rng,
                 .scenario = s,
                 .once = p->once,
                 .due_ns = v->op.due_ns,
                 .measured = v->op.measured };
    v->ready_ns = v->op.due_ns;
    if (s->every_pass)
        forget(v);
    if (s->feed)
        v->draw.row = feed_next(s->feed, &v->draw);
    v->draw.script = v->worker->scripts[s - v->worker->plan->scenarios->v];
}

/* ---- requests ---- */

/* The pass's own operation, which the schedule gave, or the next one, due now. */
static bool take(Vu *v, Pass *p)
{
    const Worker *w = v->worker;
    if (!p->begun) {
        p->begun = true;
        v->op.due_ns = v->ready_ns; /* pauses may stand before it */
        return true;
    }
    if (user_gives_way(v) && vu_sleep_until(&v->io, 0) < 0)
        return false;
    if (w->over || v->ready_ns >= w->win.end_ns)
        return false;
    user_take(v, v->ready_ns);
    return true;
}

static bool failed(const Op *op)
{
    return op->result < 0 || op->out.failed;
}

static bool refused(const Op *op)
{
    return op->result >= 0 && op->out.failed && op->out.fail == FAIL_UNAUTHORIZED;
}

/* A login that has run out is made again, once, and what was refused is asked again. */
static bool logs_in_again(Pass *p)
{
    const Scenario *s = p->scenario;
    if (p->pc < s->login_end || s->login_end == 0 || p->retried == p->pc)
        return false;
    p->once &= ~(UINT64_C(1) << s->login_once);
    p->resume = p->retried = p->pc;
    p->pc = 0;
    return true;
}

static PassEnd request(Vu *v, Pass *p, const Play *at)
{
    if (!take(v, p))
        return PASS_CUT;
    v->op.step = (uint16_t)(at->index + 1);
    user_operate(v);
    if (v->op.result == -ECANCELED)
        return PASS_CUT;
    if (refused(&v->op) && logs_in_again(p))
        return PASS_ON;
    if (failed(&v->op) && !p->scenario->goes_on)
        return PASS_FAILED;
    p->pc++;
    return PASS_ON;
}

/* ---- requests at once ---- */

/* Who asks for branch `i`: the first of those in `mask` is the user's own. */
static Vu *asker(Vu *v, uint32_t mask, uint32_t i)
{
    bool own = (mask & ((1u << i) - 1)) == 0;
    return own ? v : &v->mates[i - 1];
}

/* All are due when the step is. False: it never was. */
static bool ask_all(Vu *v, Pass *p, const Play *at, uint32_t mask)
{
    if (!take(v, p))
        return false;
    for (uint32_t i = 0; i < at->times; i++) {
        Vu *who = asker(v, mask, i);
        if (!(mask >> i & 1))
            continue;
        if (who == v)
            v->op.step = (uint16_t)(at->index + (int)i + 1);
        else
            mates_ask(who, v->op.due_ns, at->index + (int)i);
    }
    user_operate(v);
    return mates_await(v);
}

/* The step is over when the last reply is there; what was refused alone is asked again. */
static PassEnd parallel(Vu *v, Pass *p, const Play *at)
{
    uint32_t mask = p->again ? p->again : (1u << at->times) - 1, again = 0;
    bool bad = false, cut = !ask_all(v, p, at, mask);
    p->again = 0;
    for (uint32_t i = 0; !cut && i < at->times; i++) {
        const Vu *who = asker(v, mask, i);
        if (!(mask >> i & 1))
            continue;
        again |= (uint32_t)refused(&who->op) << i;
        bad |= failed(&who->op);
        cut |= who->op.result == -ECANCELED;
        v->ready_ns = MAX(v->ready_ns, who->ready_ns);
    }
    if (cut)
        return PASS_CUT;
    if (again && logs_in_again(p)) {
        p->again = again;
        return PASS_ON;
    }
    if (bad && !p->scenario->goes_on)
        return PASS_FAILED;
    p->pc++;
    return PASS_ON;
}

/* ---- what steers ---- */

/* What ends early is the pause, not the pass: its first request may still be due. */
static PassEnd pause(Vu *v, Pass *p, const Play *at)
{
    uint64_t ns = think_draw_ns(&at->think, &p->rng);
    v->ready_ns += ns;
    p->paused_ns += ns;
    bool cut = vu_sleep_until(&v->io, v->ready_ns) < 0;
    p->pc++;
    return cut && p->begun ? PASS_CUT : PASS_ON;
}

/* Its time is the user's own, like a pause. What fails before the pass's first request is that
 * request: it was due, and can't be made. */
static PassEnd script(Vu *v, Pass *p, const Play *at)
{
    uint64_t from = vu_now(&v->io);
    const char *why = script_step(&v->io, at->index);
    uint64_t took = vu_now(&v->io) - from;
    PlayTally *t = &v->worker->play;
    v->ready_ns += took;
    p->paused_ns += took;
    p->pc++;
    if (why && p->measured) {
        t->scripts_failed++;
        t->script_why = why;
    }
    if (!why || p->scenario->goes_on)
        return PASS_ON;
    if (!p->begun)
        user_refuse(v, why);
    return PASS_FAILED;
}

static bool holds(const Vu *v, const Play *at)
{
    Str value = draw_get(&v->draw, at->var);
    if (!at->condition.compares)
        return value.len > 0;
    return str_eq(value, at->condition.text) != at->condition.negated;
}

static void end_group(Vu *v, const Pass *p, const Play *at)
{
    SpanTally *t = &v->worker->play.spans[at->index];
    uint64_t paused = p->paused_ns - p->group_paused_ns[at->depth];
    if (!p->measured)
        return;
    t->done++;
    hist_record(t->duration, v->ready_ns - p->group_ns[at->depth] - paused);
}

static PassEnd step(Vu *v, Pass *p)
{
    const Play *at = &p->scenario->code[p->pc];
    switch (at->code) {
    case PLAY_REQUEST:
        return request(v, p, at);
    case PLAY_PARALLEL:
        return parallel(v, p, at);
    case PLAY_THINK:
        return pause(v, p, at);
    case PLAY_SCRIPT:
        return script(v, p, at);
    case PLAY_LOOP:
        p->left[at->depth] = at->times;
        break;
    case PLAY_AGAIN:
        if (--p->left[at->depth] > 0)
            p->pc = at->to - 1;
        break;
    case PLAY_ONCE:
        if (p->once >> at->index & 1)
            p->pc = at->to - 1;
        break;
    case PLAY_ONCE_END:
        p->once |= UINT64_C(1) << at->index;
        if (p->resume)
            p->pc = p->resume - 1;
        p->resume = 0;
        break;
    case PLAY_IF:
        if (!holds(v, at))
            p->pc = at->to - 1;
        break;
    case PLAY_JUMP:
        p->pc = at->to - 1;
        break;
    case PLAY_GROUP:
        p->group_ns[at->depth] = v->ready_ns;
        p->group_paused_ns[at->depth] = p->paused_ns;
        break;
    case PLAY_GROUP_END:
        end_group(v, p, at);
        break;
    case PLAY_END:
        return PASS_DONE;
    }
    p->pc++;
    return PASS_ON;
}

static void end(Vu *v, const Pass *p, PassEnd how)
{
    SpanTally *t = &v->worker->play.spans[p->scenario->span];
    if (!p->measured)
        return;
    t->done += how == PASS_DONE;
    t->failed += how == PASS_FAILED;
    t->cut += how == PASS_CUT;
    if (how == PASS_DONE)
        hist_record(t->duration, v->ready_ns - p->due_ns - p->paused_ns);
}

void user_play(Vu *v)
{
    PassEnd how;
    begin(v);
    do
        how = step(v, v->pass);
    while (how == PASS_ON);
    end(v, v->pass, how);
}
