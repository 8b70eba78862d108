/* Telling: every output of a run or a comparison is one file and one row of `report_formats`.
 *
 * Writers are pure: the same run and options give the same text; nothing is measured, judged or
 * read again. They append to a StrBuf and never print. Runs must be summarised (run_summarise) and
 * judged before. Names, commands and notes come from outside: every writer neutralises control
 * characters, broken UTF-8 and its own syntax. Missing figures show as "-", "" or null, never
 * as 0. Threads: any, as long as the run is at rest. */
#pragma once

#include "model/run.h"

typedef struct ReportOpts {
    bool colour;  /* text: ANSI colours */
    bool unicode; /* text: block graphics, arrows and typographic signs; else ASCII only */
    bool verbose; /* text: every case in full; markdown: details open */
    bool raw;     /* csv: one line per trial and metric instead of one per case and metric */
    int columns;  /* text: width to fill at most; 0 means 80 */
} ReportOpts;

typedef struct ReportFormat {
    const char *name;              /* "text", "json", "markdown", "csv", "junit", "html" */
    const char *const *extensions; /* NULL-terminated, with the point, lower case */
    const char *summary;           /* for --help, no full stop */
    /* Append the report of a whole run. 0, or -ENOMEM / -EINVAL with the reason. */
    int (*write)(const Run *r, const ReportOpts *o, StrBuf *out, Err *err);
    /* Append a comparison alone (assay compare); NULL: this output is of runs only. */
    int (*compare)(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err);
} ReportFormat;

/* All outputs, ended by name == NULL. */
extern const ReportFormat report_formats[];

/* Options for writing to `fd`: colour when it is a terminal that wants it, its width, UTF-8 by the
 * environment's locale. */
ReportOpts report_opts_for(int fd);
/* Does the environment (LC_ALL, LC_CTYPE, LANG: first one set) say UTF-8? */
bool report_locale_is_utf8(void);

/* The row of a name ("markdown"), of a bare extension ("md") or of a path's extension
 * ("out/report.html"; case is ignored). NULL when unknown. */
const ReportFormat *report_format_for(const char *path_or_name);

/* Write a report in the format that the path's extension names; "-" is standard output as text.
 * Files get no colour, 100 columns and UTF-8 whatever `o` says. -EINVAL naming the known
 * extensions, or what fs_write says. `o` may be NULL. */
MUST_CHECK int report_write_file(const Run *r, const char *path, const ReportOpts *o, Err *err);

/* Append a comparison in a format by name or path. -EINVAL for an unknown format or one that cannot
 * show a comparison alone. */
MUST_CHECK int report_comparison(const Comparison *c, const char *format, const ReportOpts *o,
                                 StrBuf *out, Err *err);
MUST_CHECK int report_comparison_file(const Comparison *c, const char *path, const ReportOpts *o,
                                      Err *err);
