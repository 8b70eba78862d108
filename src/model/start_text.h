/* What the converters to starting suites share. */
#pragma once

#include "base/opt.h"

/* Append `s` as a double-quoted YAML scalar. `${` of the data is written `$${`. */
void start_quote(StrBuf *b, Str s);
/* The same with `behind`, references, at its end as they stand. */
void start_quote_with(StrBuf *b, Str s, Str behind);
/* Is a value with this name one that must not be written down? */
bool start_is_secret(Str name);
/* Append a reference to the environment variable made from `name`, and note it, once. */
void start_env(Arena *a, StrBuf *b, Str name, StrList *notes);
/* The same text as start_quote writes, with the values of secret `name=value` pairs (between `&`,
 * behind `?`) and of secret JSON strings replaced by references. */
void start_quote_masked(Arena *a, StrBuf *b, Str s, StrList *notes);
/* Append `s` percent-encoded but for unreserved characters (RFC 3986, 2.3). */
void start_encode(StrBuf *b, Str s);
/* Add a note that isn't there yet. */
void start_note(Arena *a, StrList *notes, const char *text);
/* "post-items-7" of "POST" and "/items/7?a=b": a name that is not among `taken`, and is now. GET is
 * left out. At most START_NAME_MAX letters, digits and '-'. */
enum { START_NAME_MAX = 40 };
const char *start_name(Arena *a, StrList *taken, Str method, Str path);
/* The suite's first lines: its version, and the notes as comments. */
void start_head(StrBuf *suite, const char *made_from, const StrList *notes);
/* $'…' outside of other quotes as plain single quotes. -EINVAL for a byte 0. */
MUST_CHECK int start_plain_quotes(Str in, StrBuf *out, Err *err);
