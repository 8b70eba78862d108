#include "load/stream.h"

static void add(_Atomic uint64_t *counter, uint64_t n) /* of a counter that only we write */
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + n, memory_order_release);
}

static uint64_t since(uint64_t later, uint64_t earlier)
{
    return later > earlier ? later - earlier : 0;
}

/* ---- who still waits for a message ---- */

static StreamSlot *slot_of(const StreamLoad *l, const StreamPub *p, uint64_t number)
{
    return &p->ring[number % l->ring_size];
}

static uint64_t left_of(uint64_t state)
{
    return state & ((1u << STREAM_LEFT_BITS) - 1);
}

/* The message whose place this one takes may not have reached all: then it took longer than that.
 */
static void await_units(StreamLoad *l, StreamShare *sh, StreamPub *p, uint64_t due_ns,
                        uint64_t now_ns)
{
    StreamSlot *s = slot_of(l, p, p->next);
    uint64_t before = atomic_load_explicit(&s->state, memory_order_relaxed);
    if (left_of(before) && before >> STREAM_LEFT_BITS != p->next)
        hist_record_censored(sh->fanout, since(now_ns, s->due_ns));
    s->due_ns = due_ns;
    atomic_store_explicit(&s->state, p->next << STREAM_LEFT_BITS | stream_units_of(l, p->topic),
                          memory_order_release);
}

/* One unit has it. True for the last one. */
static bool one_has_it(StreamSlot *s, uint64_t number)
{
    uint64_t state = atomic_load_explicit(&s->state, memory_order_acquire);
    while (state >> STREAM_LEFT_BITS == number && left_of(state))
        if (atomic_compare_exchange_weak(&s->state, &state, state - 1))
            return left_of(state) == 1;
    return false;
}

/* ---- publishing ---- */

StreamMessage stream_message(StreamLoad *l, StreamShare *sh, uint32_t p, bool measured,
                             uint64_t due_ns, uint64_t now_ns)
{
    StreamPub *pub = &l->pubs[p];
    StreamHead h = { .trial = l->trial,
                     .publisher = p,
                     .number = measured ? pub->next : 0,
                     .measured = measured,
                     .due_ns = due_ns,
                     .sent_ns = now_ns };
    stream_head_write(pub->head, &h);
    if (measured && pub->ring)
        await_units(l, sh, pub, due_ns, now_ns);
    return (StreamMessage){ .topic = pub->topic,
                            .head = { pub->head, STREAM_HEAD },
                            .rest = { l->pad, (ptrdiff_t)l->spec.size - STREAM_HEAD } };
}

void stream_settle(StreamLoad *l, StreamShare *sh, uint32_t p, bool accepted)
{
    StreamPub *pub = &l->pubs[p];
    uint64_t number = pub->next++;
    if (accepted) {
        pub->ok++;
        add(&sh->expected, stream_units_of(l, pub->topic));
        return;
    }
    sh->unconfirmed++;
    if (pub->ring) /* nobody has to get it */
        atomic_store_explicit(&slot_of(l, pub, number)->state, 0, memory_order_relaxed);
}

/* ---- delivering ---- */

static bool is_ours(const StreamSub *s, const StreamHead *h)
{
    const StreamLoad *l = s->all;
    return h->trial == l->trial && h->publisher < l->n_pubs &&
           h->publisher % l->spec.topics == s->who.topic;
}

static void note_order(StreamSub *s, uint64_t *high, uint64_t number)
{
    s->share->reordered += number + 1 < *high;
    *high = MAX(*high, number + 1);
}

static void note_times(StreamSub *s, const StreamHead *h, uint64_t at_ns)
{
    StreamShare *sh = s->share;
    hist_record(sh->delivery, since(at_ns, h->due_ns));
    hist_record(sh->transit, since(at_ns, h->sent_ns));
    hist_record(s->latency, since(at_ns, h->due_ns));
    sh->in_window += at_ns < sh->until_ns;
}

void stream_deliver(StreamSub *s, uint64_t at_ns, Str head, uint64_t bytes)
{
    StreamLoad *l = s->all;
    StreamShare *sh = s->share;
    StreamHead h;
    if (bytes != l->spec.size || stream_head_read(head, &h) < 0 || !is_ours(s, &h)) {
        sh->foreign++;
        return;
    }
    if (!h.measured)
        return;
    uint32_t k = h.publisher / l->spec.topics;
    sh->last_ns = at_ns;
    if (!track_see(&s->unit->tracks[k], h.number)) {
        sh->duplicated++;
        return;
    }
    s->delivered++;
    note_order(s, &s->high[k], h.number);
    note_times(s, &h, at_ns);
    const StreamPub *p = &l->pubs[h.publisher];
    if (p->ring && one_has_it(slot_of(l, p, h.number), h.number))
        hist_record(sh->fanout, since(at_ns, h.due_ns));
    add(&sh->delivered, 1);
}

/* ---- how much is outstanding ---- */

uint64_t stream_backlog(const StreamLoad *l)
{
    uint64_t expected = 0, delivered = 0;
    for (uint32_t i = 0; i < l->n_workers; i++) {
        delivered += atomic_load_explicit(&l->shares[i].delivered, memory_order_acquire);
        expected += atomic_load_explicit(&l->shares[i].expected, memory_order_acquire);
    }
    return since(expected, delivered);
}

bool stream_is_drained(const StreamLoad *l)
{
    for (uint32_t i = 0; i < l->n_workers; i++)
        if (!atomic_load_explicit(&l->shares[i].quiet, memory_order_acquire))
            return false;
    return stream_backlog(l) == 0;
}

static uint64_t lost_of(const StreamLoad *l, uint32_t unit)
{
    uint32_t topic = unit % l->spec.topics;
    uint64_t lost = 0;
    for (uint32_t p = topic, k = 0; p < l->n_pubs; p += l->spec.topics, k++)
        lost += since(l->pubs[p].ok, l->units[unit].tracks[k].seen);
    return lost;
}

StreamSum stream_sum(const StreamLoad *l)
{
    StreamSum s = { 0 };
    uint64_t quiet_ns = 0;
    for (uint32_t i = 0; i < l->n_workers; i++) {
        const StreamShare *sh = &l->shares[i];
        s.expected += sh->expected;
        s.delivered += sh->delivered;
        s.unconfirmed += sh->unconfirmed;
        s.duplicated += sh->duplicated;
        s.reordered += sh->reordered;
        s.foreign += sh->foreign;
        s.resubscribed += sh->resubscribed;
        s.in_window += sh->in_window;
        quiet_ns = MAX(quiet_ns, sh->quiet_ns);
        s.last_ns = MAX(s.last_ns, sh->last_ns);
    }
    for (uint32_t i = 0; i < l->n_pubs; i++)
        s.published += l->pubs[i].ok;
    for (uint32_t i = 0; i < l->n_units; i++)
        s.lost += lost_of(l, i);
    assert(s.delivered + s.lost >= s.expected);
    s.drain_ns = since(s.last_ns, quiet_ns);
    return s;
}
