/* Text that people and tools both read: lines, words, numbers with units, CSV. Views are borrowed
 * from the text. */
#pragma once

#include "base/arena.h"

/* The first line, as far as its first 64 KiB: what a format is recognised by. No line of names is
 * longer; a document in one line is. */
Str scan_first_line(Str text);
/* The next line without its end ("\n" or "\r\n"); false when nothing is left. */
bool scan_line(Str *rest, Str *line);
/* The next word, between blanks; false when nothing is left. */
bool scan_word(Str *rest, Str *word);
/* `line` without leading blanks starts with `prefix`: what stands behind it, trimmed. */
bool scan_after(Str line, const char *prefix, Str *rest);
/* A number at the start of `s` (sign, digits, point, exponent, and commas between digits as groups
 * of thousands); *rest is what stands behind it, without leading blanks. NaN when there is none;
 * *rest is then `s`. */
double scan_num(Str s, Str *rest);
/* The whole of `s` is a number; a lone comma is a decimal sign ("1234,5"). NaN for everything else:
 * "", "N/A", "NaN". */
double scan_decimal(Str s);

/* Comma-separated values as RFC 4180 has them; the separator (comma, semicolon or tab) is the one
 * that the first line has most of. */
typedef struct Csv {
    Arena *arena; /* for unquoted texts and rows */
    Str rest;
    char sep;
    Str *head; /* [n_head] */
    ptrdiff_t n_head;
    Str *cell; /* [n] of the current row */
    ptrdiff_t n, cap;
} Csv;

/* Reads the header; the text is borrowed. */
Csv csv_open(Arena *a, Str text);
/* The next row that is not empty; false at the end. */
bool csv_next(Csv *c);
/* Number of the column named so (case matters), or -1. */
ptrdiff_t csv_column(const Csv *c, const char *name);
/* The cell, empty where the row is too short or `column` is -1. */
Str csv_cell(const Csv *c, ptrdiff_t column);
double csv_num(const Csv *c, ptrdiff_t column);
/* Does the first line of `text` start with these cells (comma-separated, unquoted), in order? */
bool csv_starts(Str text, const char *cells);
