#include "model/outcome.h"

#include <math.h>

#include "model/names.h"

static const char *const class_names[FAIL_N] = { "connect",  "reset",        "tls",
                                                 "protocol", "unauthorized", "forbidden",
                                                 "status",   "check",        "tool" };

const char *fail_class_name(FailClass c)
{
    assert(c < FAIL_N);
    return class_names[c];
}

int fail_class_find(const char *name)
{
    int i = name_index(class_names, FAIL_N, name);
    return i < 0 ? -1 : i;
}

uint64_t outcomes_failed(const Outcomes *o)
{
    uint64_t n = 0;
    for (int i = 0; i < FAIL_N; i++)
        n += o->failed[i];
    return n;
}

void outcomes_add(Outcomes *into, const Outcomes *o)
{
    into->scheduled += o->scheduled;
    into->ok += o->ok;
    for (int i = 0; i < FAIL_N; i++)
        into->failed[i] += o->failed[i];
    into->timed_out += o->timed_out;
    into->shed += o->shed;
    into->dropped += o->dropped;
    into->in_flight += o->in_flight;
}

bool outcomes_conserved(const Outcomes *o)
{
    return o->scheduled ==
           o->ok + outcomes_failed(o) + o->timed_out + o->shed + o->dropped + o->in_flight;
}

double outcomes_error_rate(const Outcomes *o)
{
    if (o->scheduled == 0)
        return (double)NAN;
    uint64_t bad = outcomes_failed(o) + o->timed_out + o->dropped + o->shed;
    return (double)bad / (double)o->scheduled;
}
