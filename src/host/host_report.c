/* What a machine can resolve, as text and as JSON. */
#include <math.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "host/host.h"

/* ---- JSON ---- */

static json_t *testbed_json(const Testbed *t)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "host",
                     json_text(t->host), "os", json_text(t->os), "kernel", json_text(t->kernel),
                     "cpu", json_text(t->cpu), "cpus", (json_int_t)t->cpus, "memory",
                     (json_int_t)t->memory_bytes, "clock_source", json_text(t->clock_source),
                     "virtualisation", json_text(t->virtualisation), "governor",
                     json_text(t->governor), "fingerprint", json_text(t->fingerprint));
}

static json_t *checks_json(const HostReport *r)
{
    json_t *all = json_array();
    for (ptrdiff_t i = 0; i < r->n_checks; i++) {
        const HostCheck *c = &r->checks[i];
        json_array_append_new(all, json_pack("{s:s, s:o, s:b, s:o}", "name", c->name, "value",
                                             json_text(c->value), "fine", c->fine, "advice",
                                             json_text(c->advice)));
    }
    return all;
}

static json_t *workload_json(const HostNoise *n)
{
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:o, s:I}", "name", n->name, "what",
                     n->what, "rounds", (json_int_t)n->rounds, "typical_ns",
                     json_num(n->typical_ns), "sigma", json_num(n->sigma), "differs",
                     json_num(n->differs), "false_alarm_rate", json_num(n->false_alarm_rate),
                     "windows", (json_int_t)n->windows, "smallest_effect",
                     json_num(n->smallest_effect), "effect_rounds", (json_int_t)n->effect_rounds);
}

json_t *host_json(const HostReport *r)
{
    char at[CLOCK_ISO_MAX];
    json_t *alarms = json_object(), *effects = json_object(), *workloads = json_array();
    for (int i = 0; i < HOST_NOISES; i++) {
        const HostNoise *n = &r->noise[i];
        json_object_set_new(alarms, n->name, json_num(n->false_alarm_rate));
        json_object_set_new(effects, n->name, json_num(n->smallest_effect));
        json_array_append_new(workloads, workload_json(n));
    }
    json_t *noise = json_pack("{s:s, s:o, s:o}", "grade", host_grade_name(r->grade), "steal",
                              json_num(r->steal), "busy", json_num(r->busy));
    return json_pack("{s:s, s:o, s:s, s:f, s:o, s:o, s:o, s:o, s:o}", "schema", "assay.host/1",
                     "testbed", testbed_json(&r->testbed), "measured_at",
                     clock_iso(at, r->at_wall_ns), "seconds", r->seconds, "noise", noise,
                     "false_alarm_rate", alarms, "smallest_effect", effects, "workloads", workloads,
                     "checks", checks_json(r));
}

/* ---- text ---- */

static const char *const verdicts[] = {
    [HOST_QUIET] = "fit for comparisons down to 2 %",
    [HOST_USABLE] = "fit for comparisons in pairs; small changes need more rounds",
    [HOST_NOISY] = "only large changes show; prefer CPU time, more rounds, a quieter hour",
    [HOST_UNUSABLE] = "times mean little here; prefer counts, or another machine",
};

static void noise_text(const HostReport *r, StrBuf *out)
{
    char a[FMT_MAX], b[FMT_MAX], c[FMT_MAX], d[FMT_MAX], e[FMT_MAX];
    strbuf_addz(out,
                "                                        typical  spread of a pair  false alarms"
                "  smallest effect\n");
    for (int i = 0; i < HOST_NOISES; i++) {
        const HostNoise *n = &r->noise[i];
        strbuf_addf(out, "  %-36s %9s %17s %13s  %s in %td rounds\n", n->what,
                    fmt_duration(a, n->typical_ns), fmt_share(b, n->sigma),
                    fmt_share(c, n->false_alarm_rate), fmt_share(d, n->smallest_effect),
                    n->effect_rounds);
    }
    strbuf_addf(out, "  steal %s, other programs %s of the machine\n", fmt_share(d, r->steal),
                fmt_share(e, r->busy));
}

static void checks_text(const HostReport *r, StrBuf *out)
{
    for (ptrdiff_t i = 0; i < r->n_checks; i++) {
        const HostCheck *c = &r->checks[i];
        strbuf_addf(out, "  %s %-21s %s", c->fine ? " " : "!", c->name,
                    c->value ? c->value : "not told by this machine");
        if (c->advice)
            strbuf_addf(out, ": %s", c->advice);
        strbuf_addc(out, '\n');
    }
}

void host_text(const HostReport *r, StrBuf *out)
{
    if (!r->interrupted) {
        strbuf_addf(out, "This machine is %s: %s.\n\n", host_grade_name(r->grade),
                    verdicts[r->grade]);
        noise_text(r, out);
        strbuf_addc(out, '\n');
    }
    checks_text(r, out);
    if (!r->interrupted)
        strbuf_addz(out,
                    "\nEach workload was held against itself, in pairs: a false alarm is a verdict "
                    "beyond 1 % in ten rounds;\nthe smallest effect is what that many rounds find "
                    "four times in five, at 95 % confidence.\n");
}
