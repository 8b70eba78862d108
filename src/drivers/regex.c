#define PCRE2_CODE_UNIT_WIDTH 8
#include "drivers/regex.h"

#include <errno.h>
#include <pcre2.h>

enum { STEPS_MAX = 1000000 }; /* of one search: patterns can go wild */

struct Regex {
    pcre2_code *code;
    uint32_t n_groups;
};

struct RegexScratch {
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

int regex_compile(const char *pattern, Regex **ret, Err *err)
{
    int code = 0;
    size_t at = 0;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_DOTALL, &code, &at, NULL);
    if (!compiled) {
        unsigned char why[128];
        pcre2_get_error_message(code, why, sizeof why);
        return err_set(err, -EINVAL, "'%.60s' is no regular expression: %s at character %zu",
                       pattern, (const char *)why, at + 1);
    }
    Regex *r = calloc(1, sizeof *r);
    if (!r) {
        pcre2_code_free(compiled);
        return err_set(err, -ENOMEM, "regular expression");
    }
    r->code = compiled;
    pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &r->n_groups);
    *ret = r;
    return 0;
}

Regex *regex_free(Regex *r)
{
    if (r)
        pcre2_code_free(r->code);
    free(r);
    return NULL;
}

static RegexScratch *scratch_new(void)
{
    RegexScratch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->data = pcre2_match_data_create(2, NULL);
    s->limits = pcre2_match_context_create(NULL);
    if (!s->data || !s->limits)
        return regex_scratch_free(s);
    pcre2_set_match_limit(s->limits, STEPS_MAX);
    return s;
}

bool regex_find(const Regex *r, RegexScratch **scratch, Str text, Str *ret)
{
    if (!*scratch)
        *scratch = scratch_new();
    if (!*scratch)
        return false;
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.ptr ? text.ptr : "");
    int n =
        pcre2_match(r->code, subject, (size_t)text.len, 0, 0, (*scratch)->data, (*scratch)->limits);
    if (n < 0)
        return false;
    const size_t *v = pcre2_get_ovector_pointer((*scratch)->data);
    const size_t *span = r->n_groups ? v + 2 : v;
    if (span[0] == PCRE2_UNSET)
        return false;
    *ret = str_slice(text, (ptrdiff_t)span[0], (ptrdiff_t)span[1]);
    return true;
}

RegexScratch *regex_scratch_free(RegexScratch *s)
{
    if (!s)
        return NULL;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->limits);
    free(s);
    return NULL;
}
