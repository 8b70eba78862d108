/* The few moves that readers of /proc texts are made of. */
#pragma once

#include "base/str.h"

/* Next number: skips blanks and tabs, takes digits. False (and nothing moved) when none follows,
 * when it does not fit, or when anything but white space follows it. */
bool procscan_u64(Str *s, uint64_t *ret);
/* The same, kept to what an int holds; for pids. */
bool procscan_pid(Str *s, int *ret);
/* Leave out one word: blanks, then anything up to the next white space. False at the end. */
bool procscan_skip(Str *s);
/* Leave out n words. */
bool procscan_skips(Str *s, int n);
/* The next word as a view; false at the end. */
bool procscan_word(Str *s, Str *ret);
/* What follows `key` at the beginning of a line, up to the line's end; false when no line begins
 * with it. */
bool procscan_line(Str text, Str key, Str *ret);
