/* Writing for terminals: styles, wrapped paragraphs, aligned tables. */
#pragma once

#include "base/arena.h"
#include "report/report.h"

typedef enum Style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_HEAD,
    STYLE_GOOD,
    STYLE_BAD,
    STYLE_WARN,
    STYLE_ACCENT, /* plots */
} Style;

typedef struct TextOut {
    StrBuf *out;
    bool colour, unicode;
    int columns; /* >= 20 */
} TextOut;

TextOut text_out(StrBuf *out, const ReportOpts *o);

/* One styled piece, cleaned (width.h). No line end. */
void text_add(TextOut *t, Style s, const char *text);
void text_addf(TextOut *t, Style s, const char *fmt, ...) PRINTF_LIKE(3, 4);
void text_end(TextOut *t); /* line end */
/* A paragraph: `first` stands at `indent` columns, then `text` wrapped at blanks with a hanging
 * indent under its own start. Words longer than the line are cut into pieces. */
void text_wrap(TextOut *t, int indent, Style first_style, const char *first, Style style,
               const char *text);

/* Columns of a table. When the table is wider than the terminal, first the `own_line` column moves
 * to a line of its own above the rest of its row, then columns go by falling `drop`. */
typedef struct TextCol {
    const char *head;
    bool right;    /* alignment */
    bool own_line; /* at most one, the first column */
    int drop;      /* 0: always shown; the largest goes first */
} TextCol;

typedef struct TextCell {
    Style style;
    const char *text; /* clean */
    int columns;
    bool span; /* the first cell of a row that has one text over all columns */
} TextCell;

typedef struct TextTable {
    Arena *a; /* borrowed; holds the cells */
    const TextCol *cols;
    ptrdiff_t n_cols;
    TextCell *cells; /* [n][n_cols], row-major */
    ptrdiff_t n, cap;
    bool unicode;
} TextTable;

TextTable table_new(Arena *a, const TextOut *t, const TextCol *cols, ptrdiff_t n_cols);
/* Cells come row by row, left to right; table_print asserts that the last row is whole. */
void table_add(TextTable *tt, Style s, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A row of one text that may be as wide as the terminal; it shapes no column. */
void table_span(TextTable *tt, Style s, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Columns without any text in their cells are left out; a table without rows prints nothing. */
void table_print(TextTable *tt, TextOut *t, int indent);
