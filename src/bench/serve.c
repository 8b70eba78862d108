/* The program's side of wire.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/bench.h"
#include "bench/wire.h"

static bool send_all(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n) {
        ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool receive_all(int fd, void *bytes, size_t n)
{
    char *at = bytes;
    while (n) {
        ssize_t done = recv(fd, at, n, 0);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool send_frame(int fd, AssayWireKind kind, const void *bytes, size_t n)
{
    AssayWireFrame f = { (uint32_t)kind, (uint32_t)n };
    return send_all(fd, &f, sizeof f) && send_all(fd, bytes, n);
}

static bool send_failed(int fd, const char *why)
{
    return send_frame(fd, ASSAY_WIRE_FAILED, why, strlen(why) + 1);
}

/* ---- cases ---- */

typedef struct Text {
    char bytes[ASSAY_NAME_MAX * (2 * ASSAY_ARGS_MAX + 3) + sizeof(AssayWireCase)];
    size_t n;
} Text;

static void add_text(Text *t, const char *s)
{
    size_t n = strlen(s) + 1;
    if (n > sizeof t->bytes - t->n)
        n = 0; /* names are bounded, so that this never happens */
    memcpy(t->bytes + t->n, s, n);
    t->n += n;
}

static double number_of(const AssayCase *c)
{
    for (int i = 0; i < c->n_args; i++)
        if (!c->args[i].word)
            return (double)c->args[i].value;
    return 0;
}

static bool send_case(int fd, const AssayCase *c, uint32_t index)
{
    AssayWireCase w = { .index = index,
                        .threads = (uint32_t)c->threads,
                        .n_args = (uint32_t)c->n_args,
                        .complexity = !c->complexity ? 0
                                      : c->law       ? 2
                                                     : 1,
                        .n = number_of(c) };
    w.law = c->law ? c->law(w.n) : 0;
    Text t = { .n = sizeof w };
    memcpy(t.bytes, &w, sizeof w);
    add_text(&t, c->name);
    add_text(&t, c->bench);
    add_text(&t, c->law_text ? c->law_text : "");
    for (int i = 0; i < c->n_args; i++) {
        char number[32];
        snprintf(number, sizeof number, "%lld", (long long)c->args[i].value);
        add_text(&t, c->args[i].name);
        add_text(&t, c->args[i].word ? c->args[i].word : number);
    }
    return send_frame(fd, ASSAY_WIRE_CASE, t.bytes, t.n);
}

static bool list(int fd)
{
    int n;
    const char *why;
    const AssayCase *cases = assay_cases(&n, &why);
    if (why)
        return send_failed(fd, why);
    for (int i = 0; i < n; i++)
        if (!send_case(fd, &cases[i], (uint32_t)i))
            return false;
    return send_frame(fd, ASSAY_WIRE_END, "", 0);
}

/* ---- epochs ---- */

static bool send_result(int fd, const AssayEpoch *e)
{
    if (e->why[0])
        return send_failed(fd, e->why);
    AssayWireResult r = { .iterations = e->iterations,
                          .elapsed_ns = e->elapsed_ns,
                          .cpu_ns = e->cpu_ns,
                          .pauses = e->pauses,
                          .bytes = e->bytes,
                          .items = e->items,
                          .time_ns = e->time_ns,
                          .n_figures = (uint32_t)e->n_figures,
                          .counts_allocs = e->counts_allocs,
                          .has_samples = e->samples != NULL,
                          .allocs = e->allocs.count,
                          .alloc_bytes = e->allocs.bytes,
                          .alloc_peak = e->allocs.peak_bytes };
    for (int i = 0; i < e->n_figures; i++) {
        memcpy(r.figures[i].name, e->figures[i].name, sizeof r.figures[i].name);
        r.figures[i].value = e->figures[i].value;
        r.figures[i].how = (uint32_t)e->figures[i].how;
    }
    if (!send_frame(fd, ASSAY_WIRE_RESULT, &r, sizeof r))
        return false;
    return !e->samples ||
           send_frame(fd, ASSAY_WIRE_SAMPLES, e->samples, e->n_samples * sizeof *e->samples);
}

static bool run_epoch(int fd, const AssayCase *c, const AssayWireOrder *o)
{
    AssayEpoch e;
    if (!(o->flags & ASSAY_WIRE_EACH)) {
        assay_epoch(c, o->iterations, NULL, &e);
        return send_result(fd, &e);
    }
    uint64_t each = ASSAY_SAMPLES_MAX / (uint64_t)c->threads;
    uint64_t n = o->iterations < each ? o->iterations : each;
    uint64_t *samples = malloc(n * (uint64_t)c->threads * sizeof *samples);
    if (!samples)
        return send_failed(fd, "no memory for samples");
    assay_epoch(c, n, samples, &e);
    bool ok = send_result(fd, &e);
    free(samples);
    return ok;
}

static bool obey(int fd, uint32_t kind, const AssayWireOrder *o)
{
    int n;
    const char *why;
    const AssayCase *cases = assay_cases(&n, &why);
    if (o->index >= (uint32_t)n)
        return send_failed(fd, "no such case");
    const AssayCase *c = &cases[o->index];
    if (kind == ASSAY_WIRE_EPOCH)
        return o->iterations ? run_epoch(fd, c, o) : send_failed(fd, "an epoch of no iterations");
    AssayEpoch e;
    uint64_t found = assay_calibrate(c, o->least_ns, &e);
    e.iterations = found;
    return send_result(fd, &e);
}

int assay_serve(int fd)
{
    AssayCosts costs;
    assay_costs(&costs);
    AssayWireHello hello = { ASSAY_WIRE_MAGIC,       ASSAY_WIRE_VERSION,
                             costs.loop_ns,          costs.pause_ns,
                             costs.clock_ns,         costs.resolution_ns,
                             assay_allocs_present(), 0 };
    if (!send_frame(fd, ASSAY_WIRE_HELLO, &hello, sizeof hello))
        return 1;
    for (;;) {
        AssayWireFrame f;
        AssayWireOrder o = { 0 };
        if (!receive_all(fd, &f, sizeof f))
            return 0; /* it has hung up: done */
        if (f.bytes != (f.kind == ASSAY_WIRE_LIST ? 0 : sizeof o) || !receive_all(fd, &o, f.bytes))
            return 1;
        if (f.kind != ASSAY_WIRE_LIST && f.kind != ASSAY_WIRE_CALIBRATE &&
            f.kind != ASSAY_WIRE_EPOCH)
            return 1;
        if (!(f.kind == ASSAY_WIRE_LIST ? list(fd) : obey(fd, f.kind, &o)))
            return 1;
    }
}
