/* What assay itself uses: the generator's side of the story, and the sampler's own cost. */
#pragma once

#include "probe/figure.h"
#include "probe/procfile.h"

typedef struct Self {
    int fd_statm; /* -1: not there */
    uint64_t page_bytes;
    uint64_t peak, peak_at_mark; /* VmHWM in bytes, 0 unknown */
} Self;

void self_init(Self *s);
void self_done(Self *s);
/* Writes the FIG_SELF_ figures. FIG_SELF_SAMPLER is the calling thread's, so always call it from
 * the same. `full`: the peak, too. */
void self_look(Self *s, bool full, ProcBuf *buf, Sample *ret);
/* The measured part begins; call after a full look. */
void self_mark(Self *s);
/* Highest memory reached since the mark, 0 when it stayed below what it had reached before. */
uint64_t self_peak(const Self *s);
