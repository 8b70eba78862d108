/* What jansson leaves to its callers: missing numbers as null, files with places in errors,
 * ownership by CLEANUP. */
#pragma once

#include <jansson.h>

#include "base/fs.h"

static inline void json_free(json_t **j)
{
    json_decref(*j);
}

/* A number, or null when it is NaN or infinite: missing is never 0. Integers up to 2^53 are written
 * without a point. */
json_t *json_num(double v);
/* A string, or null for NULL; bytes that are not UTF-8 are replaced by U+FFFD. */
json_t *json_text(const char *s);
/* Number behind `key`; NaN when absent or null. */
double json_get_num(const json_t *obj, const char *key);
/* String behind `key` (borrowed), or NULL. */
const char *json_get_text(const json_t *obj, const char *key);

/* Parse a whole text; the error says `name:line:column: reason`. 0 or -EINVAL. Refuses duplicate
 * keys. */
MUST_CHECK int json_parse(Str text, const char *name, json_t **ret, Err *err);
/* Indented text with a final newline, keys in order of insertion, each double as the shortest
 * text that reads back equal. */
MUST_CHECK int json_print(const json_t *j, StrBuf *out, Err *err);
