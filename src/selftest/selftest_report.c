/* What a selftest found, as text and as JSON. */
#include <math.h>

#include "base/fmt.h"
#include "selftest/selftest.h"

static const char *const state_names[] = {
    [PROOF_HELD] = "held",
    [PROOF_BROKEN] = "broken",
    [PROOF_UNCLEAR] = "unclear",
    [PROOF_SKIPPED] = "skipped",
};

const char *proof_state_name(ProofState s)
{
    assert(s <= PROOF_SKIPPED);
    return state_names[s];
}

static json_t *figure_json(const ProofFigure *f)
{
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:b}", "name", f->name, "value", json_num(f->value),
                     "unit", f->unit, "low", json_num(f->low), "high", json_num(f->high), "held",
                     f->held);
}

static json_t *proof_json(const ProofResult *r)
{
    json_t *figures = json_array();
    for (ptrdiff_t i = 0; i < r->n_figures; i++)
        json_array_append_new(figures, figure_json(&r->figures[i]));
    json_t *machine =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "steal", json_num(r->steal), "waited",
                  json_num(r->waited), "late_p50", json_num(r->machine_p50_ns), "late_p99",
                  json_num(r->machine_p99_ns), "late_p999", json_num(r->machine_p999_ns));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "name", r->name, "promise", r->promise,
                     "state", proof_state_name(r->state), "why", json_text(r->why), "seconds",
                     json_num(r->seconds), "figures", figures, "machine", machine);
}

json_t *selftest_json(const SelftestReport *r)
{
    json_t *proofs = json_array();
    for (ptrdiff_t i = 0; i < r->n; i++)
        json_array_append_new(proofs, proof_json(r->results[i]));
    json_t *all = json_pack("{s:s}", "schema", "assay.selftest/1");
    for (int s = PROOF_HELD; s <= PROOF_SKIPPED; s++)
        json_object_set_new(all, state_names[s], json_integer(r->counts[s]));
    json_object_set_new(all, "quick", json_boolean(r->quick));
    json_object_set_new(all, "interrupted", json_boolean(r->interrupted));
    json_object_set_new(all, "seed", json_integer((json_int_t)r->seed));
    json_object_set_new(all, "proofs", proofs);
    return all;
}

static void figure_text(const ProofFigure *f, StrBuf *out)
{
    char v[FMT_MAX], lo[FMT_MAX], hi[FMT_MAX];
    strbuf_addf(out, "    %s %s: %s", f->held ? " " : "!", f->name,
                fmt_value(v, f->value, f->unit));
    fmt_value(lo, f->low, f->unit);
    fmt_value(hi, f->high, f->unit);
    if (!isnan(f->low) && !isnan(f->high))
        strbuf_addf(out, "  (%s to %s)", lo, hi);
    else if (!isnan(f->high))
        strbuf_addf(out, "  (at most %s)", hi);
    else if (!isnan(f->low))
        strbuf_addf(out, "  (at least %s)", lo);
    strbuf_addc(out, '\n');
}

static void machine_text(const ProofResult *r, StrBuf *out)
{
    char p50[FMT_MAX], p99[FMT_MAX], p999[FMT_MAX], steal[FMT_MAX], waited[FMT_MAX];
    if (isnan(r->machine_p50_ns))
        return;
    strbuf_addf(out,
                "      machine: sleepers woke late by p50 %s, p99 %s, p99.9 %s; both ends lacked a "
                "core for %s of the time; stolen %s\n",
                fmt_duration(p50, r->machine_p50_ns), fmt_duration(p99, r->machine_p99_ns),
                fmt_duration(p999, r->machine_p999_ns), fmt_share(waited, r->waited),
                fmt_share(steal, r->steal));
}

static void proof_text(const ProofResult *r, bool verbose, StrBuf *out)
{
    strbuf_addf(out, "%-8s %-24s %s\n", proof_state_name(r->state), r->name, r->promise);
    if (r->why)
        strbuf_addf(out, "      %s\n", r->why);
    if (r->state == PROOF_SKIPPED || (r->state == PROOF_HELD && !verbose))
        return;
    for (ptrdiff_t i = 0; i < r->n_figures; i++) {
        if (verbose || !r->figures[i].held)
            figure_text(&r->figures[i], out);
    }
    machine_text(r, out);
}

void selftest_text(const SelftestReport *r, bool verbose, StrBuf *out)
{
    for (ptrdiff_t i = 0; i < r->n; i++)
        proof_text(r->results[i], verbose, out);
    strbuf_addf(out, "\n%td held, %td broken, %td unclear, %td skipped%s\n", r->counts[PROOF_HELD],
                r->counts[PROOF_BROKEN], r->counts[PROOF_UNCLEAR], r->counts[PROOF_SKIPPED],
                r->interrupted ? "; interrupted" : "");
    if (r->counts[PROOF_UNCLEAR])
        strbuf_addz(out, "unclear: this machine is too noisy to tell; figures from it deserve the "
                         "same caution\n");
}
