/* What a file is that a suite shall start from. */
#include "base/json_find.h"
#include "model/start.h"

/* A key at the begin of a line: enough for YAML, where descriptions have theirs at the top. */
static bool has_line(Str text, Str key)
{
    Str line;
    while (str_cut(&text, '\n', &line))
        if (str_starts(line, key))
            return true;
    return false;
}

StartKind start_kind(Str text)
{
    Str found, begin;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.len);
    begin = str_trim(text);
    if (begin.len && begin.ptr[0] == '{') {
        bool api = json_find(begin, STR("/openapi"), &found) == 0 ||
                   json_find(begin, STR("/swagger"), &found) == 0;
        return api ? START_OPENAPI : START_HAR;
    }
    bool curl = str_starts(begin, STR("curl"));
    bool api = has_line(text, STR("openapi:")) || has_line(text, STR("swagger:")) ||
               has_line(text, STR("\"openapi\":")) || has_line(text, STR("\"swagger\":"));
    return api && !curl ? START_OPENAPI : START_CURL;
}
