/* The contract's documents: assay.run/1 and assay.compare/1. */
#pragma once

#include "base/json.h"
#include "model/run.h"

/* New reference. The base side of a paired run stands under "against": {ref, cases}. */
json_t *run_to_json(const Run *r);
json_t *comparison_to_json(const Comparison *c);
/* Reads what run_to_json writes (and any assay.run/1). Trials come back with their values;
 * distributions only as the summary's figures. 0 or -EINVAL naming the place: "result.json:
 * cases[2].metrics[0].unit: missing". */
MUST_CHECK int run_from_json(const json_t *j, const char *name, Run **ret, Err *err);
