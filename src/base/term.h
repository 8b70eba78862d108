/* What the terminal can do. */
#pragma once

#include "base/macros.h"

bool term_is_tty(int fd);
/* A terminal that knows escapes, so that a line can be drawn again in place: TERM is not dumb. */
bool term_is_live(int fd);
/* Colour only on a terminal, unless NO_COLOR is set (and not empty), TERM is dumb, or the user said
 * --no-color. */
bool term_wants_colour(int fd);
/* Columns of the terminal behind fd; COLUMNS, or 80 when it is none. At least 20. */
int term_columns(int fd);
/* Its rows; 24 when it is none. */
int term_rows(int fd);
