/* Values for what an API description only describes: from example, default, enum or type. */
#pragma once

#include "base/json.h"
#include "model/start.h"

/* One document, and how much of it may still be unfolded: references may multiply. */
typedef struct ApiDoc {
    json_t *root;                  /* borrowed */
    int budget;                    /* schemas that may still be looked at for the value at hand */
    json_t *open[START_DEPTH_MAX]; /* [n_open] borrowed; the schemas it stands in */
    int n_open;
} ApiDoc;

/* The object itself, or what its `$ref` leads to: within the document, START_DEPTH_MAX references
 * deep. NULL when that is nothing. */
json_t *api_resolve(const ApiDoc *d, json_t *v);
/* A value of the schema (of OpenAPI, or a parameter of Swagger 2.0, which is its own). Owned by the
 * caller; never NULL: null where nothing is known. */
json_t *api_sample(ApiDoc *d, json_t *schema);
/* Of a parameter, or a media type: its own example, or its schema's value. The same. */
json_t *api_example(ApiDoc *d, json_t *holder);
/* Does it say more than a type: an example or a default? */
bool api_has_example(const ApiDoc *d, json_t *holder);
