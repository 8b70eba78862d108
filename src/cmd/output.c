/* The beginning and the end of every command that makes a run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/term.h"
#include "cmd/cmd.h"
#include "cmd/stores.h"
#include "host/host.h"
#include "launch/git.h"
#include "probe/probe.h"
#include "report/report.h"

int open_store(Ctx *ctx, const OutputOpts *o, const char *dir, Store **ret, Err *err)
{
    *ret = NULL;
    if (o->no_store)
        return 0;
    int r = open_to_store(ctx, store_place(ctx, o->store, dir), dir, ret, err);
    if (r < 0)
        return err_set(err, r, "%s (--no-store measures without keeping)", err->msg);
    return 0;
}

int follow_run(const OutputOpts *o, Lab *lab, Err *err)
{
    if (!o->json_stream)
        return 0;
    bool own = strcmp(o->json_stream, "-") != 0;
    FILE *to = own ? fopen(o->json_stream, "we") : stdout;
    if (!to)
        return err_errno(err, -errno, "json-stream '%s'", o->json_stream);
    return stream_open(&lab->stream, to, own, o->json_stream, o->stream_interval, lab->run, err);
}

void follow_end(Ctx *ctx, Lab *lab)
{
    Err err;
    if (stream_close(lab->stream, lab->run, &err) < 0) {
        log_error(&ctx->log, "%s", err.msg);
        lab->failed = true;
    }
    lab->stream = NULL;
}

static void take_tags(Run *r, const StrMap *tags)
{
    for (ptrdiff_t i = 0; i < tags->n; i++)
        strmap_set(&r->arena, &r->tags, arena_strdup(&r->arena, tags->v[i].key),
                   arena_strdup(&r->arena, tags->v[i].value));
}

int begin_run(Ctx *ctx, const OutputOpts *o, const char *suite, const char *dir, Run **ret,
              Err *err)
{
    (void)ctx;
    uint64_t seed = o->seed ? o->seed : rng_fresh_seed();
    Run *r = NULL;
    TRY(run_new(&r, suite, seed, clock_wall_ns(), err));
    GitState git;
    git_read(&r->arena, dir, &git);
    r->commit = git.commit;
    r->branch = git.branch;
    r->dirty = git.dirty;
    testbed_read(&r->arena, &r->testbed);
    const char *resolves = host_recall(&r->arena, &r->testbed);
    if (resolves)
        strmap_set(&r->arena, &r->tags, "host", resolves);
    take_tags(r, &o->tag);
    *ret = r;
    return 0;
}

/* Is some output asked for on stdout? Then the table for people stays away. */
static bool stdout_taken(const OutputOpts *o)
{
    bool taken = (o->json_stream && str_eqz(str(o->json_stream), "-")) ||
                 (o->json && str_eqz(str(o->json), "-")) || (o->md && str_eqz(str(o->md), "-"));
    for (ptrdiff_t i = 0; i < o->report.n; i++)
        taken |= str_eqz(str(o->report.v[i]), "-");
    return taken;
}

int print_report(Ctx *ctx, const Run *r, const char *format, Err *err)
{
    ReportOpts opts = report_opts_for(STDOUT_FILENO);
    opts.colour = opts.colour && !ctx->common.no_color;
    opts.verbose = ctx->common.verbose;
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    TRY(report_format_for(format)->write(r, &opts, &out, err));
    fputs(strbuf_z(&out), stdout);
    return 0;
}

/* In the named format, whatever the path's ending says. */
static int write_as(const Run *r, const char *format, const char *path, Err *err)
{
    ReportOpts opts = { .columns = 100, .unicode = true };
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    fflush(stdout);
    TRY(report_format_for(format)->write(r, &opts, &out, err));
    return fs_write(path, strbuf_str(&out), err);
}

/* Every output is tried, so that one full disk does not cost the others. */
static int write_files(Ctx *ctx, const OutputOpts *o, const Run *r)
{
    int failed = 0;
    Err err = { 0 };
    if (o->json && write_as(r, "json", o->json, &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->md && write_as(r, "markdown", o->md, &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    for (ptrdiff_t i = 0; i < o->report.n; i++) {
        if (report_write_file(r, o->report.v[i], NULL, &err) < 0)
            failed = cmd_fail(ctx, ASSAY_FAILED, &err);
        else
            log_note(&ctx->log, "wrote %s", o->report.v[i]);
    }
    return failed;
}

/* All files that this run is to write. */
static StrList output_paths(Ctx *ctx, const OutputOpts *o)
{
    StrList all = { 0 };
    if (o->json)
        strlist_add(&ctx->arena, &all, o->json);
    if (o->json_stream)
        strlist_add(&ctx->arena, &all, o->json_stream);
    if (o->md)
        strlist_add(&ctx->arena, &all, o->md);
    for (ptrdiff_t i = 0; i < o->report.n; i++)
        strlist_add(&ctx->arena, &all, o->report.v[i]);
    return all;
}

static int check_writable(Ctx *ctx, const char *path, Err *err)
{
    const char *dir = fs_dirname(&ctx->arena, path);
    if (fs_is_dir(path))
        return err_set(err, -EISDIR, "'%s' is a folder; a report is a file", path);
    if (!fs_is_dir(dir))
        return err_set(err, -ENOENT, "'%s' can't be written: there is no folder '%s'", path, dir);
    bool there = fs_exists(path);
    if (access(there ? path : dir, W_OK) < 0)
        return err_errno(err, -errno, "'%s' can't be written", path);
    return 0;
}

int check_outputs(Ctx *ctx, const Cmd *cmd, const OutputOpts *o)
{
    Err err = { 0 };
    for (ptrdiff_t i = 0; i < o->report.n; i++)
        if (!str_eqz(str(o->report.v[i]), "-") && !report_format_for(o->report.v[i]))
            return cmd_usage(
                ctx, cmd,
                "--report %s: the ending says no format; known: .html .md .xml .json .csv .txt",
                o->report.v[i]);
    StrList paths = output_paths(ctx, o);
    for (ptrdiff_t i = 0; i < paths.n; i++) {
        for (ptrdiff_t k = 0; k < i; k++)
            if (str_eqz(str(paths.v[i]), paths.v[k]))
                return cmd_usage(ctx, cmd, "two outputs go to '%s'", paths.v[i]);
        if (!str_eqz(str(paths.v[i]), "-") && check_writable(ctx, paths.v[i], &err) < 0)
            return cmd_fail(ctx, ASSAY_FAILED, &err);
    }
    return ASSAY_OK;
}

int finish_run(Ctx *ctx, const OutputOpts *o, Run *r, Store *store, int code)
{
    int failed = 0;
    Err err = { 0 };
    r->exit_code = code;
    if (!r->finished_wall_ns) /* else another harness has said when */
        r->finished_wall_ns = clock_wall_ns();
    int stored = store ? store_run_finish(store, r, &err) : 0;
    if (stored < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    if (stored == STORE_SPOOLED)
        log_warn(&ctx->log, "%s", err.msg);
    if (!stdout_taken(o) && print_report(ctx, r, "text", &err) < 0)
        failed = cmd_fail(ctx, ASSAY_FAILED, &err);
    if (write_files(ctx, o, r) != 0)
        failed = ASSAY_FAILED;
    if (store && !failed && stored == 0)
        log_info(&ctx->log, "stored as run %s", r->id);
    return failed && code == 0 ? failed : code;
}

int decide_exit(const Ctx *ctx, const OutputOpts *o, Run *r, bool failed)
{
    if (*ctx->stop)
        return 128 + stop_signal();
    if (failed)
        return ASSAY_FAILED;
    JudgeOpts judge = { .confidence = r->confidence,
                        .min_effect = r->min_effect,
                        .strict = o->strict };
    return judge_exit_code(r, &judge);
}
