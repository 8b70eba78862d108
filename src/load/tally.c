#include "load/tally.h"

#include <errno.h>
#include <string.h>

static Hist **tally_hists(Tally *t, ptrdiff_t i)
{
    Hist **all[] = { &t->latency,      &t->service_time, &t->lateness,
                     &t->connect_time, &t->first_byte,   &t->own_lateness };
    return i < ARRAY_LEN(all) ? all[i] : NULL;
}

int tally_init(Tally *t, Err *err)
{
    *t = (Tally){ 0 };
    for (ptrdiff_t i = 0; tally_hists(t, i); i++) {
        int r = hist_new(tally_hists(t, i), err);
        if (r < 0) {
            tally_done(t);
            return r;
        }
    }
    return 0;
}

void tally_done(Tally *t)
{
    for (ptrdiff_t i = 0; tally_hists(t, i); i++)
        *tally_hists(t, i) = hist_free(*tally_hists(t, i));
    figures_done(&t->figures);
}

void tally_merge(Tally *into, const Tally *from)
{
    Tally view = *from; /* the walk takes addresses; what they point to is only read */
    for (ptrdiff_t i = 0; tally_hists(into, i); i++)
        hist_add(*tally_hists(into, i), *tally_hists(&view, i));
    outcomes_add(&into->outcomes, &from->outcomes);
    into->bytes_in += from->bytes_in;
    into->bytes_out += from->bytes_out;
    into->answered_in_window += from->answered_in_window;
    into->ok_in_window += from->ok_in_window;
    into->answered_carried_in += from->answered_carried_in;
    into->ok_carried_in += from->ok_carried_in;
    into->answered_carried_out += from->answered_carried_out;
    into->ok_carried_out += from->ok_carried_out;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(into->status); i++)
        into->status[i] += from->status[i];
    into->reconnects += from->reconnects;
    into->backoff_ns += from->backoff_ns;
    into->idle_lost += from->idle_lost;
    into->idle_held += from->idle_held;
    figures_merge(&into->figures, &from->figures);
    into->no_descriptors += from->no_descriptors;
    into->no_ports += from->no_ports;
    if (from->connect_error)
        into->connect_error = from->connect_error;
    causes_merge(&into->causes, &from->causes);
    into->cpu_ns += from->cpu_ns;
    into->cpu_wall_ns += from->cpu_wall_ns;
    uint64_t wall = MAX(from->cpu_wall_ns, (uint64_t)1);
    into->worst_cpu_permille = MAX(into->worst_cpu_permille, from->cpu_ns * 1000 / wall);
    into->worst_run_queue_permille =
        MAX(into->worst_run_queue_permille, from->run_queue_ns * 1000 / wall);
}

static FailClass class_of_errno(int code)
{
    switch (-code) {
    case EPROTO:
    case EBADMSG:
        return FAIL_PROTOCOL;
    case EKEYREJECTED:
        return FAIL_TLS;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case EMFILE:
    case ENFILE:
        return FAIL_CONNECT;
    default:
        return FAIL_RESET;
    }
}

OpEnd op_end(const Op *op, FailClass *ret_class)
{
    if (op->result == -ETIMEDOUT)
        return OP_TIMED_OUT;
    if (op->result == -ECANCELED)
        return OP_IN_FLIGHT;
    if (op->result < 0) {
        *ret_class = class_of_errno(op->result);
        if (op->unopened && *ret_class != FAIL_TLS && *ret_class != FAIL_PROTOCOL)
            *ret_class = FAIL_CONNECT;
        return OP_FAILED;
    }
    if (!op->out.failed)
        return OP_OK;
    *ret_class = op->out.fail;
    return OP_FAILED;
}

static uint64_t since(uint64_t later, uint64_t earlier)
{
    return later > earlier ? later - earlier : 0;
}

static void count_answer(Tally *t, const Op *op, const Window *win)
{
    uint64_t done = op->out.done_ns;
    bool ok = !op->out.failed;
    if (op->result < 0 || done < win->begin_ns)
        return;
    if (done >= win->end_ns) {
        t->answered_carried_out += op->measured;
        t->ok_carried_out += op->measured && ok;
    } else if (op->measured) {
        t->answered_in_window++;
        t->ok_in_window += ok;
    } else {
        t->answered_carried_in++;
        t->ok_carried_in += ok;
    }
}

static void record_answered(Tally *t, const Op *op)
{
    const Outcome *o = &op->out;
    hist_record(t->latency, since(o->done_ns, op->due_ns));
    hist_record(t->service_time, since(o->done_ns, o->sent_ns));
    if (o->first_byte_ns)
        hist_record(t->first_byte, since(o->first_byte_ns, o->sent_ns));
    int hundred = o->status / 100;
    t->status[hundred >= 1 && hundred <= 5 ? hundred : 0]++;
}

static void record_given_up(Tally *t, const Op *op, uint64_t now_ns)
{
    hist_record_censored(t->latency, since(now_ns, op->due_ns));
    if (op->out.sent_ns)
        hist_record_censored(t->service_time, since(now_ns, op->out.sent_ns));
}

static void count_cause(Tally *t, const Op *op, FailClass c)
{
    if (op->result < 0)
        causes_add(&t->causes, op->out.cause, op->result, 1);
    else if ((c == FAIL_STATUS || c == FAIL_UNAUTHORIZED || c == FAIL_FORBIDDEN) && op->out.status)
        causes_add_status(&t->causes, op->out.status, 1);
    else if (op->out.cause)
        causes_add(&t->causes, op->out.cause, 0, 1);
}

void op_count(Outcomes *o, const Op *op)
{
    FailClass c = FAIL_RESET;
    switch (op_end(op, &c)) {
    case OP_OK:
        o->ok++;
        break;
    case OP_FAILED:
        o->failed[c]++;
        break;
    case OP_TIMED_OUT:
        o->timed_out++;
        break;
    case OP_IN_FLIGHT:
        *(op->out.sent_ns ? &o->in_flight : &o->dropped) += 1;
        break;
    }
}

static void count_end(Tally *t, const Op *op)
{
    FailClass c = FAIL_RESET;
    op_count(&t->outcomes, op);
    if (op_end(op, &c) == OP_FAILED)
        count_cause(t, op, c);
}

void tally_op(Tally *t, const Op *op, const Window *win, uint64_t now_ns)
{
    count_answer(t, op, win);
    if (!op->measured)
        return;
    count_end(t, op);
    t->bytes_in += op->out.bytes_in;
    t->bytes_out += op->out.bytes_out;
    if (op->result < 0)
        record_given_up(t, op, now_ns);
    else
        record_answered(t, op);
    if (!op->out.sent_ns)
        return;
    uint64_t late = since(op->out.sent_ns, op->due_ns);
    hist_record(t->lateness, late);
    if (op->punctual)
        hist_record(t->own_lateness, late);
}

void tally_unsent(Tally *t, bool shed, uint64_t waited_ns)
{
    *(shed ? &t->outcomes.shed : &t->outcomes.dropped) += 1;
    if (!waited_ns)
        return;
    hist_record_censored(t->latency, waited_ns);
    hist_record_censored(t->lateness, waited_ns);
}

void tally_connect(Tally *t, int result, uint64_t took_ns, bool in_window, bool again)
{
    if (result < 0) {
        t->connect_error = result;
        t->no_descriptors += result == -EMFILE || result == -ENFILE;
        t->no_ports += result == -EADDRNOTAVAIL;
        return;
    }
    hist_record(t->connect_time, took_ns);
    t->reconnects += again && in_window;
}

int interval_init(Interval *i, Err *err)
{
    *i = (Interval){ 0 };
    return hist_new(&i->latency, err);
}

void interval_done(Interval *i)
{
    i->latency = hist_free(i->latency);
}

void interval_reset(Interval *i)
{
    hist_reset(i->latency);
    i->done = i->answered = i->failed = 0;
    memset(i->failed_by, 0, sizeof i->failed_by);
}

void interval_op(Interval *i, const Op *op, uint64_t now_ns)
{
    FailClass class = FAIL_N;
    bool answered = op->result >= 0;
    if (op_end(op, &class) != OP_OK)
        i->failed_by[class]++;
    i->done++;
    i->answered += answered;
    i->failed += !answered || op->out.failed;
    hist_record(i->latency, since(answered ? op->out.done_ns : now_ns, op->due_ns));
}
