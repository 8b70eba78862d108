/* Between the files that carry out one trial. */
#pragma once

#include "load/load.h"
#include "load/stop.h"
#include "load/worker.h"
#include "model/recording.h"

#define TICK_NS (100 * NS_PER_MS)
#define GRACE_MAX_NS (30 * NS_PER_S)
enum { SERIES_POINTS = 6000 }; /* ten minutes at 10 Hz; longer trials have longer intervals */

/* A trial in the works. Belongs to the calling thread, which is the collector. */
typedef struct Load {
    const LoadPlan *plan; /* borrowed */
    Arena arena;
    LoadSpec spec;           /* the plan's */
    Recording recording;     /* owned; empty: no replay */
    uint64_t *dues;          /* [recording.n] owned; offsets in the window */
    Schedule warmup, window; /* owned; warmup is empty when nothing is due in it */
    Think think;
    WorkerPlan wp;
    Gate gate;
    void *target, *request; /* owned, the driver's */
    bool target_ready, request_ready;
    Scenarios scenarios; /* owned; empty: users make the request */
    StreamLoad *stream;  /* owned; NULL: users make requests */
    void *stream_state;  /* owned, the driver's */
    bool stream_ready;
    Worker *workers; /* [n_made] owned */
    uint32_t n_made;
    uint64_t begin_ns; /* of the window */
    /* collector */
    Run *run;
    Trial *trial;
    Hist *now; /* owned; the interval at hand, all workers */
    uint64_t done, failed;
    bool begun, over;
    uint64_t tick_ns;    /* when the next point is due */
    Stop stop;           /* owned */
    uint64_t fed_ns;     /* up to when it was fed */
    uint64_t pointed_ns; /* the end of the last point in the series */
    bool halt;           /* it holds: workers are to end (atomic) */
    const char *stopped; /* … and why, in the run's arena; NULL: it does not */
    /* after the workers have finished */
    Tally total;   /* of all stages */
    Tally *stages; /* [window.n] owned */
    ptrdiff_t n_stages;
    PlayTally play; /* owned */
    Window win;     /* as it came to be: shorter when stopped */
} Load;

MUST_CHECK int load_prepare(Load *l, const LoadPlan *plan, Err *err);
void load_done(Load *l);

/* replay.c: the window of spec->replay, which is read. */
MUST_CHECK int replay_make_window(Load *l, Err *err);
/* The request that each record makes its own. */
MUST_CHECK int replay_prepare(Load *l, Err *err);
/* What was planned. */
void replay_report(Load *l);

/* Make the interval's point of each series and tell the ticker. */
void collect_begin(Load *l);
void collect_tick(Load *l);
/* Replies that count as the window's throughput, of those that are `in` it wholly, and those
 * carried in and out over its edges.
 *
 * Closed: all that came within the window. Open: what warm-up still had in flight stands for what
 * the window's end cuts off, one for one and no more: a steady load is neither credited with a
 * backlog nor charged for the time that replies take. So never more than was offered. A replay has
 * no warm-up: what its connections may still have had in flight at the end counts, and no backlog
 * beyond. */
uint64_t load_window_replies(const Load *l, uint64_t in, uint64_t carried_in, uint64_t carried_out);
/* Metrics, outcomes and validity of the trial from `total`. */
void load_report(Load *l);
/* The reasons that the generator can see; table in load_validity.c. */
void load_judge(Load *l);
