/* The drivers that this build knows. A new driver is one folder and one row in drivers.c. */
#pragma once

#include "load/driver.h"

/* Ended by NULL. */
extern const Driver *const drivers[];

/* By name; NULL when unknown. */
const Driver *driver_find(const char *name);
/* By the scheme of a URL ("http://…"); NULL when no driver takes it. */
const Driver *driver_for_url(const char *url);
