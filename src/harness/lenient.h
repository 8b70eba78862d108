/* JSON as other tools write it: bare NaN and Infinity, numbers beyond a double, broken UTF-8,
 * control characters within texts. Whatever is no finite number reads as null: missing. */
#pragma once

#include "base/json.h"

/* Rewrite `text` into JSON that a strict reader takes: tokens outside texts that are no JSON become
 * null ("NaN", "-Infinity", 1e999) or the number that they mean ("+5", ".5"); within texts, control
 * characters are escaped and bytes that are not UTF-8 become U+FFFD. Structure is left as it is.
 * Pure. Cost: O(len). */
void lenient_clean(Str text, StrBuf *out);

/* Parse one document; integers become doubles; of equal keys the last one stands. Errors say
 * `name:line:column`. 0, -EINVAL, -ENOMEM. */
MUST_CHECK int lenient_parse(Str text, const char *name, json_t **ret, Err *err);

/* A number, also when written as text ("500", "1.5e3"); NaN for everything else ("", "NaN", "+INF",
 * null, absent). */
double lenient_num(const json_t *value);
double lenient_get(const json_t *object, const char *key);
/* The text behind `key` as a view, empty when it is no text. */
Str lenient_text(const json_t *object, const char *key);
/* The text behind `key` as a NUL-terminated string, or NULL when it is no text or empty. */
const char *lenient_word(const json_t *object, const char *key);
