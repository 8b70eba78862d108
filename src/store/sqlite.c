/* The SQLite engine's table. */
#include "store/sqlite.h"

const StoreOps store_sqlite = {
    .scheme = "sqlite",
    .summary = "a file, made when absent; nothing to install",
    .open = sq_store_open,
    .close = sq_store_close,
    .run_begin = sq_run_begin,
    .trial_add = sq_trial_add,
    .run_finish = sq_run_finish,
    .run_load = sq_run_load,
    .run_list = sq_run_list,
    .baseline_set = sq_baseline_set,
    .baseline_remove = sq_baseline_remove,
    .baseline_list = sq_baseline_list,
    .history = sq_history,
};
