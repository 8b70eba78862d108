/* assay init: a commented suite, and CI files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/vocab.h"
#include "model/schema.h"
#include "model/start.h"

/* Texts of templates/, embedded by the build. */
extern const char template_assay[], template_github[], template_gitlab[];

typedef struct InitOpts {
    bool force, assets;
    int ci;
    const char *schema, *curl, *from, *output;
} InitOpts;

enum { START_BYTES_MAX = 256 << 20 };
enum { CI_BOTH, CI_GITHUB, CI_GITLAB, CI_NONE };
static const char *const ci_names[] = { "both", "github", "gitlab", "none", NULL };

static const Opt init_opts[] = {
    { .type = OPT_HEAD, .name = "Scaffolding" },
    OPT(InitOpts, ci, ENUM, .choices = ci_names, .dflt = "both", .help = "CI files to write"),
    OPT(InitOpts, schema, STR, .arg = "FILE",
        .help = "only write the suite language's JSON Schema, for editors; - is stdout"),
    OPT(InitOpts, curl, STR, .arg = "COMMAND",
        .help = "only write a suite that sends what this curl command line sends"),
    OPT(InitOpts, from, STR, .arg = "FILE",
        .help = "the same for a file with a curl command line, a HAR file (a scenario of its "
                "requests) or an OpenAPI or Swagger description (a benchmark for each operation "
                "that only reads); - is standard input"),
    OPT(InitOpts, assets, BOOL, .help = "of a HAR file also images, styles, scripts and fonts"),
    OPT(InitOpts, output, STR, .letter = 'o', .arg = "FILE",
        .help = "where that suite goes, else assay.yaml; - is stdout"),
    OPT(InitOpts, force, BOOL, .help = "replace files that are there"),
    { .type = OPT_END },
};

static const OptSet *init_sets(Ctx *ctx)
{
    InitOpts *o = ARENA_NEW(&ctx->arena, InitOpts);
    OptSet *sets = ARENA_ARRAY(&ctx->arena, OptSet, 2);
    sets[0] = (OptSet){ init_opts, o };
    ctx->own = o;
    return sets;
}

static const char *replace(Ctx *ctx, const char *text, const char *mark, const char *value)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    Str rest = str(text);
    for (ptrdiff_t at; (at = str_find(rest, str(mark))) >= 0;) {
        strbuf_add(&out, str_slice(rest, 0, at));
        strbuf_addz(&out, value);
        rest = str_slice(rest, at + str(mark).len, rest.len);
    }
    strbuf_add(&out, rest);
    return arena_strdup(&ctx->arena, strbuf_z(&out));
}

/* The folder's own name, as a suite's name. */
static const char *suite_name(Ctx *ctx, const char *dir)
{
    char *real = realpath(dir, NULL);
    const char *slash = real ? strrchr(real, '/') : NULL;
    char *name = arena_strdup(&ctx->arena, slash && slash[1] ? slash + 1 : "suite");
    free(real);
    for (char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '-';
    return name;
}

static int put(Ctx *ctx, const InitOpts *o, const char *dir, const char *path, const char *text,
               Err *err)
{
    const char *full = fs_join(&ctx->arena, dir, path);
    if (fs_exists(full) && !o->force)
        return err_set(err, -EEXIST, "'%s' is there already (--force replaces it)", full);
    TRY(fs_mkdirs(fs_dirname(&ctx->arena, full), err));
    TRY(fs_write(full, str(text), err));
    printf("wrote %s\n", full);
    return 0;
}

/* The store does not belong into the repository. */
static int ignore_store(Ctx *ctx, const char *dir, Err *err)
{
    const char *path = fs_join(&ctx->arena, dir, ".gitignore");
    Str old = { 0 };
    if (fs_exists(path))
        TRY(fs_read(&ctx->arena, path, 1 << 20, &old, err));
    if (str_find(old, STR(".assay/")) >= 0)
        return 0;
    bool newline = old.len == 0 || old.ptr[old.len - 1] == '\n';
    const char *text =
        arena_printf(&ctx->arena, STR_FMT "%s.assay/\n", STR_ARG(old), newline ? "" : "\n");
    TRY(fs_write(path, str(text), err));
    printf("wrote %s (keeps .assay/ out of the repository)\n", path);
    return 0;
}

static int scaffold(Ctx *ctx, const InitOpts *o, const char *dir, Err *err)
{
    TRY(fs_mkdirs(dir, err));
    /* A repository that has its own .gitlab-ci.yml includes ours. */
    bool own = !fs_exists(fs_join(&ctx->arena, dir, ".gitlab-ci.yml")) || o->force;
    const char *gitlab = own ? ".gitlab-ci.yml" : "assay.gitlab-ci.yml";
    TRY(put(ctx, o, dir, "assay.yaml",
            replace(ctx, template_assay, "@SUITE@", suite_name(ctx, dir)), err));
    if (o->ci == CI_BOTH || o->ci == CI_GITHUB)
        TRY(put(ctx, o, dir, ".github/workflows/assay.yml", template_github, err));
    if (o->ci == CI_BOTH || o->ci == CI_GITLAB)
        TRY(put(ctx, o, dir, gitlab, replace(ctx, template_gitlab, "@FILE@", gitlab), err));
    return ignore_store(ctx, dir, err);
}

static int write_schema(Ctx *ctx, const char *path, Err *err)
{
    SuiteVocab vocab = drivers_vocab(&ctx->arena);
    CLEANUP(json_free) json_t *schema = suite_schema(&vocab);
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    TRY(json_print(schema, &out, err));
    return fs_write(path, strbuf_str(&out), err);
}

static int make_start(Ctx *ctx, const InitOpts *o, Str text, StrBuf *suite, StrList *notes,
                      Err *err)
{
    StartKind kind = o->curl ? START_CURL : start_kind(text);
    if (kind == START_HAR)
        return start_har(&ctx->arena, text, o->from, o->assets, suite, notes, err);
    if (kind == START_OPENAPI)
        return start_openapi(&ctx->arena, text, o->from, suite, notes, err);
    int r = start_curl(&ctx->arena, text, suite, notes, err);
    return r < 0 && o->from ? err_wrap(err, "%s", o->from) : r;
}

/* The suite of --curl or --from. */
static int write_start(Ctx *ctx, const InitOpts *o, const char *dir, Err *err)
{
    CLEANUP(strbuf_done) StrBuf suite = { 0 };
    StrList notes = { 0 };
    Str text = str(o->curl);
    if (!o->curl)
        TRY(fs_read(&ctx->arena, o->from, START_BYTES_MAX, &text, err));
    TRY(make_start(ctx, o, text, &suite, &notes, err));
    for (ptrdiff_t i = 0; i < notes.n; i++)
        fprintf(stderr, "note: %s\n", notes.v[i]);
    if (o->output && strcmp(o->output, "-") == 0)
        return fs_write("-", strbuf_str(&suite), err);
    return put(ctx, o, dir, o->output ? o->output : "assay.yaml", strbuf_z(&suite), err);
}

static int init_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const InitOpts *o = ctx->own;
    Err err = { 0 };
    if (pos->n > 1)
        return cmd_usage(ctx, &cmd_init, "wants one folder at most");
    if (o->curl && o->from)
        return cmd_usage(ctx, &cmd_init, "wants one of --curl and --from");
    bool start = o->curl || o->from;
    if (o->output && !start)
        return cmd_usage(ctx, &cmd_init, "wants --curl or --from with --output");
    int r = start       ? write_start(ctx, o, pos->n ? pos->v[0] : ".", &err)
            : o->schema ? write_schema(ctx, o->schema, &err)
                        : scaffold(ctx, o, pos->n ? pos->v[0] : ".", &err);
    if (r < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (!o->schema && !start)
        puts("next: edit assay.yaml, then `assay run`");
    return ASSAY_OK;
}

const Cmd cmd_init = {
    .name = "init",
    .args = "[DIR]",
    .summary = "write a commented suite and CI files",
    .about = "Writes assay.yaml, a GitHub Actions workflow and a GitLab CI job into DIR (default: "
             "here), and\n"
             "keeps the store out of git. Nothing that is there is replaced without --force.\n\n"
             "Examples:\n"
             "  assay init\n"
             "  assay init --ci github\n"
             "  assay init --curl \"curl -H 'Accept: text/html' http://127.0.0.1:8080/items\"\n"
             "  assay init --from request.sh -o -\n"
             "  assay init --from session.har -o session.yaml\n"
             "  assay init --from openapi.yaml -o api.yaml\n"
             "  assay init --schema assay.schema.json      completion and checks in your editor\n",
    .sets = init_sets,
    .run = init_run,
};
