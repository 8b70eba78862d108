#include "base/libpq.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

PgApi pq;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;

static bool find(void *library, const char *name, void *slot)
{
    void *found = dlsym(library, name);
    memcpy(slot, &found,
           sizeof found); /* an object pointer and a function's: POSIX has them alike */
    return found != NULL;
}

static void load(void)
{
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL); /* stays */
    bool all = library != NULL;
#define X(name) all = all && find(library, "PQ" #name, &pq.name);
    PG_FUNCTIONS(X)
#undef X
    loaded = all;
}

int libpq_load(Err *err)
{
    pthread_once(&once, load);
    if (loaded)
        return 0;
    return err_set(err, -ENOTSUP,
                   "PostgreSQL takes libpq.so.5, version 14 or later "
                   "(apt-get install libpq5)");
}
