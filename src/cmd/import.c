/* assay import: other harnesses' results become runs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/stores.h"
#include "harness/harness.h"
#include "launch/git.h"
#include "probe/probe.h"

typedef struct ImportOpts {
    const char *format, *suite, *commit, *branch;
    bool list, here;
} ImportOpts;

static const Opt import_opts[] = {
    { .type = OPT_HEAD, .name = "Import" },
    OPT(ImportOpts, format, STR, .letter = 'f', .arg = "NAME",
        .help = "take the files for this format; else it is found by their content"),
    OPT(ImportOpts, list, BOOL, .letter = 'l', .help = "list the formats"),
    OPT(ImportOpts, suite, STR, .arg = "NAME",
        .help = "suite that the runs belong to; else what the file says, or the format's name"),
    OPT(ImportOpts, commit, STR, .arg = "HASH", .help = "commit, where the file says none"),
    OPT(ImportOpts, branch, STR, .arg = "NAME", .help = "branch, where the file says none"),
    OPT(ImportOpts, here, BOOL,
        .help = "made here: take this machine, commit and branch where the file says none"),
    { .type = OPT_END },
};

typedef struct ImportAll {
    ImportOpts own;
    OutputOpts out;
} ImportAll;

static const OptSet *import_sets(Ctx *ctx)
{
    ImportAll *o = ARENA_NEW(&ctx->arena, ImportAll);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 3);
    sets[0] = (OptSet){ import_opts, &o->own };
    sets[1] = (OptSet){ output_opts, &o->out };
    ctx->own = o;
    return sets;
}

static int list_formats(void)
{
    for (const HarnessFormat *const *f = harness_formats; *f; f++)
        printf("%-26s %s\n", (*f)->name, (*f)->summary);
    return ASSAY_OK;
}

typedef struct Import {
    Ctx *ctx;
    const ImportAll *o;
    Store *store; /* NULL: keep nothing */
    bool quiet;   /* one of many runs: counted, not shown */
    ptrdiff_t n, n_known, n_spooled;
    uint64_t trials;
} Import;

static void fill_from_here(Run *r)
{
    GitState git;
    if (!r->commit) {
        git_read(&r->arena, ".", &git);
        r->commit = git.commit;
        r->dirty = git.dirty;
        r->branch = r->branch ? r->branch : git.branch;
    }
    if (!r->testbed.host)
        testbed_read(&r->arena, &r->testbed);
}

static const char *copy(Run *r, const char *text)
{
    return text ? arena_strdup(&r->arena, text) : NULL;
}

static void complete(const ImportAll *o, Run *r)
{
    if (o->own.suite)
        r->suite = copy(r, o->own.suite);
    if (!r->commit)
        r->commit = copy(r, o->own.commit);
    if (!r->branch)
        r->branch = copy(r, o->own.branch);
    if (o->own.here)
        fill_from_here(r);
    for (ptrdiff_t i = 0; i < o->out.tag.n; i++)
        strmap_set(&r->arena, &r->tags, copy(r, o->out.tag.v[i].key),
                   copy(r, o->out.tag.v[i].value));
}

static int store_trials(Import *m, const Run *r, Err *err)
{
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        for (ptrdiff_t k = 0; k < r->cases[i]->n_trials; k++)
            TRY(store_trial_add(m->store, r, r->cases[i], r->cases[i]->trials[k], err));
    return 0;
}

/* What is there already stays as it is: a file may be imported again. */
static int keep(Import *m, Run *r, Err *err)
{
    m->n++;
    for (ptrdiff_t i = 0; i < r->n_cases; i++)
        m->trials += (uint64_t)r->cases[i]->n_trials;
    if (!m->store)
        return 0;
    int res = store_run_begin(m->store, r, err);
    if (res == -EEXIST) {
        m->n_known++;
        return 0;
    }
    TRY(res);
    TRY(store_trials(m, r, err));
    res = store_run_finish(m->store, r, err);
    m->n_spooled += res == STORE_SPOOLED;
    return MIN(res, 0);
}

static int keep_one_of_many(Run *r, void *user, Err *err)
{
    Import *m = user;
    if (*m->ctx->stop)
        return err_set(err, -EINTR, "interrupted after %td runs", m->n);
    complete(m->o, r);
    return keep(m, r, err);
}

static int import_single(Import *m, const HarnessInput *in, const HarnessFormat *f)
{
    CLEANUP(run_freep) Run *r = NULL;
    Err err = { 0 };
    int res = harness_read(in, f, &r, &err);
    if (res < 0)
        return cmd_fail(m->ctx, res == -EINVAL ? ASSAY_USAGE : ASSAY_FAILED, &err);
    complete(m->o, r);
    if (keep(m, r, &err) < 0)
        return cmd_fail(m->ctx, ASSAY_FAILED, &err);
    if (m->quiet)
        return ASSAY_OK;
    if (m->n_known)
        log_note(&m->ctx->log, "run %s is stored already", r->id);
    else if (m->store && !m->n_spooled)
        log_note(&m->ctx->log, "stored as run %s", r->id);
    return finish_run(m->ctx, &m->o->out, r, NULL, ASSAY_OK);
}

/* All runs are kept; what is asked for as a file is the newest. */
static int import_history(Import *m, const HarnessInput *in, const HarnessFormat *f)
{
    Err err = { 0 };
    CLEANUP(run_freep) Run *newest = NULL;
    int res = harness_read_history(in, f, keep_one_of_many, m, &err);
    if (res == 0 && !m->quiet)
        res = harness_read(in, f, &newest, &err);
    if (res < 0)
        return res == -EINTR ? 128 + stop_signal()
                             : cmd_fail(m->ctx, res == -EINVAL ? ASSAY_USAGE : ASSAY_FAILED, &err);
    if (!newest)
        return ASSAY_OK;
    complete(m->o, newest);
    log_note(&m->ctx->log, "%td runs, %td of them stored already; this is the newest", m->n,
             m->n_known);
    return finish_run(m->ctx, &m->o->out, newest, NULL, ASSAY_OK);
}

static int import_file(Import *m, const char *path)
{
    HarnessInput in;
    Err err = { 0 };
    const HarnessFormat *f = m->o->own.format ? harness_find(m->o->own.format) : NULL;
    int code;
    if (harness_open(&in, path, &err) < 0) {
        code = cmd_fail(m->ctx, ASSAY_FAILED, &err);
    } else {
        f = f ? f : harness_recognise(&in);
        log_info(&m->ctx->log, "%s: %s", path, f ? f->name : "unknown format");
        code = f && f->count && f->count(&in) > 1 ? import_history(m, &in, f)
                                                  : import_single(m, &in, f);
    }
    harness_close(&in);
    return code;
}

static int check_usage(Ctx *ctx, const ImportAll *o, const StrList *pos)
{
    bool file = o->out.json || o->out.md || o->out.report.n;
    if (pos->n == 0)
        return cmd_usage(ctx, &cmd_import, "wants a file (assay import --list names formats)");
    if (pos->n > 1 && file)
        return cmd_usage(ctx, &cmd_import, "--json, --md and --report take one FILE at a time");
    if (o->own.format && !harness_find(o->own.format))
        return cmd_usage(ctx, &cmd_import, "unknown format '%s' (assay import --list)",
                         o->own.format);
    return ASSAY_OK;
}

static int import_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const ImportAll *o = ctx->own;
    Err err = { 0 };
    if (o->own.list)
        return list_formats();
    int code = check_usage(ctx, o, pos);
    if (code != ASSAY_OK)
        return code;
    code = check_outputs(ctx, &cmd_import, &o->out);
    if (code != ASSAY_OK)
        return code;
    CLEANUP(store_closep) Store *store = NULL;
    if (open_store(ctx, &o->out, ".", &store, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    Import m = { .ctx = ctx, .o = o, .store = store, .quiet = pos->n > 1 };
    for (ptrdiff_t i = 0; i < pos->n; i++) {
        int one = import_file(&m, pos->v[i]);
        code = code == ASSAY_OK ? one : code;
        if (*ctx->stop)
            return 128 + stop_signal();
    }
    if (m.quiet)
        printf("%td runs with %llu trials, %td of them stored already\n", m.n,
               (unsigned long long)m.trials, m.n_known);
    if (m.n_spooled)
        log_warn(&ctx->log, "%td of them wait in the spool: the store is out of reach",
                 m.n_spooled);
    return code;
}

const Cmd cmd_import = {
    .name = "import",
    .args = "FILE...",
    .summary = "take in another harness's results",
    .about =
        "The format is found by content: hyperfine, Criterion.rs, Google Benchmark, JMH, Go,\n"
        "pytest-benchmark, k6, Locust, wrk and many more (--list; docs/import.md says what is\n"
        "taken of each). Samples become trials. A history (data.js, asv's results) becomes as\n"
        "many runs as it has. Importing a file again changes nothing. `assay compare` and\n"
        "`assay report` take such files directly.\n\n"
        "Examples:\n"
        "  assay import hyperfine.json\n"
        "  go test -bench . -count 10 | assay import - --here\n"
        "  assay import target/criterion --suite core --here --report report.html\n"
        "  assay compare before.json after.json\n",
    .sets = import_sets,
    .run = import_run,
};
