#include "cmd/runs.h"

#include <errno.h>

#include "model/run_json.h"

enum { RESULT_BYTES_MAX = 1 << 29 };

static int from_file(Ctx *ctx, const char *path, Run **ret, Err *err)
{
    Str text;
    CLEANUP(json_free) json_t *j = NULL;
    TRY(fs_read(&ctx->arena, path, RESULT_BYTES_MAX, &text, err));
    TRY(json_parse(text, path, &j, err));
    return run_from_json(j, path, ret, err);
}

static int from_store(Ctx *ctx, const char *option, const char *ref, const char *suite, Run **ret,
                      Err *err)
{
    CLEANUP(store_closep) Store *store = NULL;
    TRY(store_open(&store, store_place(ctx, option, "."), STORE_READ, err));
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
    bool file = str_ends(str(ref), STR(".json")) || str_eqz(str(ref), "-");
    int r = file ? from_file(ctx, ref, ret, &err)
                 : from_store(ctx, store_option, ref, suite, ret, &err);
    if (r == 0)
        return ASSAY_OK;
    return cmd_fail(ctx, file && r == -EINVAL ? ASSAY_USAGE : ASSAY_FAILED, &err);
}
