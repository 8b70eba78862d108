/* What k6's summaries and its streams of points share. */
#pragma once

#include "harness/harvest.h"

/* assay's name of a metric where it has one ("http_req_duration" is service_time: from send), else
 * a copy of k6's in the run's arena. */
const char *k6_metric_name(Harvest *h, Str name);
/* k6's own metrics that are times, for outputs that don't say so. */
bool k6_is_time(Str name);
