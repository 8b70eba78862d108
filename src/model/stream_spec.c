/* Option rows of a stream: command line and suites. */
#include <errno.h>
#include <string.h>

#include "model/spec.h"

enum { PREFIX_MAX = 64 }; /* drivers have room for names made of it */

const Opt stream_opts[] = {
    { .type = OPT_HEAD, .name = "Stream" },
    OPT(StreamSpec, publishers, U32, .letter = 'p', .dflt = "1", .min = 1, .max = 1e5,
        .help = "connections that publish: each one message after the other, or all of them "
                "together at the rate"),
    OPT(StreamSpec, subscribers, U32, .letter = 's', .dflt = "1", .min = 0, .max = 1e5,
        .help = "connections that messages are delivered to"),
    OPT(StreamSpec, topics, U32, .dflt = "1", .min = 1, .max = 1e5,
        .help = "topics that publishers and subscribers are dealt out to"),
    OPT(StreamSpec, groups, U32, .dflt = "0", .min = 0, .max = 1e5,
        .help = "groups of subscribers that share out the messages among them; 0: every subscriber "
                "gets every message of its topic"),
    OPT(StreamSpec, size, BYTES, .dflt = "100", .min = 64, .max = 1 << 26,
        .help = "bytes of a message; 64 of them say whose it is and when it was due"),
    OPT(StreamSpec, messages, U64, .dflt = "0", .min = 0, .max = 1e12,
        .help = "messages of all publishers that end a trial before its time; 0: it takes its "
                "time"),
    OPT(StreamSpec, drain, NS, .dflt = "5s", .max = 3.6e12,
        .help = "longest wait for deliveries after the last message was published; what has not "
                "come by then is lost"),
    OPT(StreamSpec, stall, NS, .dflt = "0", .max = 3.6e12,
        .help = "time from the begin of the measured part in which stalled subscribers read "
                "nothing: a backlog builds up"),
    OPT(StreamSpec, stalled, U32, .dflt = "0", .min = 0, .max = 1e5,
        .help = "how many of the subscribers stall; 0: all, when there is a time for it"),
    OPT(StreamSpec, prefix, STR, .dflt = "assay", .help = "what the names of topics begin with"),
    { .type = OPT_END },
};

int stream_spec_check(const StreamSpec *s, Err *err)
{
    uint32_t units = s->groups ? s->groups : s->subscribers;
    if (s->topics > s->publishers)
        return err_set(err, -EINVAL, "topics: %u publishers can't write to %u topics",
                       s->publishers, s->topics);
    if (units && s->topics > units)
        return err_set(err, -EINVAL,
                       "topics: nobody would listen to some of %u topics; there are "
                       "%u %s",
                       s->topics, units, s->groups ? "groups" : "subscribers");
    if (s->groups > s->subscribers)
        return err_set(err, -EINVAL, "groups: %u subscribers can't fill %u groups", s->subscribers,
                       s->groups);
    if (s->stalled > s->subscribers)
        return err_set(err, -EINVAL, "stalled: %u of %u subscribers", s->stalled, s->subscribers);
    if (s->stalled && !s->stall)
        return err_set(err, -EINVAL, "stalled: for how long? give stall, too");
    if (!s->prefix || !s->prefix[0] || strlen(s->prefix) > PREFIX_MAX)
        return err_set(err, -EINVAL, "prefix: 1 to %d characters", PREFIX_MAX);
    for (const char *p = s->prefix; *p; p++)
        if (*p <= ' ' || *p > '~' || *p == '*' || *p == '>')
            return err_set(err, -EINVAL, "prefix: letters, digits and marks but * and >");
    return 0;
}
