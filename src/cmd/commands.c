/* The table of sub-commands: a new one is a file and a row. */
#include "cmd/cmd.h"

const Cmd *const commands[] = { NULL };
