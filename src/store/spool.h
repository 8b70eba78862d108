/* Runs on their way to a server's store, so that measuring neither waits for the network nor loses
 * what it measured.
 *
 * While it goes on, a run is written into an SQLite file of its own in a folder beside the suite
 * (".assay/spool"), with the guarantees of a store there: each trial is a transaction. When it ends
 * it is brought to the server whole, in one transaction, and the file goes. What could not be
 * brought, or whose writer was killed, stays until somebody drains. The run's id makes bringing it
 * again harmless: so nothing is lost, and nothing is there twice. docs/decisions/061 has the why.
 *
 * Files of different stores lie in folders of their own; one that can't be read is set aside there,
 * in "bad". Threads: as for stores; any number of processes. */
#pragma once

#include "store/store.h"

enum { STORE_SPOOLED = 4 };

/* Open for storing runs: store_run_begin, store_trial_add and store_run_finish only, one run at a
 * time. A store that is no server's is opened as by store_open. Else:
 *
 * Opening returns STORE_SPOOLED when the server can't be reached for now, and err says why; all
 * other refusals are those of store_open. store_run_finish returns STORE_SPOOLED when the run waits
 * in the spool, and err says where and why. store_run_begin knows what the server has (-EEXIST)
 * only while it is reached. */
MUST_CHECK int spool_open(Store **ret, const char *url, const char *folder, Err *err);

/* The server's store that one from spool_open brings runs to, for spool_drain; NULL while it is out
 * of reach. Borrowed until the next call on `s`. For a URL of a server only. */
Store *spool_server(Store *s);

typedef struct DrainOpts {
    uint64_t limit_ns;         /* begin no further run after so long; 0: no limit */
    const volatile bool *stop; /* may be NULL */
} DrainOpts;

typedef struct DrainResult {
    ptrdiff_t brought, there; /* runs that came, and that had come before */
    ptrdiff_t left;           /* files that are there still, living runs' included */
    const char **bad;         /* [n_bad] what was set aside and why, in the arena */
    ptrdiff_t n_bad, cap_bad;
    bool busy; /* another program is draining: nothing was done */
} DrainResult;

/* Files in the spool for that store, living runs' included. Cheap; 0 for what is no server's. */
ptrdiff_t spool_count(const char *url, const char *folder);
/* Bring what waits into `to`, which is the store of that URL, opened for writing. Negative when the
 * rest could not be brought: *ret holds what was done until then. */
MUST_CHECK int spool_drain(Store *to, const char *url, const char *folder, const DrainOpts *o,
                           Arena *a, DrainResult *ret, Err *err);

/* What messages call a store: the URL without its password, or the path. */
const char *store_shown(Arena *a, const char *url);
bool store_is_remote(const char *url);
