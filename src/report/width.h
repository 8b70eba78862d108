/* Text made fit for a terminal: cleaned, measured, cut. */
#pragma once

#include "base/str.h"

/* Append `s` so that it stays on one line and does nothing to the terminal: control characters
 * (C0, DEL, C1, bidirectional overrides) become blanks, bytes that are not UTF-8 become U+FFFD.
 * Without `unicode` the signs that reports use get ASCII stand-ins ("µ" -> "u", "…" -> "..",
 * "×" -> "x") and everything else outside ASCII becomes "?". */
void text_clean(StrBuf *out, Str s, bool unicode);

/* Columns of clean text on a terminal: wide characters (East Asian, emoji) take two, combining
 * marks none. Source: Unicode 15 EastAsianWidth (W and F), general categories Mn and Me, as
 * ranges coarse enough for tables. */
ptrdiff_t text_columns(Str s);

/* Bytes of the longest head of `s` that fits `columns`. */
ptrdiff_t text_fit(Str s, ptrdiff_t columns);

/* Decode the character at the start of s (valid UTF-8, not empty); *ret_len is its bytes. */
uint32_t text_decode(Str s, ptrdiff_t *ret_len);
