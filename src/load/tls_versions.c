#include "load/tls.h"

const char *const tls_versions[] = { "any", "1.2", "1.3", NULL };
