/* Option rows as a Markdown table, for the manual. */
#pragma once

#include "base/opt.h"

/* Append `| key | value | default | meaning |` and a line per row that is not hidden; nothing for
 * an empty table. Headings are left out: a page has its own. */
void opt_doc(StrBuf *out, const Opt *rows);
