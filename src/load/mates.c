/* What a user asks for at once: each request beside its own goes over a mate, a coroutine with a
 * connection that is there for this user alone. Mates share the user's variables, cookies and row;
 * all of them live on one thread. */
#include "load/worker.h"

void mates_ask(Vu *mate, uint64_t due_ns, int step)
{
    user_take(mate, due_ns);
    mate->op.step = (uint16_t)(step + 1);
    mate->assigned = true;
    mate->owner->n_asked++;
    vu_wake(&mate->io);
}

/* Only who waits here may be woken: within an operation of its own it may be parked, too. */
bool mates_await(Vu *v)
{
    int r = 0;
    v->awaits = true;
    while (v->n_asked > 0 && r == 0)
        r = vu_park(&v->io);
    v->awaits = false;
    return r == 0;
}

void mates_dismiss(Vu *v)
{
    for (uint32_t i = 0; i < v->worker->plan->n_mates; i++)
        vu_wake(&v->mates[i].io);
}

static void carry_out(Vu *mate)
{
    Vu *v = mate->owner;
    mate->assigned = false;
    user_operate(mate);
    if (--v->n_asked == 0 && v->awaits)
        vu_wake(&v->io);
}

/* Woken with nothing to do means: close the connection. It opens when it is first needed. */
void mate_live(Vu *mate)
{
    mate->worker->n_settled++;
    mate->state = VU_MATE;
    while (!mate->worker->over || mate->assigned) {
        int r = mate->assigned ? 0 : vu_park(&mate->io);
        if (mate->assigned)
            carry_out(mate);
        else if (r == 0)
            user_shut(mate);
    }
}
