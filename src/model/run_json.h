/* The contract's documents: assay.run/1 and assay.compare/1. */
#pragma once

#include "base/json.h"
#include "model/run.h"

/* A run as it was last summarised, field by field as docs/schema/assay.run.1.schema.json says. New
 * reference. The base side of a paired run stands under "against": {ref, cases}. Series are thinned
 * to 600 points each; all else is whole, so that run_from_json gives the same run. */
json_t *run_to_json(const Run *r);
/* assay.compare/1. New reference. */
json_t *comparison_to_json(const Comparison *c);

/* Reads what run_to_json writes, and any assay.run/1; `name` stands in messages. The run comes back
 * summarised: figures that follow from the document's trials (values, histograms under "hdr") are
 * computed again, those that don't are taken as given (MetricSummary.given). A stated grade that is
 * graver than its reasons is kept. Without "trials_detail" the trials are as many as the longest
 * list of values. Numbers written as null are NaN, infinite ends of intervals too.
 *
 * 0, -ENOMEM, or -EINVAL naming the place: "result.json: cases[2].metrics[0].unit: missing". */
MUST_CHECK int run_from_json(const json_t *j, const char *name, Run **ret, Err *err);
