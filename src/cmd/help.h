/* What `assay --help` and `assay COMMAND --help` print. */
#pragma once

#include <stdio.h>

#include "cmd/cmd.h"

void help_overview(FILE *to);
/* Usage, about, options of the joined sets. To stdout. */
void help_command(const Cmd *cmd, const OptSet *sets);
void help_version(void);
