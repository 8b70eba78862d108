#include "base/yaml_text.h"

#include <errno.h>
#include <string.h>

typedef struct Place {
    int line, column;
} Place;

static Place place_of(Str text, ptrdiff_t at)
{
    Place p = { 1, 1 };
    for (ptrdiff_t i = 0; i < at && i < text.len; i++) {
        if (text.ptr[i] == '\n')
            p = (Place){ p.line + 1, 1 };
        else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
            p.column++;
    }
    return p;
}

int yaml_text_check(Str text, const char *name, Err *err)
{
    ptrdiff_t nul = str_find_char(text, '\0');
    ptrdiff_t bad = utf8_invalid_at(text);
    if (nul >= 0 && (bad < 0 || nul < bad)) {
        Place p = place_of(text, nul);
        return err_set(err, -EINVAL, "%s:%d:%d: a NUL byte; is this a text file?", name, p.line,
                       p.column);
    }
    if (bad < 0)
        return 0;
    Place p = place_of(text, bad);
    return err_set(err, -EINVAL, "%s:%d:%d: byte 0x%02x is not UTF-8; save the file as UTF-8", name,
                   p.line, p.column, (unsigned)(unsigned char)text.ptr[bad]);
}

/* The byte at libyaml's mark. Its index counts characters, so that line and column are walked. */
static int byte_at(Str text, yaml_mark_t mark)
{
    Str line = { 0 };
    for (size_t i = 0; i <= mark.line; i++)
        if (!str_cut(&text, '\n', &line))
            return -1;
    ptrdiff_t i = 0;
    for (size_t column = 0; i < line.len; i++) {
        if (((unsigned char)line.ptr[i] & 0xc0) == 0x80)
            continue;
        if (column++ == mark.column)
            return (unsigned char)line.ptr[i];
    }
    return -1;
}

typedef struct Wording {
    const char *context; /* beginning of libyaml's context, or NULL for any */
    const char *problem; /* beginning of libyaml's problem */
    const char *ours;    /* %d: the line where the context began */
} Wording;

/* First match counts. The left columns are libyaml 0.2.5's own texts. */
static const Wording wordings[] = {
    { "while scanning a quoted scalar", "found unexpected end of stream",
      "the quotes opened in line %d never close" },
    { "while scanning a quoted scalar", "found unexpected document",
      "the quotes opened in line %d never close" },
    { "while parsing a flow mapping", "did not find expected ',' or '}'",
      "expected ',' or '}' here: the '{' of line %d is still open" },
    { "while parsing a flow sequence", "did not find expected ',' or ']'",
      "expected ',' or ']' here: the '[' of line %d is still open" },
    { "while parsing a block mapping", "did not find expected key",
      "expected 'key: value' in step with the mapping of line %d; check indentation and quotes" },
    { "while parsing a block collection", "did not find expected '-'",
      "expected '- item' in step with the list of line %d; check the indentation" },
    { NULL, "mapping values are not allowed",
      "a ': ' where no mapping may begin; put the text in quotes, or look for a line above "
      "without its ':'" },
    { NULL, "block sequence entries are not allowed",
      "a '- ' where no list may begin; start it on a new line" },
    { NULL, "could not find expected ':'", "expected ':' behind the key of line %d" },
    { NULL, "found unknown escape character",
      "unknown escape; in single quotes a backslash means itself" },
    { NULL, "found a tab character", "a tab cannot indent; use spaces" },
    { NULL, "did not find expected <document start>",
      "the document ended before this; check the indentation" },
};

static const Wording *find_wording(const yaml_parser_t *p)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(wordings); i++) {
        const Wording *w = &wordings[i];
        bool same = !w->context || (p->context && str_starts(str(p->context), str(w->context)));
        if (same && p->problem && str_starts(str(p->problem), str(w->problem)))
            return w;
    }
    return NULL;
}

static int explain_start(Str text, const char *name, yaml_mark_t at, Err *err)
{
    int line = (int)at.line + 1, column = (int)at.column + 1, c = byte_at(text, at);
    if (c == '\t')
        return err_set(err, -EINVAL, "%s:%d:%d: a tab cannot indent; use spaces", name, line,
                       column);
    return err_set(err, -EINVAL, "%s:%d:%d: no text begins with '%c'; put it in quotes", name, line,
                   column, c > 0x20 && c < 0x7f ? c : '?');
}

int yaml_text_explain(const yaml_parser_t *p, Str text, const char *name, Err *err)
{
    if (p->error == YAML_MEMORY_ERROR)
        return err_set(err, -ENOMEM, "%s: out of memory", name);
    if (p->error == YAML_READER_ERROR) {
        Place at = place_of(text, (ptrdiff_t)p->problem_offset);
        return err_set(err, -EINVAL, "%s:%d:%d: %s", name, at.line, at.column,
                       p->problem ? p->problem : "unreadable");
    }
    yaml_mark_t at = p->problem_mark;
    if (p->problem && strncmp(p->problem, "found character that cannot start", 33) == 0)
        return explain_start(text, name, at, err);
    const Wording *w = find_wording(p);
    int line = (int)at.line + 1, column = (int)at.column + 1;
    if (!w)
        return err_set(err, -EINVAL, "%s:%d:%d: %s%s%s", name, line, column,
                       p->context ? p->context : "", p->context ? ", " : "",
                       p->problem ? p->problem : "not YAML");
    CLEANUP(strbuf_done) StrBuf b = { .max = 512 };
    const char *gap = strstr(w->ours, "%d");
    strbuf_add(&b, gap ? (Str){ w->ours, gap - w->ours } : str(w->ours));
    if (gap)
        strbuf_addf(&b, "%d%s", (int)p->context_mark.line + 1, gap + 2);
    return err_set(err, -EINVAL, "%s:%d:%d: %s", name, line, column, strbuf_z(&b));
}
