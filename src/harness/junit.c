/* JUnit XML: the time of each test case, in seconds. A small scanner, no XML library: what counts
 * are the opening tags of test suites and cases, and what stands between a case's tags. */
#include <math.h>

#include "harness/formats.h"
#include "harness/harvest.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    Str head = str_slice(in->text, 0, 65536);
    return str_starts(str_trim(in->text), STR("<")) && str_find(head, STR("<testsuite")) >= 0 ? 90
                                                                                              : 0;
}

/* A tag: its name, its attributes, and where the text goes on behind it. */
typedef struct Tag {
    Str name, attributes;
    bool closes; /* </x> or <x/> */
} Tag;

/* End of the tag that starts at s[0] == '<': the index behind '>', quotes respected. */
static ptrdiff_t tag_end(Str s)
{
    char quote = 0;
    for (ptrdiff_t i = 1; i < s.len; i++) {
        char c = s.ptr[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i + 1;
    }
    return s.len;
}

/* Comments and CDATA may hold anything, also tags. */
static bool skip_block(Str *rest, const char *open, const char *close)
{
    if (!str_starts(*rest, str(open)))
        return false;
    ptrdiff_t end = str_find(*rest, str(close));
    *rest = end < 0 ? (Str){ 0 } : str_slice(*rest, end + str(close).len, rest->len);
    return true;
}

static bool next_tag(Str *rest, Tag *ret)
{
    for (;;) {
        ptrdiff_t at = str_find_char(*rest, '<');
        if (at < 0)
            return false;
        *rest = str_slice(*rest, at, rest->len);
        if (!skip_block(rest, "<!--", "-->") && !skip_block(rest, "<![CDATA[", "]]>"))
            break;
    }
    ptrdiff_t end = tag_end(*rest);
    Str inner = str_slice(*rest, 1, end - 1);
    *rest = str_slice(*rest, end, rest->len);
    *ret = (Tag){ .closes = str_starts(inner, STR("/")) || str_ends(inner, STR("/")) };
    scan_word(&inner, &ret->name);
    ptrdiff_t line = str_find_char(ret->name, '\n'); /* attributes may start on the next line */
    if (line >= 0) {
        inner = (Str){ ret->name.ptr + line, inner.ptr + inner.len - ret->name.ptr - line };
        ret->name = str_slice(ret->name, 0, line);
    }
    ret->attributes = inner;
    return true;
}

static Str attribute(const Tag *tag, const char *name)
{
    Str rest = tag->attributes, key;
    while (str_cut(&rest, '=', &key)) {
        key = str_trim(key);
        rest = str_trim(rest);
        if (!rest.len || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
            return (Str){ 0 };
        ptrdiff_t end = str_find_char(str_slice(rest, 1, rest.len), rest.ptr[0]);
        if (end < 0)
            return (Str){ 0 };
        if (str_eqz(key, name))
            return str_slice(rest, 1, end + 1);
        rest = str_slice(rest, end + 2, rest.len);
    }
    return (Str){ 0 };
}

/* &lt; and kin; numeric ones stay as they are. */
static void add_unescaped(StrBuf *b, Str s)
{
    static const struct {
        const char *entity;
        char c;
    } entities[] = {
        { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&amp;", '&' }
    };
    for (ptrdiff_t i = 0; i < s.len;) {
        ptrdiff_t step = 1;
        char c = s.ptr[i];
        for (ptrdiff_t k = 0; c == '&' && k < ARRAY_LEN(entities); k++)
            if (str_starts(str_slice(s, i, s.len), str(entities[k].entity))) {
                step = str(entities[k].entity).len;
                c = entities[k].c;
                break;
            }
        strbuf_addc(b, c);
        i += step;
    }
}

/* "classname.name" */
static CaseResult *open_case(Harvest *h, const Tag *tag)
{
    CLEANUP(strbuf_done) StrBuf name = { 0 };
    Str class = attribute(tag, "classname");
    Str rest;
    if (class.len) {
        add_unescaped(&name, class);
        strbuf_addc(&name, '.');
    }
    add_unescaped(&name, attribute(tag, "name"));
    CaseResult *c = harvest_case(h, strbuf_str(&name));
    harvest_value(h, harvest_trial(h, c), "time", UNIT_S, NULL,
                  scan_num(attribute(tag, "time"), &rest));
    return c;
}

/* The time of a test that failed or was left out is not the time of the test. */
static void mark(Harvest *h, CaseResult *c, Str what)
{
    Trial *t = c->trials[c->n_trials - 1];
    if (str_eqz(what, "failure") || str_eqz(what, "error"))
        validity_add(&t->validity, &h->run->arena, GRADE_INVALID, "harness-error",
                     "the test did not pass");
    else if (str_eqz(what, "skipped"))
        t->n_metrics = 0;
}

static void take_suite(Harvest *h, const Tag *tag)
{
    harvest_date(h, h->run->started_wall_ns ? (Str){ 0 } : attribute(tag, "timestamp"));
    if (!h->run->testbed.host)
        h->run->testbed.host = harvest_text(h, attribute(tag, "hostname"));
}

static int read_xml(const HarnessInput *in, Harvest *h, Err *err)
{
    (void)err;
    Str rest = in->text;
    Tag tag;
    CaseResult *open = NULL;
    while (next_tag(&rest, &tag)) {
        if (str_eqz(tag.name, "testsuite"))
            take_suite(h, &tag);
        else if (str_eqz(tag.name, "testcase"))
            open = open_case(h, &tag);
        else if (open && !str_eqz(tag.name, "/testcase"))
            mark(h, open,
                 str_ends(tag.name, STR("/")) ? str_slice(tag.name, 0, tag.name.len - 1)
                                              : tag.name);
        if (str_eqz(tag.name, "/testcase") || (str_eqz(tag.name, "testcase") && tag.closes))
            open = NULL;
    }
    return 0;
}

const HarnessFormat harness_junit = {
    .name = "junit",
    .producer = "JUnit XML",
    .summary = "JUnit XML: the times of test cases",
    .recognise = recognise,
    .read = read_xml,
};
