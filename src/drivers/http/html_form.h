/* The value of a form's field in an HTML page: what a browser would send back, such as a token
 * against forged requests. No tree is built: the page is searched for tags. */
#pragma once

#include "base/str.h"

/* The `value` of the first <input>, <button> or <meta name=… content=…> whose name is `name`, as it
 * stands (html_unescape reads it). ptr NULL: there is none. */
Str html_form_value(Str page, Str name);
/* Without &amp; &lt; &gt; &quot; &apos; and numbers up to U+10FFFF; other references stay. `buf`
 * has room for raw.len bytes; returns how many were written. */
ptrdiff_t html_unescape(Str raw, char *buf);
