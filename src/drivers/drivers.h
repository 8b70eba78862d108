/* The drivers that this build knows. A new driver is one folder and one row in drivers.c. */
#pragma once

#include "load/driver.h"
#include "model/spec.h"

/* Ended by NULL. */
extern const Driver *const drivers[];

/* By name; NULL when unknown. */
const Driver *driver_find(const char *name);
/* By the scheme of a URL ("http://…"); NULL when no driver takes it. */
const Driver *driver_for_url(const char *url);

/* Would a trial with these options begin? Prepares target and request, or the scenarios or the
 * stream if there are any, and releases them again; may block (name resolution, files). 0, or
 * negative with the cure: -EINVAL where an option is at fault. */
MUST_CHECK int driver_check(const Driver *d, const void *target_opts, const void *request_opts,
                            const LoadSpec *load, Err *err);
