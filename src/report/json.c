/* The contract's documents, as the model writes them. */
#include "report/formats.h"

#include "model/run_json.h"

int report_json(const Run *r, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    CLEANUP(json_free) json_t *j = run_to_json(r);
    return json_print(j, out, err);
}

int compare_json(const Comparison *c, const ReportOpts *o, StrBuf *out, Err *err)
{
    (void)o;
    CLEANUP(json_free) json_t *j = comparison_to_json(c);
    return json_print(j, out, err);
}
