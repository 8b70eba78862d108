#include "selftest/witness.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "selftest/sched.h"

struct Witness {
    pthread_t thread;
    _Atomic bool stop;
    uint64_t started_ns;
    double steal_before, total_before; /* ticks */
    SchedWatch own, other;
    Hist *late;
};

/* Ticks stolen and ticks in all since boot, from the first line of /proc/stat; NaN when unread. */
static void read_ticks(double *steal, double *total)
{
    enum { STEAL_FIELD = 7, FIELDS = 8 }; /* user nice system idle iowait irq softirq steal */
    CLEANUP(arena_done) Arena a = { 0 };
    Str text, line, word;
    *steal = *total = (double)NAN;
    if (fs_read(&a, "/proc/stat", 1 << 20, &text, NULL) < 0 || !str_cut(&text, '\n', &line) ||
        !str_starts(line, STR("cpu ")))
        return;
    line = str_trim(str_slice(line, 4, line.len));
    double sum = 0, v = 0;
    for (int i = 0; i < FIELDS; i++) {
        if (!str_cut(&line, ' ', &word) || str_to_f64(word, &v) < 0)
            return;
        sum += v;
    }
    *steal = v;
    *total = sum;
}

static void look(Witness *w)
{
    sched_look(&w->own);
    sched_look(&w->other);
}

enum { PERIODS_PER_LOOK = 40 };

static void *watch(void *arg)
{
    Witness *w = arg;
    prctl(PR_SET_TIMERSLACK, 1);
    w->own.skip_tid = gettid();
    look(w);
    uint64_t due = clock_mono_ns(), periods = 0;
    while (!atomic_load_explicit(&w->stop, memory_order_relaxed)) {
        due += WITNESS_PERIOD_NS;
        struct timespec ts = { .tv_sec = (time_t)(due / NS_PER_S),
                               .tv_nsec = (long)(due % NS_PER_S) };
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR) {
        }
        uint64_t now = clock_mono_ns();
        hist_record(w->late, now > due ? now - due : 0); /* missed instants follow at once */
        if (++periods % PERIODS_PER_LOOK == 0)
            look(w);
    }
    look(w);
    return NULL;
}

int witness_start(Witness **ret, int other_pid, Err *err)
{
    Witness *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, -ENOMEM, "witness");
    w->own.pid = getpid();
    w->other.pid = other_pid;
    int r = hist_new(&w->late, err);
    if (r == 0) {
        read_ticks(&w->steal_before, &w->total_before);
        w->started_ns = clock_mono_ns();
        r = -pthread_create(&w->thread, NULL, watch, w);
        if (r < 0)
            err_errno(err, r, "start the witness's thread");
    }
    if (r < 0) {
        hist_free(w->late);
        free(w);
        return r;
    }
    *ret = w;
    return 0;
}

void witness_finish(Witness *w, WitnessReport *ret)
{
    double steal, total;
    atomic_store(&w->stop, true);
    pthread_join(w->thread, NULL);
    read_ticks(&steal, &total);
    double ticks = total - w->total_before, stolen = steal - w->steal_before;
    double tick_ns = 1e9 / (double)sysconf(_SC_CLK_TCK);
    uint64_t longest = w->late->max + w->own.longest_ns + w->other.longest_ns;
    *ret = (WitnessReport){ .late = TAKE(w->late),
                            .longest_ns = longest,
                            .steal = ticks > 0 ? stolen / ticks : (double)NAN,
                            .stolen_ns = stolen > 0 ? stolen * tick_ns : 0,
                            .seconds = (double)(clock_mono_ns() - w->started_ns) / 1e9,
                            .waited_own_ns = sched_waited_ns(&w->own),
                            .waited_other_ns = sched_waited_ns(&w->other) };
    free(w);
}

void witness_report_done(WitnessReport *r)
{
    r->late = hist_free(r->late);
}

void witness_blame(const WitnessReport *r, double q, int n_waits, double *ret_q, double *ret_by_ns)
{
    double calm = 1 - (1 - q) / (1 + n_waits);
    double lost = (double)(r->waited_own_ns + r->waited_other_ns) + r->stolen_ns;
    double moved = r->seconds > 0 ? n_waits * lost / (r->seconds * 1e9) : 0;
    double late = r->late->n ? n_waits * hist_quantile(r->late, calm) : 0;
    *ret_q = fmin(calm + moved, 1);
    *ret_by_ns = moved > 1 - q ? lost + late : late;
}
