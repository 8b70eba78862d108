#include "stats/seqstop.h"

#include <errno.h>
#include <math.h>

#include "stats/sign.h"

static int check_plan(const SeqPlan *p, Err *err)
{
    if (!(p->level > 0 && p->level < 1))
        return err_set(err, -EINVAL, "confidence level %g: want a fraction between 0 and 1",
                       p->level);
    if (!(p->half_width > 0) || isinf(p->half_width))
        return err_set(err, -EINVAL, "wanted half width %g: want more than 0", p->half_width);
    if (p->n_first < 1 || p->n_max < p->n_first)
        return err_set(err, -EINVAL, "looks from %td to %td samples: want 1 <= first <= last",
                       p->n_first, p->n_max);
    if (!(p->growth > 1) || isinf(p->growth))
        return err_set(err, -EINVAL, "growth %g from look to look: want more than 1", p->growth);
    return 0;
}

/* Sizes from `first` on; their number, or more than SEQ_LOOKS_MAX when they don't fit. */
static int list_looks(const SeqPlan *p, ptrdiff_t first, ptrdiff_t *look_at)
{
    double n = (double)first;
    for (int i = 0; i < SEQ_LOOKS_MAX; i++) {
        look_at[i] = n < (double)p->n_max ? (ptrdiff_t)n : p->n_max;
        if (look_at[i] == p->n_max)
            return i + 1;
        n = fmax(ceil(n * p->growth), n + 1);
    }
    return SEQ_LOOKS_MAX + 1;
}

/* More looks make each level higher and so the first useful size larger, which may in turn save
 * looks: start with one look and let the size grow until it is enough for its own number of looks.
 */
int seqstop_declare(const SeqPlan *plan, SeqSchedule *ret, Err *err)
{
    TRY(check_plan(plan, err));
    SeqSchedule s = { .plan = *plan };
    for (ptrdiff_t first = plan->n_first;;) {
        if (first > plan->n_max)
            return err_set(err, -EINVAL,
                           "%td samples can't give a finite interval at %g: allow %td or more",
                           plan->n_max, plan->level, first);
        s.n_looks = list_looks(plan, first, s.look_at);
        if (s.n_looks > SEQ_LOOKS_MAX)
            return err_set(err, -EINVAL,
                           "more than %d looks between %td and %td samples: raise the growth %g",
                           SEQ_LOOKS_MAX, plan->n_first, plan->n_max, plan->growth);
        s.look_level = 1 - (1 - plan->level) / s.n_looks;
        ptrdiff_t needed = sign_rounds_needed(s.look_level);
        if (first >= needed)
            break;
        first = needed;
    }
    *ret = s;
    return 0;
}

int seqstop_look(const SeqSchedule *s, int look, const double *x, SeqLook *ret, Err *err)
{
    assert(look >= 0 && look < s->n_looks);
    SignPaired ci;
    TRY(sign_paired(x, s->look_at[look], s->look_level, 0, &ci, err));
    SeqLook l = { .median = ci.median, .low = ci.low, .high = ci.high };
    l.half_width = (ci.high - ci.low) / 2;
    if (s->plan.relative)
        l.half_width = ci.median > 0 ? l.half_width / ci.median : HUGE_VAL;
    if (isnan(l.half_width))
        l.half_width = HUGE_VAL;
    bool last = look == s->n_looks - 1;
    l.state = l.half_width <= s->plan.half_width ? SEQ_PRECISE : last ? SEQ_EXHAUSTED : SEQ_GO_ON;
    *ret = l;
    return 0;
}
