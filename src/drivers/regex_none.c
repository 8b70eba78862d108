/* A build without PCRE2. */
#include <errno.h>

#include "drivers/regex.h"

int regex_compile(const char *pattern, Regex **ret, Err *err)
{
    (void)pattern;
    (void)ret;
    return err_set(err, -ENOTSUP,
                   "regular expressions are not in this build (libpcre2-dev was missing)");
}

Regex *regex_free(Regex *r)
{
    (void)r;
    return NULL;
}

bool regex_find(const Regex *r, RegexScratch **scratch, Str text, Str *ret)
{
    (void)r;
    (void)scratch;
    (void)text;
    (void)ret;
    return false;
}

RegexScratch *regex_scratch_free(RegexScratch *s)
{
    (void)s;
    return NULL;
}
