#include "load/stream_track.h"

static bool bit_is_set(const Track *t, uint64_t number)
{
    return t->bits[number % TRACK_WINDOW / 64] >> number % 64 & 1;
}

static void set_bit(Track *t, uint64_t number, bool on)
{
    uint64_t *word = &t->bits[number % TRACK_WINDOW / 64], bit = 1ull << number % 64;
    *word = on ? *word | bit : *word & ~bit;
}

/* The window's upper end moves to `next`: what falls out below is seen or a gap. */
static void move_window(Track *t, uint64_t next)
{
    uint64_t turns = MIN(next - t->next, (uint64_t)TRACK_WINDOW); /* then it is all new */
    for (uint64_t n = t->next; n < t->next + turns; n++) {
        t->gaps += n >= TRACK_WINDOW && !bit_is_set(t, n); /* of the number one window before */
        set_bit(t, n, false);
    }
    t->gaps += next - t->next - turns;
    t->next = next;
}

bool track_see(Track *t, uint64_t number)
{
    bool again;
    if (number >= t->next)
        move_window(t, number + 1);
    if (t->next - number <= TRACK_WINDOW) {
        again = bit_is_set(t, number);
        set_bit(t, number, true);
    } else {
        again = t->gaps == 0;
        t->gaps -= !again;
    }
    t->seen += !again;
    return !again;
}
