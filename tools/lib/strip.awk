# strip(line): the line of C without its comments and with string and character literals emptied, so that
# what is left is code. Lines of a file must come in order; a comment may span them.

FNR == 1 { in_comment = 0 }

function strip(line,    out, token, end) {
    out = ""
    while (line != "") {
        if (in_comment) {
            end = index(line, "*/")
            if (!end)
                return out
            line = substr(line, end + 2)
            in_comment = 0
            continue
        }
        if (!match(line, /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|\/\*|\/\//))
            return out line
        token = substr(line, RSTART, 2)
        out = out substr(line, 1, RSTART - 1)
        if (token == "//")
            return out
        if (token == "/*") {
            in_comment = 1
            out = out " "
        } else {
            out = out (substr(token, 1, 1) == "\"" ? "\"\"" : "''")
        }
        line = substr(line, RSTART + RLENGTH)
    }
    return out
}

# is_test(path): tests and their helpers answer to fewer rules.
function is_test(path) {
    return path ~ /_test\.c$/ || path ~ /^test\//
}
