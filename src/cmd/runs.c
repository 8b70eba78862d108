#include "cmd/runs.h"

#include <errno.h>

#include "cmd/stores.h"
#include "harness/harness.h"
#include "model/run_json.h"

/* Our own document is read strictly: what it says is a contract. */
static int from_input(const HarnessInput *in, Run **ret, Err *err)
{
    const char *schema = json_get_text(in->json, "schema");
    CLEANUP(json_free) json_t *j = NULL;
    if (!schema || !str_starts(str(schema), STR("assay.")))
        return harness_read(in, NULL, ret, err);
    TRY(json_parse(in->text, in->path, &j, err));
    return run_from_json(j, in->path, ret, err);
}

static int from_file(const char *path, Run **ret, Err *err)
{
    HarnessInput in;
    int r = harness_open(&in, path, err);
    if (r == 0)
        r = from_input(&in, ret, err);
    harness_close(&in);
    return r;
}

/* Ids have neither point nor slash; any other word may be a file's name as well. */
static bool is_file(const char *ref)
{
    Str s = str(ref);
    if (str_ends(s, STR(".json")) || str_eqz(s, "-"))
        return true;
    return !str_eqz(s, "latest") && !str_starts(s, STR("@")) && fs_exists(ref);
}

static int from_store(Ctx *ctx, const char *option, const char *ref, const char *suite, Run **ret,
                      Err *err)
{
    CLEANUP(store_closep) Store *store = NULL;
    TRY(open_place(ctx, store_place(ctx, option, "."), STORE_READ, &store, err));
    int r = store_run_load(store, ref, suite, ret, err);
    if (r == STORE_NOT_FOUND)
        return err_set(err, -ENOENT, "%s", err->msg);
    if (r == 0 && !(*ret)->finished_wall_ns)
        validity_add(&(*ret)->validity, &(*ret)->arena, GRADE_INVALID, "cut-off",
                     "the run did not end: it was killed, or is still going on");
    return r;
}

int load_run_ref(Ctx *ctx, const char *store_option, const char *ref, const char *suite, Run **ret)
{
    Err err = { 0 };
    bool file = is_file(ref);
    int r = file ? from_file(ref, ret, &err) : from_store(ctx, store_option, ref, suite, ret, &err);
    if (r == 0)
        return ASSAY_OK;
    return cmd_fail(ctx, file && r == -EINVAL ? ASSAY_USAGE : ASSAY_FAILED, &err);
}
