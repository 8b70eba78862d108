/* A program of known size: touches memory and says exactly how much it then has. */
#pragma once

#include "base/err.h"

/* Map and touch `bytes`, keep them, and count the pages that are resident in this process right
 * then, by walking its page tables (/proc/self/smaps_rollup; the counters behind ru_maxrss and
 * VmHWM are approximate on kernels from 6.2). Call twice and use the second: the first also loads
 * the code that counts. */
MUST_CHECK int touch_memory(uint64_t bytes, uint64_t *ret_resident_bytes, Err *err);
