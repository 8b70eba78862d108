/* Benchmark programs from outside: what they say, and what is not believed. */
#include "launch/function.h"

#include <errno.h>

#include "base/fs.h"
#include "bench/wire.h"
#include "tap.h"

static Arena arena;
static StrList words;

static const StrList *program(const char *path)
{
    words = (StrList){ 0 };
    strlist_add(&arena, &words, path);
    return &words;
}

static const FunctionCase *find(const FunctionCase *all, ptrdiff_t n, const char *name)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

/* ---- a real program ---- */

static void test_figures(FunctionProgram *p, const FunctionCase *all, ptrdiff_t n)
{
    Err err = { 0 };
    uint64_t fit = 0;
    FunctionResult r = { 0 };
    const FunctionCase *spin = find(all, n, "spin"), *fill = find(all, n, "fill/size=1024");
    CHECK(spin && fill, "its cases are listed");
    CHECK_STR(strmap_get(&fill->params, "size"), "1024", "with their arguments");
    CHECK(fill->law == FUNCTION_LAW_USUAL && fill->n == 1024, "and whether they grow");
    CHECK_INT(function_calibrate(p, spin->index, 1000000, &fit, &err), 0, "calibrated: %s",
              err.msg);
    CHECK(fit >= 1, "%llu iterations", (unsigned long long)fit);
    CHECK_INT(function_epoch(p, spin->index, fit, false, &r, &err), 0, "an epoch: %s", err.msg);
    CHECK(r.time_ns > 0 && r.iterations == fit, "%g ns per iteration", r.time_ns);
    CHECK_INT(function_epoch(p, fill->index, 64, true, &r, &err), 0, "each of 64");
    CHECK(r.each && r.each->n == 64, "gives as many samples");
    CHECK(r.bytes == 1024 && r.items == 2, "and what it handles");
    hist_free(r.each);
    const FunctionCase *dies = find(all, n, "bad_dies");
    CHECK_INT(function_epoch(p, dies->index, 1, false, &r, &err), -EPIPE, "one that dies: %s",
              err.msg);
}

static void test_allocs(const char *path)
{
    Err err = { 0 };
    FunctionProgram *p = NULL;
    FunctionCase *all;
    ptrdiff_t n = 0;
    FunctionResult r = { 0 };
    FunctionJob job = { .argv = program(path), .count_allocs = true };
    CHECK_INT(function_open(&p, &job, &err), 0, "with counted allocations: %s", err.msg);
    CHECK(function_counts_allocs(p), "they are counted");
    CHECK_INT(function_list(p, &arena, &all, &n, &err), 0, "listed");
    CHECK_INT(function_epoch(p, find(all, n, "allocate")->index, 50, false, &r, &err), 0,
              "an epoch");
    CHECK_NEAR(r.allocs, 3, 0, "three per iteration");
    CHECK_NEAR(r.alloc_bytes, 148, 0, "of 148 bytes");
    CHECK(r.alloc_peak >= 100 && r.alloc_peak < 200, "%llu at most at once",
          (unsigned long long)r.alloc_peak);
    CHECK_INT(function_epoch(p, find(all, n, "spin")->index, 50, false, &r, &err), 0, "another");
    CHECK_NEAR(r.allocs, 0, 0, "allocates nothing");
    function_close(p);
}

static void test_refusals(void)
{
    static const struct {
        const char *path;
        int code;
    } cases[] = {
        { "/no/such/program", -ENOENT },
        { "/bin/true", -EPROTO },
        { "/bin/cat", -EPROTO },
        { "/dev/null", -EACCES },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = { 0 };
        FunctionProgram *p = NULL;
        FunctionJob job = { .argv = program(cases[i].path) };
        CHECK_INT(function_open(&p, &job, &err), cases[i].code, "%s: %s", cases[i].path, err.msg);
        CHECK(!p && err.msg[0], "   says why");
    }
}

/* ---- frames ---- */

static void test_case_frames(void)
{
    AssayWireCase w = { .threads = 1, .n_args = 1, .n = 3 };
    char bytes[256];
    memcpy(bytes, &w, sizeof w);
    static const char texts[] = "a/n=3\0a\0\0n\0003"; /* ends with the literal's NUL */
    memcpy(bytes + sizeof w, texts, sizeof texts);
    ptrdiff_t len = sizeof w + sizeof texts;
    FunctionCase c;
    Err err = { 0 };
    CHECK_INT(function_read_case(&arena, (Str){ bytes, len }, &c, &err), 0, "a whole case: %s",
              err.msg);
    CHECK_STR(c.name, "a/n=3", "its name");
    for (ptrdiff_t cut = 0; cut < len; cut++)
        if (function_read_case(&arena, (Str){ bytes, cut }, &c, &err) != -EPROTO)
            CHECK(false, "cut at %td it is refused", cut);
    CHECK_INT(function_read_case(&arena, (Str){ bytes, len + 1 }, &c, &err), -EPROTO,
              "bytes behind its end are refused");
    bytes[sizeof w] = '\n';
    CHECK_INT(function_read_case(&arena, (Str){ bytes, len }, &c, &err), -EPROTO,
              "a name with a line end is refused");
}

static void test_result_frames(void)
{
    AssayWireResult w = { .iterations = 10, .time_ns = 5, .allocs = 20 };
    FunctionResult r;
    bool samples;
    Err err = { 0 };
    Str whole = { (const char *)&w, sizeof w };
    CHECK_INT(function_read_result(whole, &r, &samples, &err), 0, "a whole result");
    CHECK_NEAR(r.allocs, 2, 0, "allocations are per iteration");
    CHECK_INT(function_read_result((Str){ whole.ptr, whole.len - 1 }, &r, &samples, &err), -EPROTO,
              "a cut one is refused");
    w.n_figures = 9;
    CHECK_INT(function_read_result(whole, &r, &samples, &err), -EPROTO, "too many counters");
    w.n_figures = 1;
    memset(w.figures[0].name, 'x', sizeof w.figures[0].name);
    CHECK_INT(function_read_result(whole, &r, &samples, &err), -EPROTO, "a name without end");
    w.n_figures = 0;
    w.time_ns = (double)NAN;
    CHECK_INT(function_read_result(whole, &r, &samples, &err), -EPROTO, "a time that is none");
    Hist *h = NULL;
    CHECK_INT(function_read_samples((Str){ whole.ptr, 12 }, &h, &err), -EPROTO, "half a sample");
}

int main(void)
{
    const char *helpers = getenv("ASSAY_HELPERS");
    const char *path = arena_printf(&arena, "%s/bench_sample", helpers ? helpers : ".");
    Err err = { 0 };
    FunctionProgram *p = NULL;
    FunctionCase *all = NULL;
    ptrdiff_t n = 0;
    FunctionJob job = { .argv = program(path) };
    test_case_frames();
    test_result_frames();
    test_refusals();
    job.argv = program(path);
    CHECK_INT(function_open(&p, &job, &err), 0, "a benchmark program starts: %s", err.msg);
    CHECK_INT(function_list(p, &arena, &all, &n, &err), 0, "and lists what it has");
    test_figures(p, all, n);
    function_close(p);
    test_allocs(path);
    arena_done(&arena);
    return tap_done();
}
