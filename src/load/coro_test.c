/* Coroutines: order of control, what survives a switch, depth, many of them, reuse. Built twice:
 * with the machine's switch and with the portable one. */
#include "load/coro.h"

#include <string.h>

#include "tap.h"

typedef struct Log {
    char text[64];
    int len;
    int n;
    double sum;
} Log;

static void note(Log *l, char c)
{
    l->text[l->len++] = c;
    l->text[l->len] = '\0';
}

static void three_steps(void *arg, Coro *self)
{
    Log *l = arg;
    for (int i = 0; i < 3; i++) {
        note(l, (char)('a' + i));
        coro_yield(self);
    }
    note(l, 'e');
}

static void test_control(void)
{
    CoroPool pool = { 0 };
    Log l = { 0 };
    Coro *c;
    CHECK_INT(coro_new(&pool, three_steps, &l, &c, NULL), 0, "a coroutine");
    while (!coro_ended(c)) {
        note(&l, '(');
        coro_resume(c);
        note(&l, ')');
    }
    CHECK_STR(l.text, "(a)(b)(c)(e)", "control goes in and out at each yield");
    coro_free(&pool, c);
    Coro *again;
    CHECK_INT(coro_new(&pool, three_steps, &l, &again, NULL), 0, "another");
    CHECK(again == c, "it reuses the pooled stack");
    while (!coro_ended(again))
        coro_resume(again);
    coro_free(&pool, again);
    coro_pool_done(&pool);
}

static void errand(void *arg)
{
    Log *l = arg;
    char big[256 * 1024]; /* more than a coroutine's stack */
    memset(big, 'o', sizeof big);
    note(l, big[l->len]);
}

static void sends_out(void *arg, Coro *self)
{
    Log *l = arg;
    note(l, 'a');
    coro_outside(self, errand, l);
    note(l, 'b');
    coro_outside(self, errand, l);
    coro_yield(self);
    coro_outside(self, errand, l);
    note(l, 'e');
}

static void test_outside(void)
{
    CoroPool pool = { 0 };
    Log l = { 0 };
    Coro *c;
    if (coro_new(&pool, sends_out, &l, &c, NULL) < 0)
        abort();
    while (!coro_ended(c)) {
        note(&l, '(');
        coro_resume(c);
        note(&l, ')');
    }
    CHECK_STR(l.text, "(aobo)(oe)", "errands run outside and control comes back at once");
    coro_free(&pool, c);
    coro_pool_done(&pool);
}

/* Locals in registers and on the stack, floating point among them, survive while others run. */
static void adder(void *arg, Coro *self)
{
    Log *l = arg;
    double x = l->n * 0.5;
    volatile int on_stack[16];
    for (int i = 0; i < 16; i++) {
        on_stack[i] = l->n * 100 + i;
        x += 0.25;
        coro_yield(self);
    }
    for (int i = 0; i < 16; i++)
        x += on_stack[i] == l->n * 100 + i ? 0 : 1e9;
    l->sum = x;
}

static void test_many(void)
{
    enum { N = 2000 };
    CoroPool pool = { 0 };
    Log *logs = calloc(N, sizeof *logs);
    Coro **cs = calloc(N, sizeof(Coro *));
    int made = 0;
    if (!logs || !cs)
        abort();
    for (int i = 0; i < N; i++) {
        logs[i].n = i;
        made += coro_new(&pool, adder, &logs[i], &cs[i], NULL) == 0;
    }
    CHECK_INT(made, N, "two thousand stacks");
    for (int step = 0; step <= 16; step++)
        for (int i = 0; i < N; i++)
            coro_resume(cs[i]);
    int good = 0;
    for (int i = 0; i < N; i++) {
        good += coro_ended(cs[i]) && logs[i].sum == i * 0.5 + 4;
        coro_free(&pool, cs[i]);
    }
    CHECK_INT(good, N, "each kept its own locals over sixteen interleaved switches");
    coro_pool_done(&pool);
    free(cs);
    free(logs);
}

static int depth_sum(Coro *self, int depth)
{
    volatile char frame[128];
    frame[0] = (char)depth;
    if (depth == 0) {
        coro_yield(self);
        return 0;
    }
    int below = depth_sum(self, depth - 1);
    return below + (frame[0] == (char)depth);
}

static void go_deep(void *arg, Coro *self)
{
    Log *l = arg;
    l->n = depth_sum(self, 80);
}

static void test_deep(void)
{
    CoroPool pool = { 0 };
    Log l = { 0 };
    Coro *c;
    CHECK_INT(coro_new(&pool, go_deep, &l, &c, NULL), 0, "a coroutine that recurses");
    coro_resume(c);
    CHECK(!coro_ended(c), "it yields from the bottom");
    coro_resume(c);
    CHECK_INT(l.n, 80, "and comes back up through every frame");
    coro_free(&pool, c);
    coro_pool_done(&pool);
}

static void outer(void *arg, Coro *self)
{
    Coro *inner = arg;
    while (!coro_ended(inner)) {
        coro_resume(inner);
        coro_yield(self);
    }
}

static void test_nested(void)
{
    CoroPool pool = { 0 };
    Log l = { 0 };
    Coro *in, *out;
    CHECK_INT(coro_new(&pool, three_steps, &l, &in, NULL), 0, "an inner");
    CHECK_INT(coro_new(&pool, outer, in, &out, NULL), 0, "and an outer coroutine");
    int turns = 0;
    for (; !coro_ended(out); turns++)
        coro_resume(out);
    CHECK_STR(l.text, "abce", "a coroutine may drive another");
    CHECK_INT(turns, 5, "each keeps its own place");
    coro_free(&pool, in);
    coro_free(&pool, out);
    coro_pool_done(&pool);
}

int main(void)
{
    test_control();
    test_outside();
    test_many();
    test_deep();
    test_nested();
    return tap_done();
}
