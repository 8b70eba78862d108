/* Rounds go to the pairs whose verdict is open. */
#include <string.h>

#include "base/clock.h"
#include "lab/lab.h"

uint32_t lab_adaptive_rounds(const PaceSpec *pace, bool is_load)
{
    if (is_load)
        return lab_load_trials(pace);
    return pace->trials ? pace->trials : MIN(pace->max_trials, (uint32_t)LAB_ADAPTIVE_ROUNDS);
}

const char *lab_adaptive_rule(Arena *a, const char *rule, uint64_t budget_ns)
{
    char d[FMT_MAX];
    return arena_printf(a,
                        "%s; pairs end at the first of %d looks that decides them, or when %s are "
                        "spent",
                        rule, LAB_LOOKS, fmt_duration_exact(d, budget_ns));
}

/* Number of the look that is due after so many of `most` rounds, 1 … LAB_LOOKS; 0: none. */
static int due_look(uint32_t rounds, uint32_t most)
{
    for (int k = LAB_LOOKS; k > 0; k--)
        if (rounds == ((uint64_t)most * (uint32_t)k + LAB_LOOKS - 1) / LAB_LOOKS)
            return k;
    return 0;
}

static void add_look(Lab *lab, CaseResult *c, uint32_t rounds, double t)
{
    if (!c->looks)
        c->looks = ARENA_NEW(&lab->run->arena, GroupPlan);
    GroupPlan *p = c->looks;
    bool again = p->n_looks > 0 && p->at[p->n_looks - 1] == rounds; /* more may be spent now */
    int i = again ? p->n_looks - 1 : p->n_looks++;
    p->at[i] = rounds;
    p->t[i] = t;
}

/* A case is decided when its first figure, which it is about, is. */
static bool is_open(const Comparison *c, const char *name)
{
    for (ptrdiff_t i = 0; c && i < c->n; i++)
        if (strcmp(c->rows[i].case_name, name) == 0 && *c->rows[i].metric)
            return c->rows[i].verdict == VERDICT_INCONCLUSIVE;
    return false;
}

/* Some case of the group is open still. What can't be judged goes on. */
static bool any_open(Lab *lab, const uint32_t *members, uint32_t n)
{
    Err err = { 0 };
    bool open = false;
    if (lab->adaptive->judge(lab->adaptive->arg, &err) < 0) {
        log_warn(lab->log, "no look: %s", err.msg);
        return true;
    }
    for (uint32_t i = 0; i < n; i++)
        open |= is_open(lab->run->comparison, lab->cases[members[i]].result->name);
    return open;
}

bool lab_adaptive_goes_on(Lab *lab, const uint32_t *members, uint32_t n, uint32_t rounds)
{
    const LabCase *first = &lab->cases[members[0]];
    uint32_t most = lab_adaptive_rounds(first->pace, first->load != NULL);
    bool spent = clock_mono_ns() - lab->adaptive->began_ns >= lab->adaptive->budget_ns;
    int look = due_look(rounds, most);
    if (rounds == 0 || (!look && !spent))
        return true;
    bool last = spent || look == LAB_LOOKS;
    for (uint32_t i = 0; i < n; i++)
        add_look(lab, lab->cases[members[i]].result, rounds, last ? 1 : (double)look / LAB_LOOKS);
    if (!last && any_open(lab, members, n))
        return true;
    log_info(lab->log, "%s: %u of %u rounds", first->result->name, rounds, most);
    return false;
}
