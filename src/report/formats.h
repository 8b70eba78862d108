/* The writers behind report_formats, one file each. Contracts: report.h. */
#pragma once

#include "report/report.h"

#define REPORT_WRITER(name)                                                                        \
    int report_##name(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
#define COMPARE_WRITER(name)                                                                       \
    int compare_##name(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err)

REPORT_WRITER(text);
REPORT_WRITER(json);
REPORT_WRITER(markdown);
REPORT_WRITER(csv);
REPORT_WRITER(junit);
REPORT_WRITER(html);
/* For other tools' readers; they show runs only. */
REPORT_WRITER(hyperfine);
REPORT_WRITER(google_benchmark);
REPORT_WRITER(bencher);
REPORT_WRITER(prometheus);
REPORT_WRITER(hdrlog);
REPORT_WRITER(go);

COMPARE_WRITER(text);
COMPARE_WRITER(json);
COMPARE_WRITER(markdown);
COMPARE_WRITER(csv);
COMPARE_WRITER(junit);
COMPARE_WRITER(html);
