/* The table of sub-commands: a new one is a file and a row. */
#include "cmd/cmd.h"

const Cmd *const commands[] = {
    &cmd_run,    &cmd_time,     &cmd_bench,   &cmd_load,   &cmd_stream, &cmd_import, &cmd_compare,
    &cmd_check,  &cmd_baseline, &cmd_history, &cmd_bisect, &cmd_report, &cmd_host,   &cmd_selftest,
    &cmd_init,   &cmd_drivers,  &cmd_formats, &cmd_rules,  &cmd_db,     &cmd_manual, &cmd_ack,
    &cmd_expect, &cmd_invalid,  &cmd_triage,  NULL,
};
