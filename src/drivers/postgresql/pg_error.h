/* What PostgreSQL and libpq say of failures, as static texts and errnos. Pure. */
#pragma once

#include "base/str.h"

/* Static text that begins with the code, or with its class, of an SQLSTATE of five characters:
 * "40001 serialization failure". Never NULL. */
const char *pg_state_cause(const char *state);

/* libpq tells only in words why it could not connect (in C locale, PQERRORS_SQLSTATE). The negative
 * errno that open returns; *ret_cause is static text, NULL where the errno says it all. */
int pg_connect_errno(const char *message, const char **ret_cause);
