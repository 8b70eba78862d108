/* The two notations of history_read. Private to history_*.c. */
#pragma once

#include "model/history.h"

MUST_CHECK int history_read_csv(Arena *a, Str text, const char *name, const char *column,
                                History *ret, Err *err);
MUST_CHECK int history_read_json(Arena *a, Str text, const char *name, const char *column,
                                 History *ret, Err *err);
