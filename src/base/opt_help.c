/* The option part of --help. */
#include <stdio.h>
#include <string.h>

#include "base/opt.h"

enum { HELP_COLUMN = 28 };

const char *opt_arg(const Opt *row)
{
    static const char *const by_type[] = {
        [OPT_END] = "",        [OPT_BOOL] = "",    [OPT_U32] = "N",      [OPT_U64] = "N",
        [OPT_F64] = "X",       [OPT_NS] = "DUR",   [OPT_BYTES] = "SIZE", [OPT_RATE] = "RATE",
        [OPT_SHARE] = "SHARE", [OPT_STR] = "TEXT", [OPT_LIST] = "TEXT",  [OPT_MAP] = "NAME=VALUE",
        [OPT_ENUM] = "WHICH",  [OPT_HEAD] = "",
    };
    return row->arg ? row->arg : by_type[row->type];
}

const char *opt_flag(char buf[OPT_NAME_MAX], const Opt *row)
{
    snprintf(buf, OPT_NAME_MAX, "--%s", row->name);
    for (char *c = buf + 2; *c; c++)
        *c = *c == '_' ? '-' : *c;
    return buf;
}

/* What stands behind the help sentence: choices and default. */
static void add_notes(StrBuf *b, const Opt *o)
{
    if (o->type == OPT_ENUM) {
        strbuf_addz(b, ": ");
        for (ptrdiff_t i = 0; o->choices[i]; i++)
            strbuf_addf(b, "%s%s", i ? ", " : "", o->choices[i]);
    }
    bool dull = !o->dflt || !*o->dflt || strcmp(o->dflt, "false") == 0;
    if (!dull)
        strbuf_addf(b, " [%s]", o->dflt);
    if (o->type == OPT_LIST || o->type == OPT_MAP)
        strbuf_addz(b, " (repeatable)");
}

/* Words of `text` from the current column on, broken before `columns`, continued at `indent`. */
static void add_wrapped(StrBuf *out, Str text, ptrdiff_t column, ptrdiff_t indent,
                        ptrdiff_t columns)
{
    Str word;
    bool first = true;
    while (str_cut(&text, ' ', &word)) {
        ptrdiff_t width = utf8_columns(word);
        if (!first && column + 1 + width > columns) {
            strbuf_addc(out, '\n');
            strbuf_pad(out, ' ', indent);
            column = indent;
        } else if (!first) {
            strbuf_addc(out, ' ');
            column++;
        }
        strbuf_add(out, word);
        column += width;
        first = false;
    }
    strbuf_addc(out, '\n');
}

static void add_row(StrBuf *out, const Opt *o, int columns)
{
    char flag[OPT_NAME_MAX], left[160], letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    const char *arg = opt_arg(o);
    snprintf(left, sizeof left, "  %s%s%s%s", letter, opt_flag(flag, o), *arg ? " " : "", arg);
    strbuf_addz(out, left);
    ptrdiff_t width = utf8_columns(str(left));
    if (width + 2 > HELP_COLUMN) {
        strbuf_addc(out, '\n');
        width = 0;
    }
    strbuf_pad(out, ' ', HELP_COLUMN - width);
    CLEANUP(strbuf_done) StrBuf help = { 0 };
    strbuf_addz(&help, o->help ? o->help : "");
    add_notes(&help, o);
    add_wrapped(out, strbuf_str(&help), HELP_COLUMN, HELP_COLUMN, columns);
}

void opt_help(StrBuf *out, const OptSet *sets, int columns)
{
    int width = MAX(60, MIN(columns, 100));
    for (const OptSet *s = sets; s->rows; s++) {
        OPT_EACH (o, s->rows) {
            if (o->type == OPT_HEAD)
                strbuf_addf(out, "\n%s:\n", o->name);
            else if (!o->hidden)
                add_row(out, o, width);
        }
    }
}
