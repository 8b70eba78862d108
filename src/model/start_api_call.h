/* One operation of an API description as a request. */
#pragma once

#include "model/start_api_value.h"
#include "model/start_text.h"

/* A description being turned into a suite. */
typedef struct Api {
    Arena *a;
    StrList *notes, taken;
    ApiDoc doc;
    bool swagger;        /* 2.0 */
    StrBuf safe, unsafe; /* benchmarks */
    int n_safe, n_unsafe;
} Api;

/* One operation as it is put together. */
typedef struct ApiCall {
    const char *method, *path;
    json_t *item, *op;       /* borrowed */
    StrBuf url, query;       /* the path with its values; "?a=b" */
    StrBuf secrets;          /* behind the query: references */
    StrBuf headers, cookies; /* lines of lists in the request */
    StrBuf lines;            /* its other rows */
} ApiCall;

/* Parameters, who asks and, with `body`, what is sent, from what item and op say; the rest of the
 * call is set. */
void api_call_fill(Api *x, ApiCall *c, bool body);
void api_call_done(ApiCall *c);
