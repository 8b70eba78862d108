/* For tests: waiting on the probe's own progress instead of on time. */
#pragma once

#include "probe/probe.h"

/* Wait until the sampling thread has made that many more looks; how many it has made in all. */
uint64_t probe_await(Probe *p, uint64_t n_more);
