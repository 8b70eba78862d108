/* One entry {name, unit, value} of github-action-benchmark's files. */
#pragma once

#include "base/json.h"
#include "harness/harvest.h"

/* "time", "throughput", "bandwidth", "size", "value": by the unit. Static. */
const char *custom_metric(Unit unit);
/* Add the entry as one more trial of the case of its name; BETTER_NONE: the unit says. */
void custom_take(Harvest *h, const json_t *bench, Better better);
