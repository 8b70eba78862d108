#include "selftest/selftest.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "selftest/proof.h"

static const Proof *const themes[] = { proofs_basics, proofs_load, proofs_outcomes,
                                       proofs_command };

bool proof_figure(ProofCtx *x, const char *name, const char *unit, double value, double low,
                  double high)
{
    bool held = !isnan(value) && !(value < low) && !(value > high);
    ProofFigure f = { .name = arena_strdup(x->arena, name),
                      .unit = unit,
                      .value = value,
                      .low = low,
                      .high = high,
                      .held = held };
    ARENA_PUSH(x->arena, x->now->figures, x->now->n_figures, x->now->cap_figures, f);
    return held;
}

/* Broken outweighs unclear outweighs held. */
static int gravity(ProofState s)
{
    return s == PROOF_BROKEN ? 2 : s == PROOF_UNCLEAR ? 1 : 0;
}

void proof_note(ProofCtx *x, ProofState s, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    if (gravity(s) <= gravity(x->now->state))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    x->now->state = s;
    x->now->why = arena_strdup(x->arena, text);
}

void proof_machine(ProofCtx *x, const WitnessReport *w)
{
    x->now->steal = w->steal;
    x->now->waited = (double)(w->waited_own_ns + w->waited_other_ns) / (w->seconds * 1e9);
    x->now->machine_p50_ns = hist_quantile(w->late, 0.5);
    x->now->machine_p99_ns = hist_quantile(w->late, 0.99);
    x->now->machine_p999_ns = hist_quantile(w->late, 0.999);
}

static bool is_stopped(const SelftestOpts *o)
{
    return o->stop && *o->stop;
}

static void run_proof(ProofCtx *x, const Proof *p, SelftestReport *ret)
{
    Err err = { 0 };
    uint64_t from = clock_mono_ns();
    ProofResult *r = ARENA_NEW(x->arena, ProofResult);
    *r = (ProofResult){ .name = p->name,
                        .promise = p->promise,
                        .steal = (double)NAN,
                        .waited = (double)NAN,
                        .machine_p50_ns = (double)NAN,
                        .machine_p99_ns = (double)NAN,
                        .machine_p999_ns = (double)NAN };
    x->now = r;
    if (x->o->log)
        log_progress(x->o->log, "selftest %s", p->name);
    if (p->run(x, p, &err) < 0) {
        r->state = PROOF_SKIPPED;
        r->why = arena_strdup(x->arena, err.msg);
    }
    r->seconds = (double)(clock_mono_ns() - from) / 1e9;
    if (is_stopped(x->o)) /* cut short: what it saw proves nothing */
        return;
    ARENA_PUSH(x->arena, ret->results, ret->n, ret->cap, r);
    ret->counts[r->state]++;
}

static bool is_wanted(const SelftestOpts *o, const Proof *p)
{
    return !o->only || str_glob(str(o->only), str(p->name));
}

static bool any_needs_server(const SelftestOpts *o)
{
    for (ptrdiff_t t = 0; t < ARRAY_LEN(themes); t++) {
        for (const Proof *p = themes[t]; p->name; p++) {
            if (p->server && is_wanted(o, p))
                return true;
        }
    }
    return false;
}

int selftest_run(const SelftestOpts *o, SelftestReport *ret, Err *err)
{
    CLEANUP(test_server_stopp) TestServer *server = NULL;
    *ret = (SelftestReport){ .quick = o->quick, .seed = o->seed ? o->seed : rng_fresh_seed() };
    TestServerOpts so = { .seed = ret->seed, .process = true };
    if (any_needs_server(o))
        TRY(test_server_start(&server, &so, err));
    ProofCtx x = { .o = o, .seed = ret->seed, .arena = &ret->arena, .server = server };
    for (ptrdiff_t t = 0; t < ARRAY_LEN(themes); t++) {
        for (const Proof *p = themes[t]; p->name && !is_stopped(o); p++) {
            if (is_wanted(o, p))
                run_proof(&x, p, ret);
        }
    }
    if (o->log)
        log_progress_end(o->log);
    ret->interrupted = is_stopped(o);
    if (!ret->n && !ret->interrupted)
        return err_set(err, -ENOENT, "no proof is called '%s' (see --list)", o->only);
    return 0;
}

void selftest_done(SelftestReport *r)
{
    arena_done(&r->arena);
}

void selftest_list(StrBuf *out)
{
    for (ptrdiff_t t = 0; t < ARRAY_LEN(themes); t++) {
        for (const Proof *p = themes[t]; p->name; p++)
            strbuf_addf(out, "%-24s %s\n", p->name, p->promise);
    }
}
