#include "cmd/vocab.h"

#include "drivers/drivers.h"
#include "load/stream_driver.h"

SuiteVocab drivers_vocab(Arena *a)
{
    ptrdiff_t n = 0;
    while (drivers[n])
        n++;
    DriverVocab *v = ARENA_ARRAY(a, DriverVocab, n + 1);
    for (ptrdiff_t i = 0; i < n; i++) {
        const Driver *d = drivers[i];
        v[i] = (DriverVocab){ .name = d->name,
                              .summary = d->summary,
                              .target_opts = d->target_opts,
                              .target_size = d->target_opts_bytes,
                              .request_opts = d->request_opts,
                              .request_size = d->request_opts_bytes,
                              .schemes = d->schemes,
                              .default_path_key = d->request_key,
                              .stream_opts = d->stream ? d->stream->opts : NULL,
                              .stream_size = d->stream ? d->stream->opts_bytes : 0,
                              .shorts = d->shorts };
    }
    return (SuiteVocab){ v };
}
