/* Text from outside made harmless for each syntax it is put into. */
#pragma once

#include "base/arena.h"

/* XML and HTML text and quoted attribute values: & < > " ' as references, line ends and tabs as
 * character references, bytes that are not UTF-8 and characters that XML 1.0 forbids (C0, U+FFFE,
 * U+FFFF) as U+FFFD, C1 and direction controls too. Nothing that is appended can end an element, an
 * attribute or a comment. */
void escape_xml(StrBuf *out, const char *s);
/* The same into an arena. */
const char *xml_text(Arena *a, const char *s);

/* Prose within a Markdown line or table cell (GitHub's dialect): markup characters escaped, no
 * HTML, no mentions, on one line. */
void escape_markdown(StrBuf *out, const char *s);
/* A code span that holds `s` whatever it contains, fit for a table cell. */
void markdown_code(StrBuf *out, const char *s);

/* One CSV field of text: quoted as RFC 4180 wants it when needed; text that a spreadsheet would run
 * as a formula (leading = + - @, tab, CR or their full-width forms) gets an apostrophe in front.
 * Other control characters become blanks and bytes that are not UTF-8 U+FFFD. NULL is an empty
 * field. */
void csv_text(StrBuf *out, const char *s);
/* A number, the shortest that reads back as the same; empty for NaN and infinities. */
void csv_number(StrBuf *out, double v);
