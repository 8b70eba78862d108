/* What the converters to starting suites share. */
#pragma once

#include "base/opt.h"

/* Append `s` as a double-quoted YAML scalar. `${` of the data is written `$${`. */
void start_quote(StrBuf *b, Str s);
/* Is a value with this name one that must not be written down? */
bool start_is_secret(Str name);
/* Append a reference to the environment variable made from `name`, and note it. */
void start_env(Arena *a, StrBuf *b, Str name, StrList *notes);
/* The same text as start_quote writes, with the values of secret `name=value` pairs (between `&`,
 * behind `?`) and of secret JSON strings replaced by references. */
void start_quote_masked(Arena *a, StrBuf *b, Str s, StrList *notes);
/* $'…' outside of other quotes as plain single quotes. -EINVAL for a byte 0. */
MUST_CHECK int start_plain_quotes(Str in, StrBuf *out, Err *err);
