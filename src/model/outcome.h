/* How operations ended. Every scheduled operation ends in exactly one of these, so that
 *
 *     scheduled = ok + Σ failed[class] + timed_out + shed + dropped + in_flight
 *
 * holds at any time and is asserted at the end of each trial. */
#pragma once

#include "base/macros.h"

typedef enum FailClass {
    FAIL_CONNECT,      /* no connection: refused, unreachable, name not found */
    FAIL_RESET,        /* connection lost in mid-operation */
    FAIL_TLS,          /* handshake or certificate refused */
    FAIL_PROTOCOL,     /* the reply is not of the protocol */
    FAIL_UNAUTHORIZED, /* the reply says: log in first (HTTP 401) */
    FAIL_FORBIDDEN,    /* the reply says: not for you (HTTP 403) */
    FAIL_STATUS,       /* the reply says error (HTTP >= 400, SQL error, nack) */
    FAIL_CHECK,        /* the reply is well-formed but not what a check wants */
    FAIL_TOOL,         /* the reply says that the tool failed which was called (MCP isError) */
    FAIL_N,
} FailClass;

typedef struct Outcomes {
    uint64_t scheduled; /* operations whose due time lay within the trial */
    uint64_t ok;
    uint64_t failed[FAIL_N]; /* by class */
    uint64_t timed_out;      /* no reply within the operation's timeout */
    uint64_t shed;           /* not sent, by overload policy, before their turn */
    uint64_t dropped;        /* due, but never sent before the trial ended */
    uint64_t in_flight;      /* sent, still unanswered when the trial ended */
} Outcomes;

const char *fail_class_name(FailClass c); /* "connect", "reset", "tls", "protocol", "unauthorized",
                                             "forbidden", "status", "check", "tool" */
/* Index of the class or -1. */
int fail_class_find(const char *name);
uint64_t outcomes_failed(const Outcomes *o); /* sum over classes, without timeouts */
/* into += o, field by field. */
void outcomes_add(Outcomes *into, const Outcomes *o);
/* The identity above. */
bool outcomes_conserved(const Outcomes *o);
/* (failed + timed_out + dropped + shed) / scheduled; NaN when nothing was scheduled. In flight is
 * neither. */
double outcomes_error_rate(const Outcomes *o);
