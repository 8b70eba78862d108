/* A trial's stream comes and goes: all memory is taken here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "load/stream.h"

enum {
    PAIRS_MAX = 1 << 20,  /* of publishers and units that can meet: 90 MiB */
    RING_MAX = 1024,      /* messages of one publisher on their way */
    RING_MIN = 64,        /* … where there are many publishers */
    SLOTS_MAX = 1 << 20,  /* of all of them: 16 MiB */
    COARSE_LOWEST = 1000, /* ns; of a subscriber's own latency: 32 KiB each at most */
    COARSE_DIGITS = 2,
};

uint32_t stream_units_of(const StreamLoad *l, uint32_t topic)
{
    return (l->n_units + l->spec.topics - 1 - topic) / l->spec.topics;
}

static uint32_t pubs_of(const StreamLoad *l, uint32_t topic)
{
    return (l->n_pubs + l->spec.topics - 1 - topic) / l->spec.topics;
}

StreamSetup stream_setup(const StreamLoad *l, uint64_t load_ns)
{
    const StreamSpec *s = &l->spec;
    return (StreamSetup){ .prefix = s->prefix,
                          .publishers = s->publishers,
                          .subscribers = s->subscribers,
                          .topics = s->topics,
                          .groups = s->groups,
                          .size = (ptrdiff_t)s->size,
                          .trial = l->trial,
                          .lasts_ns = load_ns + s->drain + s->stall };
}

ptrdiff_t stream_subs_of(StreamLoad *l, uint32_t worker, StreamSub **ret_first)
{
    if (!l)
        return 0;
    *ret_first = l->subs + l->first_sub[worker];
    return (ptrdiff_t)(l->first_sub[worker + 1] - l->first_sub[worker]);
}

static uint32_t unit_of(const StreamLoad *l, uint32_t sub)
{
    return l->spec.groups ? sub % l->spec.groups : sub;
}

/* Publishers' rings, where more than one unit is to get each message. */
static int make_pubs(StreamLoad *l, Err *err)
{
    bool fans = l->n_units > l->spec.topics;
    for (l->ring_size = RING_MAX; l->ring_size > RING_MIN; l->ring_size /= 2)
        if ((uint64_t)l->ring_size * l->n_pubs <= SLOTS_MAX)
            break;
    l->pubs = calloc(l->n_pubs, sizeof *l->pubs);
    l->slots = fans ? calloc((size_t)l->n_pubs * l->ring_size, sizeof *l->slots) : NULL;
    if (!l->pubs || (fans && !l->slots))
        return err_set(err, -ENOMEM, "%u publishers", l->n_pubs);
    for (uint32_t i = 0; i < l->n_pubs; i++) {
        l->pubs[i].topic = i % l->spec.topics;
        l->pubs[i].ring = fans ? l->slots + (size_t)i * l->ring_size : NULL;
    }
    return 0;
}

static int make_units(StreamLoad *l, Err *err)
{
    uint64_t pairs = 0;
    for (uint32_t u = 0; u < l->n_units; u++)
        pairs += pubs_of(l, u % l->spec.topics);
    if (pairs > PAIRS_MAX)
        return err_set(err, -EINVAL,
                       "every message of %u publishers is looked for at %u places: %llu pairs are "
                       "more than %d; more topics or fewer subscribers make fewer",
                       l->n_pubs, l->n_units, (unsigned long long)pairs, PAIRS_MAX);
    l->units = calloc(MAX(l->n_units, 1u), sizeof *l->units);
    l->tracks = calloc(MAX(pairs, (uint64_t)1), sizeof *l->tracks);
    if (!l->units || !l->tracks)
        return err_set(err, -ENOMEM, "%u publishers x %u subscribers", l->n_pubs, l->n_units);
    Track *next = l->tracks;
    for (uint32_t u = 0; u < l->n_units; u++) {
        l->units[u].tracks = next;
        next += pubs_of(l, u % l->spec.topics);
    }
    return 0;
}

static int make_shares(StreamLoad *l, Err *err)
{
    l->shares = aligned_alloc(_Alignof(StreamShare), l->n_workers * sizeof *l->shares);
    if (!l->shares)
        return err_set(err, -ENOMEM, "counts of %u workers", l->n_workers);
    memset(l->shares, 0, l->n_workers * sizeof *l->shares);
    for (uint32_t i = 0; i < l->n_workers; i++) {
        StreamShare *sh = &l->shares[i];
        uint64_t all = l->spec.messages;
        sh->left = all ? all / l->n_workers + (i < all % l->n_workers) : UINT64_MAX;
        sh->until_ns = UINT64_MAX;
        TRY(hist_new(&sh->delivery, err));
        TRY(hist_new(&sh->transit, err));
        TRY(hist_new(&sh->fanout, err));
        TRY(hist_new(&sh->subscribe, err));
    }
    return 0;
}

static int make_sub(StreamLoad *l, StreamSub *s, uint32_t number, uint64_t *high, Err *err)
{
    uint32_t unit = unit_of(l, number);
    uint32_t stalled = l->spec.stalled ? l->spec.stalled : l->spec.subscribers;
    *s = (StreamSub){ .who = { .number = number,
                               .topic = unit % l->spec.topics,
                               .group = l->spec.groups ? unit : 0 },
                      .all = l,
                      .share = &l->shares[unit % l->n_workers],
                      .unit = &l->units[unit],
                      .high = high,
                      .stalls = l->spec.stall && number < stalled };
    return hist_new_range(&s->latency, COARSE_LOWEST, HIST_HIGHEST_NS, COARSE_DIGITS, err);
}

/* A unit's subscribers live with the same worker. */
static int make_subs(StreamLoad *l, Err *err)
{
    uint64_t n_high = 0;
    for (uint32_t i = 0; i < l->spec.subscribers; i++)
        n_high += pubs_of(l, unit_of(l, i) % l->spec.topics);
    l->subs = calloc(MAX(l->spec.subscribers, 1u), sizeof *l->subs);
    l->first_sub = calloc(l->n_workers + 1, sizeof *l->first_sub);
    l->highs = calloc(MAX(n_high, (uint64_t)1), sizeof *l->highs);
    if (!l->subs || !l->first_sub || !l->highs)
        return err_set(err, -ENOMEM, "%u subscribers", l->spec.subscribers);
    uint64_t *high = l->highs;
    uint32_t n = 0;
    for (uint32_t w = 0; w < l->n_workers; w++) {
        for (uint32_t i = 0; i < l->spec.subscribers; i++) {
            if (unit_of(l, i) % l->n_workers != w)
                continue;
            TRY(make_sub(l, &l->subs[n++], i, high, err));
            high += pubs_of(l, unit_of(l, i) % l->spec.topics);
        }
        l->first_sub[w + 1] = n;
    }
    return 0;
}

/* Letters, so that it passes through every protocol; drawn, so that nothing compresses it away. */
static int make_pad(StreamLoad *l, Err *err)
{
    Rng rng = rng_new(l->trial, "padding", 0);
    l->pad = malloc((size_t)l->spec.size);
    if (!l->pad)
        return err_set(err, -ENOMEM, "a message of %llu bytes", (unsigned long long)l->spec.size);
    for (uint64_t i = 0; i < l->spec.size; i++)
        l->pad[i] = (char)('a' + rng_below(&rng, 26));
    return 0;
}

static int make_all(StreamLoad *l, Err *err)
{
    TRY(make_pubs(l, err));
    TRY(make_units(l, err));
    TRY(make_shares(l, err));
    TRY(make_subs(l, err));
    return make_pad(l, err);
}

int stream_new(StreamLoad **ret, const StreamSpec *spec, uint32_t n_pubs, uint32_t n_workers,
               Err *err)
{
    StreamLoad *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, -ENOMEM, "a stream");
    l->spec = *spec;
    l->n_pubs = n_pubs;
    l->n_workers = n_workers;
    l->n_units = spec->groups ? spec->groups : spec->subscribers;
    Rng rng = rng_new(clock_mono_ns(), "stream", (uint64_t)getpid()); /* no two trials are alike */
    l->trial = (uint32_t)rng_u64(&rng);
    int r = make_all(l, err);
    *ret = r < 0 ? stream_free(l) : l;
    return r;
}

StreamLoad *stream_free(StreamLoad *l)
{
    if (!l)
        return NULL;
    for (uint32_t i = 0; l->shares && i < l->n_workers; i++) {
        hist_free(l->shares[i].delivery);
        hist_free(l->shares[i].transit);
        hist_free(l->shares[i].fanout);
        hist_free(l->shares[i].subscribe);
    }
    for (uint32_t i = 0; l->subs && i < l->spec.subscribers; i++)
        hist_free(l->subs[i].latency);
    free(l->pubs);
    free(l->units);
    free(l->subs);
    free(l->first_sub);
    free(l->shares);
    free(l->tracks);
    free(l->highs);
    free(l->slots);
    free(l->pad);
    free(l);
    return NULL;
}
