#include "base/opt_doc.h"

static const char *value_of(OptType t)
{
    static const char *const by_type[] = {
        [OPT_END] = "",
        [OPT_BOOL] = "true or false",
        [OPT_U32] = "whole number",
        [OPT_U64] = "whole number",
        [OPT_F64] = "number",
        [OPT_NS] = "duration",
        [OPT_BYTES] = "size",
        [OPT_RATE] = "rate",
        [OPT_SHARE] = "share",
        [OPT_STR] = "text",
        [OPT_LIST] = "list of texts",
        [OPT_MAP] = "mapping of texts",
        [OPT_ENUM] = "",
        [OPT_HEAD] = "",
    };
    return by_type[t];
}

/* A bar would end the cell. */
static void add_cell(StrBuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            strbuf_addc(out, '\\');
        strbuf_addc(out, *text);
    }
}

static void add_value(StrBuf *out, const Opt *o)
{
    add_cell(out, value_of(o->type));
    for (ptrdiff_t i = 0; o->type == OPT_ENUM && o->choices[i]; i++)
        strbuf_addf(out, "%s`%s`", i ? ", " : "", o->choices[i]);
}

static void add_row(StrBuf *out, const Opt *o)
{
    strbuf_addf(out, "| `%s` | ", o->name);
    add_value(out, o);
    if (o->required)
        strbuf_addz(out, " | must be given | ");
    else if (o->dflt && *o->dflt)
        strbuf_addf(out, " | `%s` | ", o->dflt);
    else
        strbuf_addz(out, " | | ");
    add_cell(out, o->help ? o->help : "");
    strbuf_addz(out, " |\n");
}

void opt_doc(StrBuf *out, const Opt *rows)
{
    bool head = false;
    OPT_EACH (o, rows) {
        if (o->type == OPT_HEAD || o->hidden)
            continue;
        if (!head)
            strbuf_addz(out, "| key | value | default | meaning |\n|---|---|---|---|\n");
        head = true;
        add_row(out, o);
    }
}
