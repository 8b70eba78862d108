/* assay manual: the man page and shell completions, generated from the option rows so that they
 * can't disagree. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

/* Text for roff: backslashes and a leading point or quote are escaped, dashes stay dashes. */
static void put_roff(const char *text)
{
    bool line_start = true;
    for (const char *c = text; *c; c++) {
        if (line_start && (*c == '.' || *c == '\''))
            fputs("\\&", stdout);
        if (*c == '\\')
            fputs("\\e", stdout);
        else if (*c == '-')
            fputs("\\-", stdout);
        else
            putchar(*c);
        line_start = *c == '\n';
    }
}

static void roff_option(const Opt *o)
{
    char flag[OPT_NAME_MAX];
    fputs(".TP\n.B ", stdout);
    if (o->letter)
        printf("\\-%c\\fR, \\fB", o->letter);
    put_roff(opt_flag(flag, o));
    if (*opt_arg(o))
        printf("\\fR \\fI%s", opt_arg(o));
    fputs("\\fR\n", stdout);
    put_roff(o->help ? o->help : "");
    for (ptrdiff_t i = 0; o->type == OPT_ENUM && o->choices[i]; i++)
        printf("%s%s", i ? ", " : ": ", o->choices[i]);
    if (o->dflt && *o->dflt && o->type != OPT_BOOL) {
        fputs(" [", stdout);
        put_roff(o->dflt);
        putchar(']');
    }
    fputs(".\n", stdout);
}

static void roff_rows(const Opt *rows)
{
    OPT_EACH (o, rows) {
        if (o->type == OPT_HEAD)
            printf(".PP\n.I %s\n", o->name);
        else if (!o->hidden)
            roff_option(o);
    }
}

static void roff_command(Ctx *ctx, const Cmd *cmd)
{
    printf(".SH \"ASSAY %s\"\n.B assay %s\n[\\fIOPTION\\fR...] ", cmd->name, cmd->name);
    put_roff(cmd->args);
    fputs("\n.PP\n.nf\n", stdout);
    put_roff(cmd->about);
    fputs(".fi\n", stdout);
    for (const OptSet *s = cmd->sets ? cmd->sets(ctx) : NULL; s && s->rows; s++)
        roff_rows(s->rows);
}

static void print_man(Ctx *ctx)
{
    printf(".TH ASSAY 1 \"\" \"assay %s\" \"User Commands\"\n", ASSAY_VERSION);
    fputs(".SH NAME\nassay \\- measure, record, judge and show performance numbers\n"
          ".SH SYNOPSIS\n.B assay\n\\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
          ".SH COMMANDS\n",
          stdout);
    for (const Cmd *const *c = commands; *c; c++) {
        printf(".TP\n.B %s\n", (*c)->name);
        put_roff((*c)->summary);
        putchar('\n');
    }
    fputs(".SH \"GENERAL OPTIONS\"\n", stdout);
    roff_rows(common_opts);
    for (const Cmd *const *c = commands; *c; c++)
        roff_command(ctx, *c);
    fputs(".SH \"EXIT STATUS\"\n"
          ".nf\n0    done, and every gate held\n1    the run failed\n2    wrong usage, or a suite "
          "that does not parse\n"
          "3    an expectation broke\n4    a regression whose rule blocks\n5    the measurement is "
          "INVALID\n"
          "6    inconclusive, with \\-\\-strict\n7    all held, but the results wait in the spool: "
          "the store is out of reach\n130  interrupted\n143  terminated\n.fi\n"
          ".SH ENVIRONMENT\n.TP\n.B ASSAY_STORE\nwhere runs are kept.\n.TP\n.B "
          "ASSAY_STORE_TIMEOUT\nhow long a server's store may take to answer; 10s when not "
          "given.\n.TP\n.B PGPASSWORD, PGPASSFILE\npassword of a PostgreSQL store, and the file "
          "that holds passwords; ~/.pgpass when not given.\n.TP\n.B NO_COLOR\nno colour "
          "when not empty.\n",
          stdout);
}

static void bash_words(const OptSet *sets)
{
    for (const OptSet *s = sets; s && s->rows; s++)
        OPT_EACH (o, s->rows) {
            char flag[OPT_NAME_MAX];
            if (o->type != OPT_HEAD && !o->hidden)
                printf("%s ", opt_flag(flag, o));
        }
}

static void print_bash(Ctx *ctx)
{
    fputs("# bash completion for assay; made by `assay manual bash`\n_assay() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"",
          stdout);
    for (const Cmd *const *c = commands; *c; c++)
        printf("%s ", (*c)->name);
    fputs("--help --version\"\n    else\n        case ${COMP_WORDS[1]} in\n", stdout);
    OptSet general[] = { { common_opts, NULL }, { 0 } };
    for (const Cmd *const *c = commands; *c; c++) {
        printf("        %s) words=\"", (*c)->name);
        bash_words((*c)->sets ? (*c)->sets(ctx) : NULL);
        bash_words(general);
        fputs("\" ;;\n", stdout);
    }
    fputs("        esac\n    fi\n    case $cur in\n"
          "    -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
          "    *) [ \"$COMP_CWORD\" -eq 1 ] && mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
          "\"$cur\") ;;\n"
          "    esac\n}\ncomplete -o default -F _assay assay\n",
          stdout);
}

/* For zsh's _describe: colons and quotes would end the text. */
static void zsh_text(const char *s)
{
    for (; *s; s++)
        if (*s != '\'' && *s != ':' && *s != '[' && *s != ']')
            putchar(*s);
}

static void zsh_options(const OptSet *sets)
{
    for (const OptSet *s = sets; s && s->rows; s++)
        OPT_EACH (o, s->rows) {
            char flag[OPT_NAME_MAX];
            if (o->type == OPT_HEAD || o->hidden)
                continue;
            printf(" '%s%s[", opt_flag(flag, o), *opt_arg(o) ? "=" : "");
            zsh_text(o->help ? o->help : "");
            printf("]%s'", *opt_arg(o) ? ":value:_files" : "");
        }
}

static void print_zsh(Ctx *ctx)
{
    fputs("#compdef assay\n# made by `assay manual zsh`\n_assay() {\n    local -a commands\n    "
          "commands=(\n",
          stdout);
    for (const Cmd *const *c = commands; *c; c++) {
        printf("        '%s:", (*c)->name);
        zsh_text((*c)->summary);
        fputs("'\n", stdout);
    }
    fputs("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        "
          "return\n    fi\n"
          "    case $words[2] in\n",
          stdout);
    OptSet general[] = { { common_opts, NULL }, { 0 } };
    for (const Cmd *const *c = commands; *c; c++) {
        printf("    %s) _arguments", (*c)->name);
        zsh_options((*c)->sets ? (*c)->sets(ctx) : NULL);
        zsh_options(general);
        fputs(" '*:argument:_files' ;;\n", stdout);
    }
    fputs("    esac\n}\n_assay \"$@\"\n", stdout);
}

static int manual_run(Ctx *ctx, const StrList *pos, ptrdiff_t dashdash)
{
    (void)dashdash;
    const char *what = pos->n ? pos->v[0] : "man";
    if (strcmp(what, "man") == 0)
        print_man(ctx);
    else if (strcmp(what, "bash") == 0)
        print_bash(ctx);
    else if (strcmp(what, "zsh") == 0)
        print_zsh(ctx);
    else
        return cmd_usage(ctx, &cmd_manual, "'%s' is none of man, bash, zsh", what);
    return ASSAY_OK;
}

const Cmd cmd_manual = {
    .name = "manual",
    .args = "[man | bash | zsh]",
    .summary = "print the man page or a shell completion",
    .about = "All of it is made from the option rows of this build.\n\n"
             "Examples:\n"
             "  assay manual | man -l -\n"
             "  source <(assay manual bash)\n",
    .run = manual_run,
};
