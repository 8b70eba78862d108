#include "drivers/stream_trial.h"

#include <stdio.h>
#include <stdlib.h>

StreamSpec *test_stream_of(TestTrial *t, const char *name, const char *value)
{
    const DriverStream *d = t->driver->stream;
    StreamSpec *s = ARENA_NEW(&t->arena, StreamSpec);
    void *own = arena_alloc(&t->arena, d->opts_bytes);
    opt_defaults(&t->arena, stream_opts, s);
    opt_defaults(&t->arena, d->opts, own);
    if (name && opt_set(&t->arena, opt_find(d->opts, str(name)), own, str(value), &t->err) < 0)
        abort();
    s->publishers = s->subscribers = 2;
    s->messages = 1000;
    s->drain = 400 * NS_PER_MS;
    s->driver_opts = own;
    t->spec.stream = s;
    t->spec.timeout = NS_PER_S;
    t->plan.duration_ns = 10 * NS_PER_S;
    return s;
}

const StreamFault test_stream_faults[] = {
    { "all well", { 0 }, 0, 0, 0 },
    { "every tenth dropped", { .drop = 10 }, 200, 0, 0 },
    { "every tenth twice", { .twice = 10 }, 0, 200, 0 },
    { "noise in mid-stream", { .garbage = 500 }, -1, 0, 1 },
    { "cut off in mid-stream", { .cut = 500 }, -1, 0, 1 },
    { NULL },
};

static void check(const TestTrial *t, const char *name, long long want, char buf[STREAM_TEXT_MAX])
{
    long long got = (long long)test_trial_value(t, name);
    if (!*buf && (want < 0 ? got <= 0 : got != want))
        snprintf(buf, STREAM_TEXT_MAX, "%s: %lld, not %lld", name, got, want);
}

static void check_all(const TestTrial *t, const StreamFault *fault, char buf[STREAM_TEXT_MAX])
{
    check(t, "published", 1000, buf);
    check(t, "expected", 2000, buf);
    check(t, "lost", fault->lost, buf);
    check(t, "delivered", 2000 - (long long)test_trial_value(t, "lost"), buf);
    check(t, "duplicated", fault->duplicated, buf);
    check(t, "resubscribed", fault->resubscribed, buf);
}

const char *test_stream(const Driver *d, const StreamFault *fault,
                        FakeServer (*start)(const FakeFaults *f), const char *name,
                        const char *value, char buf[STREAM_TEXT_MAX])
{
    FakeServer f = start(&fault->faults);
    char url[FAKE_URL_MAX];
    TestTrial t;
    test_trial_init(&t, d);
    snprintf(url, sizeof url, "%s://127.0.0.1:%d/", d->name, f.port);
    test_trial_set(&t, "url", url);
    test_stream_of(&t, name, value);
    test_trial_run(&t);
    snprintf(buf, STREAM_TEXT_MAX, "%s", t.result < 0 ? t.err.msg : "");
    if (t.result == 0)
        check_all(&t, fault, buf);
    test_trial_done(&t);
    fake_stop(&f);
    return buf;
}
