#include "report/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/term.h"

enum { FILE_COLUMNS = 100 };

#define EXTENSIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

const ReportFormat report_formats[] = {
    { "text", EXTENSIONS(".txt"), "what the terminal shows", report_text, compare_text },
    { "json", EXTENSIONS(".json"), "assay.run/1 or assay.compare/1, for programs", report_json,
      compare_json },
    { "markdown", EXTENSIONS(".md", ".markdown"), "tables for a comment on a pull request",
      report_markdown, compare_markdown },
    { "csv", EXTENSIONS(".csv"), "one line per case and metric, or per trial", report_csv,
      compare_csv },
    { "junit", EXTENSIONS(".xml"), "expectations and verdicts as tests, for CI servers",
      report_junit, compare_junit },
    { "html", EXTENSIONS(".html", ".htm"), "one page with plots, for a browser without a network",
      report_html, compare_html },
    { "hyperfine", EXTENSIONS(NULL), "commands as hyperfine's --export-json writes them",
      report_hyperfine, NULL },
    { "google-benchmark", EXTENSIONS(NULL),
      "times as Google Benchmark's JSON, a repetition a trial", report_google_benchmark, NULL },
    { "bencher", EXTENSIONS(NULL), "Bencher Metric Format", report_bencher, NULL },
    { "prometheus", EXTENSIONS(".prom"), "Prometheus text, for a file collector or a push gateway",
      report_prometheus, NULL },
    { "hdrhistogram-log", EXTENSIONS(".hlog"), "distributions as an HdrHistogram log",
      report_hdrlog, NULL },
    { "go", EXTENSIONS(NULL), "Go benchmark lines, for benchstat", report_go, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

bool report_locale_is_utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *v = getenv(names[i]);
        if (v && *v)
            return strcasestr(v, "UTF-8") || strcasestr(v, "utf8");
    }
    return false;
}

ReportOpts report_opts_for(int fd)
{
    return (ReportOpts){ .colour = term_wants_colour(fd),
                         .unicode = report_locale_is_utf8(),
                         .columns = term_columns(fd) };
}

const ReportFormat *report_format_for(const char *path_or_name)
{
    const char *dot = strrchr(path_or_name, '.');
    for (const ReportFormat *f = report_formats; f->name; f++) {
        if (strcmp(f->name, path_or_name) == 0)
            return f;
        for (const char *const *e = f->extensions; *e; e++)
            if (strcasecmp(dot ? *e : *e + 1, dot ? dot : path_or_name) == 0)
                return f;
    }
    return NULL;
}

static int unknown_format(const char *what, Err *err)
{
    CLEANUP(strbuf_done) StrBuf known = { 0 };
    for (const ReportFormat *f = report_formats; f->name; f++)
        for (const char *const *e = f->extensions; *e; e++)
            strbuf_addf(&known, "%s%s", known.len ? ", " : "", *e);
    return err_set(err, -EINVAL, "%s: no report format has this extension; there are %s", what,
                   strbuf_z(&known));
}

/* Files are read elsewhere: nothing of this terminal goes into them. */
static const ReportFormat *format_of_file(const char *path, ReportOpts *o)
{
    if (strcmp(path, "-") == 0)
        return &report_formats[0];
    o->colour = false;
    o->unicode = true;
    o->columns = FILE_COLUMNS;
    return report_format_for(path);
}

int report_write_file(const Run *r, const char *path, const ReportOpts *o, Err *err)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    ReportOpts opts = o ? *o : (ReportOpts){ .unicode = true };
    const ReportFormat *f = format_of_file(path, &opts);
    if (!f)
        return unknown_format(path, err);
    TRY(f->write(r, &opts, &out, err));
    return fs_write(path, strbuf_str(&out), err);
}

int report_comparison(const Comparison *c, const char *format, const ReportOpts *o, StrBuf *out,
                      Err *err)
{
    const ReportFormat *f = report_format_for(format);
    if (!f)
        return unknown_format(format, err);
    if (!f->compare)
        return err_set(err, -EINVAL, "%s cannot show a comparison alone", f->name);
    return f->compare(c, o, out, err);
}

int report_comparison_file(const Comparison *c, const char *path, const ReportOpts *o, Err *err)
{
    CLEANUP(strbuf_done) StrBuf out = { 0 };
    ReportOpts opts = o ? *o : (ReportOpts){ .unicode = true };
    const ReportFormat *f = format_of_file(path, &opts);
    if (!f)
        return unknown_format(path, err);
    TRY(report_comparison(c, f->name, &opts, &out, err));
    return fs_write(path, strbuf_str(&out), err);
}
