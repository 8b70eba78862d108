#include "model/metric.h"

#include <string.h>

#include "model/names.h"

#define NS "ns"
#define BYTES "bytes"
#define KIB 1024.0
#define MIB (1024.0 * 1024.0)
#define COMMAND (1u << KIND_COMMAND)
#define FUNCTION (1u << KIND_FUNCTION)
#define LOAD (1u << KIND_LOAD)
#define STREAM (1u << KIND_STREAM)
enum { ROWS_MAX = 128 };

/* clang-format off */
const MetricDef metric_defs[] = {
    /* commands */
    { "wall", NS, "time from start to end of the command", BETTER_LOWER, false, 20e3, COMMAND, true },
    { "cpu", NS, "CPU time of the command and its descendants, user + system", BETTER_LOWER, false, 10e3, COMMAND, true },
    { "user", NS, "CPU time in user mode (the split from system is coarse in short runs)", BETTER_LOWER, false, 10e3, COMMAND },
    { "system", NS, "CPU time in the kernel (the split from user is coarse in short runs)", BETTER_LOWER, false, 10e3, COMMAND },
    { "rss_peak", BYTES, "largest resident memory of the process tree", BETTER_LOWER, false, 64 * KIB, COMMAND, true },
    { "faults_minor", "count", "page faults served without I/O", BETTER_LOWER, false, 16, COMMAND },
    { "faults_major", "count", "page faults that waited for storage", BETTER_LOWER, false, 2, COMMAND },
    { "switches_voluntary", "count", "context switches by waiting", BETTER_LOWER, false, 4, COMMAND },
    { "switches_involuntary", "count", "context switches by preemption (mostly the host's doing)", BETTER_NONE, false, 4, COMMAND },
    { "io_read", BYTES, "bytes read from storage", BETTER_LOWER, false, 64 * KIB, COMMAND },
    { "io_write", BYTES, "bytes written to storage", BETTER_LOWER, false, 64 * KIB, COMMAND },
    { "simulated_instructions", "count", "instructions in user mode, counted by simulation", BETTER_LOWER, true, 0, COMMAND | FUNCTION, true },
    { "instructions", "count", "instructions in user mode", BETTER_LOWER, false, 1000, COMMAND },
    { "cycles", "count", "processor cycles in user mode", BETTER_LOWER, false, 1000, COMMAND },
    { "branches", "count", "branches in user mode", BETTER_NONE, false, 1000, COMMAND },
    { "branch_misses", "count", "branches that were predicted wrongly", BETTER_LOWER, false, 1000, COMMAND },
    { "cache_references", "count", "looks into the last cache", BETTER_NONE, false, 1000, COMMAND },
    { "cache_misses", "count", "looks that did not find it there", BETTER_LOWER, false, 1000, COMMAND },
    { "migrations", "count", "moves from one processor to another", BETTER_NONE, false, 2, COMMAND },
    /* functions */
    { "time", NS, "time per iteration", BETTER_LOWER, false, 0.1, FUNCTION, true },
    { "cpu_time", NS, "CPU time per iteration, of all threads", BETTER_LOWER, false, 0.1, FUNCTION },
    { "call_time", NS, "time of each call, with two looks at the clock", BETTER_LOWER, false, 20, FUNCTION },
    { "bytes_per_s", "bytes/s", "bytes handled, as the benchmark tells", BETTER_HIGHER, false, 0, FUNCTION },
    { "items_per_s", "1/s", "items handled, as the benchmark tells", BETTER_HIGHER, false, 0, FUNCTION },
    { "allocations", "count", "allocations per iteration", BETTER_LOWER, true, 0, FUNCTION, true },
    { "allocated", BYTES, "bytes asked for per iteration", BETTER_LOWER, true, 0, FUNCTION, true },
    { "allocated_peak", BYTES, "most bytes held at once within the loop", BETTER_LOWER, false, 16, FUNCTION },
    { "iterations", "count", "iterations of an epoch", BETTER_NONE, false, 0, FUNCTION },
    { "loop_cost", NS, "what an iteration of an empty loop costs; in time, not subtracted", BETTER_NONE, false, 0, FUNCTION },
    /* streams, beside those of loads */
    { "delivery_latency", NS, "from when a message was due until a subscriber had it", BETTER_LOWER, false, 1e3, STREAM, true },
    { "transit_time", NS, "from when a message was sent until a subscriber had it", BETTER_LOWER, false, 1e3, STREAM },
    { "fanout_latency", NS, "from when a message was due until its last subscriber had it", BETTER_LOWER, false, 1e3, STREAM },
    { "subscribe_time", NS, "time to subscribe, connection open", BETTER_LOWER, false, 10e3, STREAM },
    { "subscriber_latency", NS, "median delivery latency of each subscriber", BETTER_LOWER, false, 1e3, STREAM },
    { "latency_spread", "count", "slowest by fastest subscriber's median delivery latency", BETTER_LOWER, false, 0.05, STREAM },
    { "fairness", "share", "how evenly messages are dealt out to subscribers: 1 evenly, 1/n one has all", BETTER_HIGHER, false, 0.005, STREAM },
    { "delivery_rate", "1/s", "messages delivered, per second", BETTER_HIGHER, false, 0, STREAM, true },
    { "published", "count", "messages that were accepted", BETTER_NONE, false, 0, STREAM },
    { "unconfirmed", "count", "messages whose publication failed: nobody knows", BETTER_LOWER, false, 0, STREAM },
    { "expected", "count", "deliveries that published messages should come to", BETTER_NONE, false, 0, STREAM },
    { "delivered", "count", "deliveries, each message once", BETTER_NONE, false, 0, STREAM },
    { "lost", "count", "deliveries that were expected and did not come", BETTER_LOWER, false, 0, STREAM, true },
    { "duplicated", "count", "deliveries of what was delivered before", BETTER_LOWER, false, 0, STREAM },
    { "reordered", "count", "deliveries behind a later message of the same publisher", BETTER_LOWER, false, 0, STREAM },
    { "foreign", "count", "deliveries of messages that are none of the trial's", BETTER_NONE, false, 0, STREAM },
    { "resubscribed", "count", "subscriptions made again in mid-trial", BETTER_LOWER, false, 0, STREAM },
    { "backlog_peak", "count", "most deliveries outstanding", BETTER_LOWER, false, 10, STREAM },
    { "drain_time", NS, "from the last publication to the last delivery", BETTER_LOWER, false, 1e6, STREAM },
    /* load */
    { "latency", NS, "response time, from when the operation was due", BETTER_LOWER, false, 1e3, LOAD, true },
    { "service_time", NS, "from when the operation was sent", BETTER_LOWER, false, 1e3, LOAD },
    { "lateness", NS, "how long after its due time an operation was sent", BETTER_NONE, false, 1e3, LOAD },
    { "connect_time", NS, "time to connect", BETTER_LOWER, false, 10e3, LOAD },
    { "tls_time", NS, "time of the TLS handshake", BETTER_LOWER, false, 20e3, LOAD },
    { "tls_resumed", "count", "TLS sessions resumed", BETTER_NONE, false, 0, LOAD },
    { "first_byte", NS, "from sent to the first byte of the reply", BETTER_LOWER, false, 1e3, LOAD },
    { "throughput", "1/s", "operations that succeeded, per second", BETTER_HIGHER, false, 0, LOAD, true },
    { "error_rate", "share", "share of scheduled operations that did not succeed", BETTER_LOWER, false, 0.0005, LOAD, true },
    { "bytes_in", "bytes/s", "received from the target", BETTER_NONE, false, 0, LOAD },
    { "bytes_out", "bytes/s", "sent to the target", BETTER_NONE, false, 0, LOAD },
    { "max_rate", "1/s", "highest rate that kept the promise", BETTER_HIGHER, false, 0, LOAD, true },
    { "recovery", NS, "from the fall of an overload until latency and errors are back", BETTER_LOWER, false, 50e6, LOAD },
    { "duration", NS, "of a pass through a scenario or group, pauses left out", BETTER_LOWER, false, 20e3, LOAD },
    { "connects", "count", "connections made", BETTER_NONE, false, 0, LOAD },
    { "reconnects", "count", "connections made again within the measured part", BETTER_NONE, false, 0, LOAD },
    { "idle_connections", "count", "connections held without operations", BETTER_NONE, false, 0, LOAD },
    { "planned", "count", "recorded requests due in a replay", BETTER_NONE, false, 0, LOAD },
    { "skipped_records", "count", "damaged records that a replay left out", BETTER_LOWER, false, 0, LOAD },
    { "idle_lost", "count", "held connections that the target closed", BETTER_LOWER, false, 0, LOAD },
    { "time_to_first_event", NS, "from sent to the first event of a stream", BETTER_LOWER, false, 1e3, LOAD },
    { "event_gap", NS, "between two events of a stream", BETTER_LOWER, false, 1e3, LOAD },
    { "events", "count", "events received", BETTER_NONE, false, 0, LOAD },
    { "events_per_stream", "count", "events of one stream", BETTER_NONE, false, 0, LOAD },
    { "requests", "count", "requests of pipelines answered as expected", BETTER_NONE, false, 0, LOAD },
    { "commands", "count", "commands answered without an error", BETTER_NONE, false, 0, LOAD },
    { "statements", "count", "SQL statements carried out", BETTER_NONE, false, 0, LOAD },
    { "rows", "count", "rows that statements returned or changed", BETTER_NONE, false, 0, LOAD },
    { "serialization_failures", "count", "transactions that could not be serialized", BETTER_LOWER, false, 0, LOAD },
    { "deadlocks", "count", "transactions that a deadlock ended", BETTER_LOWER, false, 0, LOAD },
    { "calls", "count", "calls that a worker process answered well", BETTER_NONE, false, 0, LOAD },
    { "worker_time", NS, "of a call, as the worker process reports it", BETTER_LOWER, false, 1e3, LOAD },
    { "worker_bytes", BYTES, "moved by calls, as the worker process reports it", BETTER_NONE, false, 0, LOAD },
    { "start_time", NS, "from a worker or server process's start until it is ready", BETTER_LOWER, false, 1e6, LOAD },
    { "restarts", "count", "worker or server processes started again after one was lost", BETTER_LOWER, false, 0, LOAD },
    { "setup_time", NS, "of the handshake that begins a session", BETTER_LOWER, false, 20e3, LOAD },
    { "first_list_time", NS, "of the first list of tools in a session", BETTER_LOWER, false, 20e3, LOAD },
    { "messages_in", "count", "messages received", BETTER_NONE, false, 0, LOAD },
    { "messages_extra", "count", "messages that answered no operation", BETTER_NONE, false, 0, LOAD },
    { "status_1xx", "count", "replies whose status says informational", BETTER_NONE, false, 0, LOAD },
    { "status_2xx", "count", "replies whose status says success", BETTER_NONE, false, 0, LOAD },
    { "status_3xx", "count", "replies whose status says redirection", BETTER_NONE, false, 0, LOAD },
    { "status_4xx", "count", "replies whose status says refusal", BETTER_NONE, false, 0, LOAD },
    { "status_5xx", "count", "replies whose status says server error", BETTER_NONE, false, 0, LOAD },
    /* resources */
    { "target.cpu", "count", "cores that the target kept busy", BETTER_LOWER, false, 0.02, LOAD },
    { "target.cpu_user", "count", "cores that the target kept busy in user mode (the split is coarse)", BETTER_NONE, false, 0, LOAD },
    { "target.cpu_system", "count", "cores that the target kept busy in the kernel (the split is coarse)", BETTER_NONE, false, 0, LOAD },
    { "target.run_wait", "count", "threads of the target that were ready but had to wait for a core, on average", BETTER_NONE, false, 0, LOAD },
    { "target.rss", BYTES, "resident memory of the target, at the end", BETTER_LOWER, false, MIB, LOAD },
    { "target.rss_peak", BYTES, "largest resident memory of the target", BETTER_LOWER, false, MIB, LOAD },
    { "target.rss_slope", "bytes/s", "growth of the target's memory behind the first fifth of the time", BETTER_LOWER, false, 0, LOAD },
    { "target.rss_slope_low", "bytes/s", "lower end of its 95 % interval", BETTER_NONE, false, 0, LOAD },
    { "target.rss_slope_high", "bytes/s", "upper end of its 95 % interval", BETTER_NONE, false, 0, LOAD },
    { "target.io_read", "bytes/s", "the target's reads from storage", BETTER_NONE, false, 0, LOAD },
    { "target.io_write", "bytes/s", "the target's writes to storage", BETTER_NONE, false, 0, LOAD },
    { "target.switches", "1/s", "the target's context switches", BETTER_NONE, false, 0, LOAD },
    { "target.switches_involuntary", "1/s", "the target's context switches by preemption", BETTER_NONE, false, 0, LOAD },
    { "target.faults_minor", "1/s", "the target's page faults served without I/O", BETTER_NONE, false, 0, LOAD },
    { "target.faults_major", "1/s", "the target's page faults that waited for storage", BETTER_NONE, false, 0, LOAD },
    { "target.threads", "count", "threads of the target, most", BETTER_NONE, false, 0, LOAD },
    { "target.fds", "count", "descriptors of the target, most", BETTER_NONE, false, 0, LOAD },
    { "generator.cpu", "count", "cores that assay itself kept busy", BETTER_NONE, false, 0, LOAD },
    { "generator.sampler_cpu", "share", "share of a core that sampling resources took", BETTER_NONE, false, 0, LOAD },
    { "generator.switches", "1/s", "context switches of assay itself", BETTER_NONE, false, 0, LOAD },
    { "generator.rss_peak", BYTES, "largest resident memory of assay itself", BETTER_NONE, false, 0, LOAD },
    { "host.cpu", "share", "share of the host's CPU time that was busy", BETTER_NONE, false, 0, LOAD },
    { "host.steal", "share", "share of CPU time that the hypervisor gave to others", BETTER_NONE, false, 0, LOAD },
    { "host.iowait", "share", "share of CPU time spent idle with I/O outstanding", BETTER_NONE, false, 0, LOAD },
    { "host.foreign_cpu", "count", "cores that were busy for neither the target nor assay", BETTER_NONE, false, 0, LOAD },
    { "host.net_in", "bytes/s", "received by the host's interfaces but loopback", BETTER_NONE, false, 0, LOAD },
    { "host.net_out", "bytes/s", "sent by the host's interfaces but loopback", BETTER_NONE, false, 0, LOAD },
    { "host.net_lo", "bytes/s", "over the host's loopback", BETTER_NONE, false, 0, LOAD },
    { "host.retransmits", "1/s", "TCP segments that the host sent again", BETTER_NONE, false, 0, LOAD },
    { "host.disk_read", "bytes/s", "read from the host's disks", BETTER_NONE, false, 0, LOAD },
    { "host.disk_write", "bytes/s", "written to the host's disks", BETTER_NONE, false, 0, LOAD },
    { "host.pressure_cpu", "share", "share of the time in which some task waited for a core", BETTER_NONE, false, 0, LOAD },
    { "host.pressure_memory", "share", "share of the time in which some task waited for memory", BETTER_NONE, false, 0, LOAD },
    { "host.pressure_io", "share", "share of the time in which some task waited for storage", BETTER_NONE, false, 0, LOAD },
    { NULL },
};
/* clang-format on */

const MetricDef *metric_find(const char *name)
{
    for (const MetricDef *d = metric_defs; d->name; d++)
        if (strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

const MetricDef *metric_find_of_stage(const char *name)
{
    static const char *const of_stages[] = { "latency", "service_time", "throughput", "error_rate",
                                             "duration" };
    const char *point = strrchr(name, '.');
    for (ptrdiff_t i = 0; point && i < ARRAY_LEN(of_stages); i++)
        if (strcmp(point + 1, of_stages[i]) == 0)
            return metric_find(of_stages[i]);
    return NULL;
}

bool metric_of_kind(const MetricDef *d, Kind kind)
{
    unsigned kinds = kind == KIND_STREAM ? LOAD | STREAM : 1u << kind;
    return kind == KIND_HARNESS || (d->kinds & kinds);
}

const char *metric_nearest(Str name, const Kind *kind)
{
    const char *names[ROWS_MAX];
    ptrdiff_t n = 0;
    for (const MetricDef *d = metric_defs; d->name; d++) {
        assert(n < ROWS_MAX);
        if (!kind || metric_of_kind(d, *kind))
            names[n++] = d->name;
    }
    return str_nearest(name, names, n);
}

void metric_done(Metric *m)
{
    if (m)
        m->hist = hist_free(m->hist);
}

static const char *const better_names[] = { "none", "lower", "higher" };

const char *better_name(Better b)
{
    assert(b <= BETTER_HIGHER);
    return better_names[b];
}

int better_parse(const char *text, Better *ret)
{
    int i = name_index(better_names, ARRAY_LEN(better_names), text);
    if (i < 0)
        return i;
    *ret = (Better)i;
    return 0;
}
