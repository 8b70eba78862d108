/* A worker: one thread with its loop, its share of the schedule or of the users, its connections
 * and its counts. Workers share nothing but the gate.
 *
 *     connect ──gate──► warm-up ──► window ──► grace ──► over
 *
 * connect   Every user opens its connection, spread over time. Nothing is due yet.
 * warm-up   Operations as at the window's begin, but not counted.
 * window    Operations that are due now are the measured ones. What warm-up left unsent is
 *           forgotten, so that no backlog is carried in.
 * grace     Nothing becomes due any more. Measured operations still waiting for a connection are
 *           sent, those in flight may still be answered, for as long as one timeout.
 * over      What was not sent is dropped, what was not answered is in flight; users go home. */
#pragma once

#include <pthread.h>

#include "load/reactor.h"
#include "load/scenario.h"
#include "load/schedule.h"
#include "load/stream.h"
#include "load/tally.h"
#include "load/template.h"
#include "model/spec.h"
#include "model/think.h"

typedef struct Worker Worker;
typedef struct Vu Vu;

/* Where workers and the collector meet. */
typedef struct Gate {
    pthread_mutex_t lock;
    pthread_cond_t cond; /* on CLOCK_MONOTONIC */
    uint32_t n_settled;  /* workers whose users have all tried to connect */
    uint32_t n_finished;
    bool released;
    bool abandoned;    /* nothing will be measured: go home */
    uint64_t start_ns; /* of the warm-up, once released */
} Gate;

/* What all workers are told; does not change. */
typedef struct WorkerPlan {
    const LoadSpec *spec;
    const Driver *driver;
    const void *target, *request;
    const Scenarios *scenarios; /* instead of the request; NULL: none */
    StreamLoad *stream;         /* operations publish, and subscribers receive; NULL: none */
    uint64_t warmup_ns, duration_ns, tick_ns, grace_ns;
    const Schedule *warmup; /* of the warm-up; NULL: nothing is due in it */
    const Schedule *window;
    const Think *think;
    uint64_t seed;
    uint32_t n_workers;
    uint32_t n_users; /* of all workers: users (closed) or connections (open) */
    uint32_t n_idle;  /* … and users that only hold a connection */
    uint32_t n_mates; /* of each user: connections beside its own */
    const volatile bool *stop;
    const bool *halt; /* the load's own condition to stop (atomic) */
    Gate *gate;
} WorkerPlan;

typedef enum VuState {
    VU_CONNECTING, /* from birth until its first attempt to connect has ended */
    VU_IDLE,       /* in the idle list, parked */
    VU_BUSY,       /* thinking, or in an operation */
    VU_HOLDING,    /* keeps a connection open and does nothing else */
    VU_MATE,       /* another user's second connection, third … */
    VU_GONE,       /* its coroutine has ended */
} VuState;

struct Vu {
    VuIo io;
    Worker *worker;
    void *conn; /* driver's connection, zeroed while closed */
    Vu *next_idle;
    VuState state;
    bool open, opened_before;
    bool assigned;       /* op was filled by the dispatcher */
    uint64_t ready_ns;   /* closed: since when the user could go on */
    uint64_t retry_ns;   /* no attempt to connect before */
    uint64_t backoff_ns; /* what the last failure added */
    int connect_error;   /* what attempts before retry_ns come to without being made */
    uint32_t n_eager;    /* operations since it last parked */
    uint64_t parks_seen;
    uint32_t index; /* among all workers' users */
    Draw draw;
    Pass *pass;       /* borrowed from the worker; NULL without scenarios */
    Vu *mates;        /* [n_mates] borrowed */
    Vu *owner;        /* of a mate; else NULL */
    uint32_t n_asked; /* mates with an operation on their hands */
    bool awaits;      /* … that this user waits for */
    Op op;
};

struct Worker {
    const WorkerPlan *plan;
    uint32_t index;
    pthread_t thread;
    bool started; /* thread is to be joined */
    Reactor loop;
    CoroPool stacks;
    Vu *users; /* [n_users] owned; the first n_active operate, n_idle hold connections, then come
                  subscribers, and mates of the first */
    ptrdiff_t n_users, n_active, n_idle, n_born, n_settled, n_gone;
    ptrdiff_t n_tried;     /* users that were to connect at once */
    char *conns;           /* [n_users][conn_bytes] owned */
    void *shared;          /* owned; what the driver's users of this thread share */
    Pass *passes;          /* [n_active] owned, as the two below; NULL without scenarios */
    char *sessions;        /* [n_active][session_bytes] the driver's */
    DrawVar *vars;         /* [n_active][number of variables] */
    ScriptState **scripts; /* [scenarios] owned, each NULL where there is no script */
    Vu *idle_head, *idle_tail;
    uint64_t n_open;    /* connections that stand */
    uint64_t in_flight; /* operations begun and not ended */
    Window win;         /* end_ns moves when the trial is stopped */
    bool running, over, stopped;
    /* the walk over the schedule */
    Cursor cursor;        /* over the warm-up's operations, then the window's */
    uint64_t base_ns;     /* the schedule's start */
    uint64_t next_due_ns; /* of the operation at the cursor; UINT64_MAX: none left */
    bool measuring;       /* the cursor is in the window's schedule */
    ptrdiff_t slot;       /* the window's stage that now lies in; 0 in warm-up */
    uint64_t slot_end_ns;
    /* counts */
    Tally tally;   /* what belongs to no stage: connections, the thread's CPU time */
    Tally *stages; /* [n_stages] owned; the operations of each of the window's stages */
    ptrdiff_t n_stages;
    PlayTally play;     /* owned; empty without scenarios */
    StreamShare *share; /* borrowed; NULL without a stream */
    Rng think_rng;
    Interval interval[2];
    int current; /* the one being written */
    uint64_t next_tick_ns;
    bool cpu_begun, cpu_ended;
    uint64_t cpu_at_begin_ns, run_queue_at_begin_ns, polled_at_begin_ns;
};

/* Everything allocated, no thread yet. On error nothing is left. */
MUST_CHECK int worker_init(Worker *w, const WorkerPlan *plan, uint32_t index, Err *err);
MUST_CHECK int worker_start(Worker *w, Err *err);
void worker_join(Worker *w);
/* Joined, or never started. */
void worker_done(Worker *w);

/* ---- between the files of the worker ---- */

/* Is the stage that now lies in a closed one? In warm-up: the first. */
static inline bool worker_is_closed(const Worker *w)
{
    return !w->plan->window->slots[w->slot].stage.open;
}
/* What a user runs. */
void user_main(void *arg, Coro *self);
/* Carry out v->op, and count it. */
void user_operate(Vu *v);
/* The next operation of a user that goes at its own pace, due at `due_ns`, before the window's end:
 * fills v->op and counts it as scheduled. */
void user_take(Vu *v, uint64_t due_ns);
/* The operation at hand is not made: it failed before. */
void user_refuse(Vu *v, const char *why);
/* Is it time that others get their turn? To be asked once before each operation. */
bool user_gives_way(Vu *v);
/* Close the user's connection, if it is open. On the user's own coroutine. */
void user_shut(Vu *v);
/* A pass through one of the scenarios; v->op is its first operation. */
void user_play(Vu *v);
/* An operation for a mate that has none, due at `due_ns`; it begins when this user parks. */
void mates_ask(Vu *mate, uint64_t due_ns, int step);
/* Until all mates are done. False: the trial is over. */
bool mates_await(Vu *v);
/* Mates, all idle, are to close their connections. */
void mates_dismiss(Vu *v);
/* What a mate runs. */
void mate_live(Vu *mate);
/* Make the connection, counted, and with the time it may take. */
void user_connect(Vu *v);
/* It is no good: close it, and make it again no sooner than back_off lets. */
void user_lost(Vu *v);

/* ---- streams ---- */

/* The operation at hand: a message. As Driver.call. */
int stream_publish(Vu *v);
/* May another message be due? Counts it. Without a stream: yes. */
bool stream_has_left(Worker *w, bool measured);
/* Of a user with an inbox: its connection is open, or nothing happens. */
void stream_subscribe(Vu *v);
void live_subscriber(Vu *v);
/* Everything is published, and delivered or given up. */
bool stream_finished(Worker *w);

void idle_push(Worker *w, Vu *v);
/* NULL when nobody is idle. */
Vu *idle_pop(Worker *w);

/* Begin the schedule at the gate's start. */
void dispatch_begin(Worker *w);
/* Take the next operation that is due by `now_ns`, if any: fills due, measured, stage. */
bool dispatch_take(Worker *w, uint64_t now_ns, Op *op);
/* Give every due operation to an idle user; apply the overload policy. */
void dispatch_due(Worker *w);
/* The trial ends at win.end_ns: what is left is dropped. */
void dispatch_drop_rest(Worker *w, uint64_t now_ns);
