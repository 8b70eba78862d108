/* Each cause brings its reason, and a sound trial brings none. */
#include "tap.h"

#include "load/load_internal.h"

/* A trial as the workers might have left it; times in µs. */
typedef struct Row {
    double rate;
    uint64_t ok, reset, dropped, shed, in_window, carried_in, carried_out;
    uint64_t latency_us, late_us, own_late_us; /* all samples alike */
    uint64_t no_fds, no_ports, cpu_permille, run_queue_permille, backoff_permille;
    bool replay;
    const char *code; /* the only reason; NULL: none */
    Grade grade;
    const char *word, *why;
} Row;

static const Row rows[] = {
    { 100, 1000, .in_window = 1000, .latency_us = 500, .late_us = 10, .own_late_us = 10,
      .cpu_permille = 300, .why = "a sound open trial" },
    { 0, 1000, .in_window = 1000, .latency_us = 500, .cpu_permille = 850,
      .why = "a sound closed one, at the CPU limit" },
    { 100, .code = "nothing-scheduled", .grade = GRADE_INVALID, .word = "longer",
      .why = "no operation at all" },
    { 0, .reset = 1000, .latency_us = 500, .code = "nothing-succeeded", .grade = GRADE_INVALID,
      .word = "none of 1000", .why = "no success" },
    { 0, 990, .reset = 10, .in_window = 990, .latency_us = 500, .why = "1 % failed" },
    { 0, 980, .reset = 20, .in_window = 980, .latency_us = 500, .code = "failures",
      .grade = GRADE_SUSPECT, .word = "2.0 % of the operations", .why = "2 % failed" },
    { 0, 400, .reset = 600, .in_window = 400, .latency_us = 500, .code = "failures",
      .grade = GRADE_INVALID, .word = "600 lost their connection; see", .why = "most failed" },
    { 0, 99999, .reset = 1, .in_window = 99999, .latency_us = 500, .backoff_permille = 510,
      .code = "failures", .grade = GRADE_INVALID, .word = "51.0 % of the users' time",
      .why = "few failures, because closed users were waiting to connect" },
    { 0, 1000, .in_window = 1000, .latency_us = 500, .no_fds = 1, .code = "out-of-descriptors",
      .grade = GRADE_INVALID, .word = "ulimit", .why = "EMFILE" },
    { 0, 1000, .in_window = 1000, .latency_us = 500, .no_ports = 3, .code = "out-of-ports",
      .grade = GRADE_INVALID, .word = "ip_local_port_range", .why = "EADDRNOTAVAIL" },
    { 100, 1000, .in_window = 990, .latency_us = 500, .late_us = 10, .own_late_us = 10,
      .why = "0.99 of the offered rate is enough" },
    { 100, 1000, .in_window = 980, .latency_us = 500, .late_us = 10, .own_late_us = 10,
      .code = "rate-not-met", .grade = GRADE_SUSPECT, .word = "98.0 %", .why = "0.98 is not" },
    { 100, 1000, .in_window = 950, .carried_in = 50, .carried_out = 50, .latency_us = 500,
      .late_us = 10, .own_late_us = 10, .why = "as many replies cross the begin as the end" },
    { 100, 1000, .in_window = 950, .carried_in = 800, .carried_out = 20, .latency_us = 500,
      .late_us = 10, .own_late_us = 10, .code = "rate-not-met", .grade = GRADE_SUSPECT,
      .word = "97.0 %", .why = "a backlog from before does not make up for what is missing" },
    { 100, 1000, .in_window = 900, .carried_in = 20, .carried_out = 100, .latency_us = 500,
      .late_us = 10, .own_late_us = 10, .code = "rate-not-met", .grade = GRADE_SUSPECT,
      .word = "92.0 %", .why = "a backlog that grows within the window" },
    { 100, 1000, .in_window = 985, .carried_out = 15, .replay = true, .latency_us = 500,
      .late_us = 10, .own_late_us = 10,
      .why = "a replay's last replies, one for each of ten connections" },
    { 100, 1000, .in_window = 970, .carried_out = 30, .replay = true, .latency_us = 500,
      .late_us = 10, .own_late_us = 10, .code = "rate-not-met", .grade = GRADE_SUSPECT,
      .word = "98.0 %", .why = "a replay's backlog" },
    { 100, 1000, .in_window = 1000, .latency_us = 9000, .late_us = 1001, .own_late_us = 10,
      .code = "late-sends", .grade = GRADE_SUSPECT, .word = "free connection",
      .why = "late for want of connections" },
    { 0, 1000, .in_window = 1000, .latency_us = 9000, .late_us = 1001, .own_late_us = 10,
      .code = "late-sends", .grade = GRADE_SUSPECT, .word = "made again",
      .why = "closed: a user has one connection" },
    { 100, 1000, .in_window = 1000, .latency_us = 9000, .late_us = 1001, .own_late_us = 1001,
      .code = "late-sends", .grade = GRADE_SUSPECT, .word = "late itself",
      .why = "late by the generator's own fault" },
    { 100, 1000, .in_window = 1000, .latency_us = 20000, .late_us = 1900, .own_late_us = 10,
      .why = "10 % of the median is the limit where that is more than 1 ms" },
    { 0, 9990, .dropped = 10, .in_window = 10000, .latency_us = 500, .why = "0.1 % dropped" },
    { 0, 9980, .dropped = 15, .shed = 5, .in_window = 10000, .latency_us = 500, .code = "dropped",
      .grade = GRADE_SUSPECT, .word = "0.20 %", .why = "0.2 % dropped or shed" },
    { 0, 900, .dropped = 100, .in_window = 1000, .latency_us = 500, .code = "dropped",
      .grade = GRADE_INVALID, .word = "10.00 %", .why = "a tenth dropped" },
    { 0, 1000, .in_window = 1000, .latency_us = 500, .cpu_permille = 870, .code = "cpu-saturated",
      .grade = GRADE_SUSPECT, .word = "87 %", .why = "a core is full" },
    { 0, 1000, .in_window = 1000, .latency_us = 500, .run_queue_permille = 100,
      .why = "a tenth of the window without a core" },
    { 0, 1000, .in_window = 1000, .latency_us = 500, .run_queue_permille = 250, .code = "run-queue",
      .grade = GRADE_SUSPECT, .word = "25 %", .why = "a quarter" },
};

static void fill(Tally *t, const Row *r)
{
    uint64_t answered = r->ok + r->reset;
    t->outcomes.ok = r->ok;
    t->outcomes.failed[FAIL_RESET] = r->reset;
    t->outcomes.dropped = r->dropped;
    t->outcomes.shed = r->shed;
    t->outcomes.scheduled = answered + r->dropped + r->shed;
    t->answered_in_window = r->in_window;
    t->answered_carried_in = r->carried_in;
    t->answered_carried_out = r->carried_out;
    hist_record_n(t->latency, r->latency_us * 1000, answered);
    hist_record_n(t->lateness, r->late_us * 1000, answered);
    hist_record_n(t->own_lateness, r->own_late_us * 1000, answered);
    t->no_descriptors = r->no_fds;
    t->no_ports = r->no_ports;
    t->worst_cpu_permille = r->cpu_permille;
    t->worst_run_queue_permille = r->run_queue_permille;
    t->backoff_ns = r->backoff_permille * 10 * NS_PER_MS; /* of ten users in a second */
}

static void check_row(const Row *r)
{
    Run *run;
    const uint64_t due = 0;
    Load l = { .window = { .any_open = r->rate > 0,
                           .any_closed = r->rate <= 0,
                           .dues = r->replay ? &due : NULL },
               .wp.n_users = 10,
               .win = { 0, NS_PER_S },
               .wp.duration_ns = NS_PER_S };
    bool made = run_new(&run, "test", 1, 1, NULL) == 0 && tally_init(&l.total, NULL) == 0;
    if (!CHECK(made, "%s", r->why))
        return;
    l.run = run;
    l.trial = case_add_trial(run, run_add_case(run, "c", "c", KIND_LOAD, SIDE_HEAD));
    fill(&l.total, r);
    load_judge(&l);
    const Validity *v = &l.trial->validity;
    CHECK_INT(v->n, r->code ? 1 : 0, "%s: how many reasons", r->why);
    if (r->code && v->n == 1) {
        CHECK_STR(v->reasons[0].code, r->code, "%s", r->why);
        CHECK_INT(v->grade, r->grade, "… as grave as it is");
        CHECK(strstr(v->reasons[0].text, r->word) != NULL, "… %s", v->reasons[0].text);
    }
    tally_done(&l.total);
    run_free(run);
}

static void test_generator_at_fault(void)
{
    Row r = { 100, 500, .in_window = 500, .latency_us = 500, .late_us = 5000, .own_late_us = 5000 };
    Run *run;
    Load l = { .window.any_open = true };
    if (run_new(&run, "test", 1, 1, NULL) < 0 || tally_init(&l.total, NULL) < 0)
        abort();
    l.run = run;
    l.trial = case_add_trial(run, run_add_case(run, "c", "c", KIND_LOAD, SIDE_HEAD));
    fill(&l.total, &r);
    l.total.outcomes.scheduled = 1000;
    load_judge(&l);
    CHECK_INT(l.trial->validity.grade, GRADE_INVALID,
              "a rate that the generator itself could not make is invalid");
    tally_done(&l.total);
    run_free(run);
}

static void test_window_replies(void)
{
    Load open = { .window.any_open = true, .win = { 0, NS_PER_S }, .wp.duration_ns = NS_PER_S };
    Load closed = { .window.any_closed = true, .win = { 0, NS_PER_S } };
    CHECK_INT(load_window_replies(&open, 100, 800, 0), 100, "open: never more than was offered");
    CHECK_INT(load_window_replies(&open, 90, 12, 10), 100, "… edges balance one for one");
    CHECK_INT(load_window_replies(&closed, 90, 12, 10), 102, "closed: all that came");
    open.win.end_ns /= 2;
    open.total.outcomes.in_flight = 3;
    CHECK_INT(load_window_replies(&open, 47, 4, 0), 50, "stopped: in flight is what is cut off");
}

/* A target that dies in mid-window: refusals come quickly, but they are no answers. */
static void test_dead_target(void)
{
    Row r = { 100, 495, .in_window = 495, .latency_us = 500, .late_us = 10, .own_late_us = 10 };
    Run *run;
    Load l = { .window.any_open = true };
    if (run_new(&run, "test", 1, 1, NULL) < 0 || tally_init(&l.total, NULL) < 0)
        abort();
    l.run = run;
    l.trial = case_add_trial(run, run_add_case(run, "c", "c", KIND_LOAD, SIDE_HEAD));
    fill(&l.total, &r);
    l.total.outcomes.failed[FAIL_CONNECT] = 500;
    l.total.outcomes.timed_out = 5;
    l.total.outcomes.scheduled = 1000;
    load_judge(&l);
    const Validity *v = &l.trial->validity;
    CHECK_INT(v->grade, GRADE_INVALID, "a target that dies in mid-window");
    CHECK_INT(v->n, 2, "… has two reasons");
    if (v->n == 2) {
        CHECK_STR(v->reasons[0].code, "failures", "… that operations failed");
        CHECK(strstr(v->reasons[0].text, "500 could not connect, 5 timed out; see that the target"),
              "… %s", v->reasons[0].text);
        CHECK_STR(v->reasons[1].code, "rate-not-met", "… and that the rate was not met");
        CHECK(strstr(v->reasons[1].text, "49.5 %") && strstr(v->reasons[1].text, "failures first"),
              "… %s", v->reasons[1].text);
    }
    tally_done(&l.total);
    run_free(run);
}

int main(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++)
        check_row(&rows[i]);
    test_generator_at_fault();
    test_window_replies();
    test_dead_target();
    return tap_done();
}
