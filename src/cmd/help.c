#include "cmd/help.h"

#include <unistd.h>

#include "base/term.h"

void help_version(void)
{
    puts("assay " ASSAY_VERSION);
}

void help_overview(FILE *to)
{
    fputs("assay measures, records, judges and shows performance numbers.\n\n"
          "Usage: assay COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n",
          to);
    for (const Cmd *const *c = commands; *c; c++)
        fprintf(to, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fputs("\nStart here:\n"
          "  assay time 'gzip -k -c FILE' 'zstd -c FILE'   which of the two is faster, and is it "
          "sure?\n"
          "  assay load -c 32 -d 10s http://127.0.0.1:8080/  how does this server do under load?\n"
          "  assay init && assay run                       a suite to grow, kept in the "
          "repository\n\n"
          "`assay COMMAND --help` explains each; `man assay` holds all of it.\n"
          "Exit codes: 0 all held, 1 failed, 2 wrong usage, 3 expectation broke, 4 regression,\n"
          "5 measurement invalid, 6 inconclusive (--strict), 7 results wait in the spool, 130/143 "
          "interrupted.\n",
          to);
}

void help_command(const Cmd *cmd, const OptSet *sets)
{
    printf("Usage: assay %s [OPTION...] %s\n\n%s\n\n%s", cmd->name, cmd->args, cmd->summary,
           cmd->about);
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    opt_help(&b, sets, term_columns(STDOUT_FILENO));
    fputs(strbuf_z(&b), stdout);
}
