/* Frames of benchmark programs, read with distrust. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "bench/wire.h"
#include "launch/function.h"

enum { ARGS_MAX = 8 };

static int refuse(Err *err, const char *what)
{
    return err_set(err, -EPROTO, "the benchmark program sent %s", what);
}

/* One text up to its NUL, moved past it. */
static bool cut_text(Str *rest, Str *ret)
{
    const char *end = rest->len ? memchr(rest->ptr, '\0', (size_t)rest->len) : NULL;
    if (!end)
        return false;
    *ret = (Str){ rest->ptr, end - rest->ptr };
    *rest = str_slice(*rest, ret->len + 1, rest->len);
    return true;
}

/* Names become parts of case names, files' and JSON's. */
static bool text_ok(Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || (unsigned char)s.ptr[i] > 0x7e)
            return false;
    return true;
}

static bool name_ok(Str s)
{
    return s.len > 0 && text_ok(s);
}

int function_read_case(Arena *a, Str bytes, FunctionCase *ret, Err *err)
{
    AssayWireCase w;
    Str name, bench, law, key, value;
    if (bytes.len < (ptrdiff_t)sizeof w)
        return refuse(err, "a case that is cut off");
    memcpy(&w, bytes.ptr, sizeof w);
    Str rest = str_slice(bytes, sizeof w, bytes.len);
    if (!cut_text(&rest, &name) || !cut_text(&rest, &bench) || !cut_text(&rest, &law))
        return refuse(err, "a case without its texts");
    if (!name_ok(name) || !name_ok(bench) || !text_ok(law))
        return refuse(err, "a case whose name is no printable text");
    if (w.n_args > ARGS_MAX || w.threads == 0 || w.complexity > 2 || !isfinite(w.n))
        return refuse(err, "a case that can't be");
    *ret = (FunctionCase){ .index = w.index,
                           .name = arena_str(a, name),
                           .benchmark = arena_str(a, bench),
                           .threads = w.threads,
                           .law = (FunctionLaw)w.complexity,
                           .law_text = arena_str(a, law),
                           .n = w.n,
                           .law_of_n = isfinite(w.law) ? w.law : 0 };
    for (uint32_t i = 0; i < w.n_args; i++) {
        if (!cut_text(&rest, &key) || !cut_text(&rest, &value) || !name_ok(key) || !name_ok(value))
            return refuse(err, "a case with an argument that is no printable text");
        strmap_set(a, &ret->params, arena_str(a, key), arena_str(a, value));
    }
    return rest.len ? refuse(err, "a case with bytes behind its end") : 0;
}

static int read_figures(const AssayWireResult *w, FunctionResult *ret, Err *err)
{
    if (w->n_figures > FUNCTION_FIGURES_MAX)
        return refuse(err, "more counters than there are");
    ret->n_figures = w->n_figures;
    for (ptrdiff_t i = 0; i < ret->n_figures; i++) {
        const AssayWireFigure *f = &w->figures[i];
        Str rest = { f->name, sizeof f->name }, name;
        if (!cut_text(&rest, &name) || !name_ok(name))
            return refuse(err, "a counter without a printable name");
        memcpy(ret->figures[i].name, f->name, sizeof f->name);
        ret->figures[i].value = f->value;
        ret->figures[i].per_second = f->how == 1;
    }
    return 0;
}

int function_read_result(Str bytes, FunctionResult *ret, bool *ret_has_samples, Err *err)
{
    AssayWireResult w;
    if (bytes.len != (ptrdiff_t)sizeof w)
        return refuse(err, "a result of another length");
    memcpy(&w, bytes.ptr, sizeof w);
    if (w.iterations == 0 || !isfinite(w.time_ns) || w.time_ns < 0)
        return refuse(err, "a result that can't be");
    double n = (double)w.iterations;
    *ret = (FunctionResult){ .iterations = w.iterations,
                             .time_ns = w.time_ns,
                             .elapsed_ns = w.elapsed_ns,
                             .cpu_ns = w.cpu_ns,
                             .pauses = w.pauses,
                             .bytes = w.bytes,
                             .items = w.items,
                             .counts_allocs = w.counts_allocs != 0,
                             .allocs = (double)w.allocs / n,
                             .alloc_bytes = (double)w.alloc_bytes / n,
                             .alloc_peak = w.alloc_peak };
    *ret_has_samples = w.has_samples != 0;
    return read_figures(&w, ret, err);
}

int function_read_samples(Str bytes, Hist **ret, Err *err)
{
    if (bytes.len % (ptrdiff_t)sizeof(uint64_t))
        return refuse(err, "samples that are cut off");
    Hist *h = NULL;
    TRY(hist_new(&h, err));
    for (ptrdiff_t at = 0; at < bytes.len; at += (ptrdiff_t)sizeof(uint64_t)) {
        uint64_t ns;
        memcpy(&ns, bytes.ptr + at, sizeof ns);
        hist_record(h, ns);
    }
    *ret = h;
    return 0;
}
