/* TCP ports that are free at the moment. */
#pragma once

#include "base/err.h"

/* A port on which 127.0.0.1 could be bound just now; another program may take it before it is used.
 * Ports come from the kernel's own range, so that one is rarely given twice in a row. `user` is not
 * used (the signature is that of a callback). 0, or -EADDRINUSE, -EMFILE … */
MUST_CHECK int port_free(void *user, uint16_t *ret, Err *err);
