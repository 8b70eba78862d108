/* The null driver does nothing: what a trial through it costs is the harness's own cost. */
#pragma once

#include "load/driver.h"

extern const Driver driver_null;
