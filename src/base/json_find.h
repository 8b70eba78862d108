/* One value out of a JSON text, without reading the rest into memory.
 *
 * The text is walked from its begin to the value, and no further: what stands behind it is not
 * looked at, and what is passed over is only followed by its brackets and quotes. */
#pragma once

#include "base/str.h"

enum { JSON_NOT_THERE = 1 };

/* The value that a JSON pointer names (RFC 6901: "/users/0/name"; "" is the whole text).
 *
 *   ret   the value's own text, within `text`: a string with its quotes, an object with its braces
 *
 * 0; JSON_NOT_THERE; -EINVAL where the text is no JSON before that is known. No allocation. Cost:
 * about a nanosecond for each byte that is passed. */
MUST_CHECK int json_find(Str text, Str pointer, Str *ret);
/* "" or "/…", with '~' only as "~0" and "~1". */
bool json_pointer_ok(Str pointer);
/* The members of an object, one after the other: { .rest = the object's text } at first. */
typedef struct JsonMembers {
    Str rest; /* behind the object, once its end was seen */
    bool begun;
} JsonMembers;
/* 1 with the next member, key and value as they stand in the text, the key's quotes left out; 0 at
 * the end; -EINVAL where the text is no JSON before that. Cost as json_find. */
MUST_CHECK int json_member(JsonMembers *m, Str *ret_key, Str *ret_value);

/* `v` as it may stand within a string (RFC 8259, 7); at most 6 × v.len bytes. Behind the last. */
char *json_escape(char *to, Str v);
/* What a string says, without quotes and escapes (RFC 8259, 7); other values are copied as they
 * are. `buf` has room for raw.len bytes; returns how many were written, or -EINVAL. Lone surrogates
 * become U+FFFD. */
MUST_CHECK ptrdiff_t json_unquote(Str raw, char *buf);
