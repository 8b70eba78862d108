/* Base64 as in RFC 4648, section 4: standard alphabet, padded, no line breaks. Pure. */
#pragma once

#include "base/str.h"

/* Append the encoding of `bytes`. Past out's maximum, out is marked as overflown, as ever. */
void base64_encode(Str bytes, StrBuf *out);

/* Append the bytes that `text` encodes. Strict: whole groups of four, padding only at the end, no
 * blanks, unused bits zero; else -EINVAL with the offset. -ENOSPC when out's maximum is too small.
 * On failure out may hold part. */
MUST_CHECK int base64_decode(Str text, StrBuf *out, Err *err);
