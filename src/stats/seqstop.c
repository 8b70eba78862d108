#include "stats/seqstop.h"

#include <errno.h>
#include <math.h>

#include <stdlib.h>

#include "stats/quantile.h"
#include "stats/sign.h"
#include "stats/special.h"

enum { LEVEL_STEPS = 14 };

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

/* Walks that no look has caught missing yet: chance[k] that k values lie below the median. */
typedef struct Walk {
    double *chance, *next, *step; /* owned, [n_max + 1] each */
    ptrdiff_t from, to;           /* range of k with a chance */
    ptrdiff_t n;
} Walk;

static void walk_done(Walk *w)
{
    free(w->chance);
    free(w->next);
    free(w->step);
}

/* On to n values, dropping the walks that leave [keep_from, keep_to] there. */
static void walk_on(Walk *w, ptrdiff_t n, ptrdiff_t keep_from, ptrdiff_t keep_to)
{
    ptrdiff_t more = n - w->n;
    ptrdiff_t from = MAX(w->from, keep_from), to = MIN(w->to + more, keep_to);
    for (ptrdiff_t d = MAX(from - w->to, (ptrdiff_t)0); d <= MIN(to - w->from, more); d++)
        w->step[d] = binom_pmf(d, more, 0.5);
    for (ptrdiff_t k = from; k <= to; k++) {
        double sum = 0;
        for (ptrdiff_t j = MAX(w->from, k - more); j <= MIN(w->to, k); j++)
            sum += w->chance[j] * w->step[k - j];
        w->next[k] = sum;
    }
    double *t = w->chance;
    w->chance = w->next;
    w->next = t;
    w->from = from;
    w->to = to;
    w->n = n;
}

/* Chance that the interval of at least one look misses the median. */
static double miss_chance(const SeqSchedule *s, double look_level, Walk *w)
{
    w->chance[0] = 1;
    w->from = w->to = w->n = 0;
    for (int i = 0; i < s->n_looks; i++) {
        ptrdiff_t n = s->look_at[i];
        RankInterval r = quantile_rank_interval(n, 0.5, look_level);
        walk_on(w, n, (ptrdiff_t)r.lo, n - (ptrdiff_t)r.lo);
    }
    double covered = 0;
    for (ptrdiff_t k = w->from; k <= w->to; k++)
        covered += w->chance[k];
    return 1 - covered;
}

/* Spend what Bonferroni's even shares leave over: the largest error per look that keeps the total.
 */
static int relax_level(SeqSchedule *s, Err *err)
{
    size_t room = (size_t)s->plan.n_max + 1;
    Walk w = { .chance = calloc(room, sizeof(double)),
               .next = calloc(room, sizeof(double)),
               .step = calloc(room, sizeof(double)) };
    if (!w.chance || !w.next || !w.step) {
        walk_done(&w);
        return err_set(err, -ENOMEM, "out of memory to declare %d looks", s->n_looks);
    }
    double alpha = 1 - s->plan.level, kept = 1 - s->look_level, too_much = alpha;
    for (int i = 0; i < LEVEL_STEPS; i++) {
        double tried = sqrt(kept * too_much);
        if (miss_chance(s, 1 - tried, &w) <= alpha)
            kept = tried;
        else
            too_much = tried;
    }
    s->look_level = 1 - kept;
    walk_done(&w);
    return 0;
}

/* More looks make each level higher and so the first useful size larger, which may in turn save
 * looks: let the size grow until it is enough for its own number of looks. */
int seqstop_declare(const SeqPlan *plan, SeqSchedule *ret, Err *err)
{
    TRY(check_plan(plan, err));
    SeqSchedule s = { .plan = *plan };
    for (ptrdiff_t first = plan->n_first, needed = first;; first = needed) {
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
        needed = sign_rounds_needed(s.look_level);
        if (first >= needed)
            break;
    }
    if (s.n_looks > 1 && plan->n_max <= SEQ_EXACT_MAX)
        TRY(relax_level(&s, err));
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
