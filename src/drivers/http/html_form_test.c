#include "drivers/http/html_form.h"

#include "tap.h"

int main(void)
{
    static const struct {
        const char *page, *name, *value; /* NULL: none */
    } rows[] = {
        { "<input name=a value=1>", "a", "1" },
        { "<INPUT VALUE='x y' type=hidden NAME=\"a\"/>", "a", "x y" },
        { "<p name=a value=0><input name=b value=2><input\n name = a\tvalue = \"3\" >", "a", "3" },
        { "<meta content=\"t\" name=\"csrf-token\"/>", "csrf-token", "t" },
        { "<button name=a value=go disabled>", "a", "go" },
        { "<input name=a value='a&amp;&lt;&gt;&quot;&apos;&#39;&#x2f;&nope;&#0;&#xD;'>", "a",
          "a&<>\"''/&nope;&#0;\r" },
        { "<input name=a value=>", "a", "" },
        { "<input name=a>", "a", NULL },
        { "<input name=ab value=1>", "a", NULL },
        { "<inputs name=a value=1>", "a", NULL },
        { "<input name=a value=\"unclosed", "a", "unclosed" },
        { "<<input name=a value=1", "a", "1" },
        { "", "a", NULL },
        { "<", "a", NULL },
        { "<input =x name=a value=1>", "a", NULL },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        char buf[256];
        Str raw = html_form_value(str(rows[i].page), str(rows[i].name));
        bool there = raw.ptr != NULL;
        ptrdiff_t n = there ? html_unescape(raw, buf) : 0;
        CHECK(there == (rows[i].value != NULL) &&
                  (!there || str_eqz((Str){ buf, n }, rows[i].value)),
              "%s is %s in %s", rows[i].name, rows[i].value ? rows[i].value : "not", rows[i].page);
    }
    return tap_done();
}
