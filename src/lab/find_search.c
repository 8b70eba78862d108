#include "lab/find_search.h"

#include <math.h>

enum { TRIES_MAX = 60, CONFIRMS_MAX = 5 };
#define LEAST_RATE 0.1

FindSearch find_begin(double first, double precision, double most)
{
    assert(first > 0 && precision > 0 && most >= first);
    return (
        FindSearch){ .rate = first, .bad = (double)INFINITY, .precision = precision, .most = most };
}

static void bracket(FindSearch *f, bool held)
{
    if (held && f->rate >= f->most)
        f->phase = FIND_CONFIRM; /* nothing breaks it */
    else if (held && isinf(f->bad))
        f->rate = fmin(f->rate * 2, f->most);
    else if (!held && f->good <= 0 && f->rate / 4 < LEAST_RATE)
        f->phase = FIND_DONE; /* nothing holds */
    else if (!held && f->good <= 0)
        f->rate /= 4;
    else
        f->phase = FIND_BISECT;
}

static void bisect(FindSearch *f)
{
    if (f->bad / f->good <= 1 + f->precision) {
        f->phase = FIND_CONFIRM;
        f->rate = f->good;
    } else {
        double middle = sqrt(f->good * f->bad);
        f->rate = f->good >= 100 ? round(middle) : middle; /* whole ones, for people */
    }
}

/* A rate that held a short look and not a longer one was luck: step down, and look long again. */
static void confirm(FindSearch *f, bool held)
{
    if (held) {
        f->confirmed = true;
        f->phase = FIND_DONE;
        return;
    }
    f->good = f->rate / (1 + f->precision);
    f->rate = f->good;
    if (++f->n_unconfirmed >= CONFIRMS_MAX)
        f->phase = FIND_DONE;
}

bool find_next(FindSearch *f, bool held)
{
    assert(f->phase != FIND_DONE);
    if (held)
        f->good = fmax(f->good, f->rate);
    else if (f->phase != FIND_CONFIRM) /* which contradicts a look that held: no bound from above */
        f->bad = fmin(f->bad, f->rate);
    if (f->phase == FIND_CONFIRM)
        confirm(f, held);
    else if (f->phase == FIND_BRACKET)
        bracket(f, held);
    if (f->phase == FIND_BISECT)
        bisect(f);
    if (++f->n_tried >= TRIES_MAX)
        f->phase = FIND_DONE;
    return f->phase != FIND_DONE;
}
