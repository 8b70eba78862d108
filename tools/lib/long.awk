# The formatter puts a function's braces alone in the first column, so nothing needs to be parsed.
BEGIN {
    LINES_OF_FUNCTION = 70
    LINES_OF_FILE = 700
}

FNR == 1 {
    close_file()
    file = FILENAME
    start = 0
    head = ""
}

{
    n_lines = FNR
    code = strip($0)
}

code ~ /^\{/ {
    start = FNR
    name = name_in(head)
}

code ~ /^\}/ && start {
    if (FNR - start + 1 > LINES_OF_FUNCTION)
        finding("long", file, start, name, name " has " FNR - start + 1 " lines, over " \
            LINES_OF_FUNCTION ": is there a second idea inside?")
    start = 0
}

# The declaration so far: since the last line that ended something.
{ head = code ~ /[;}][ \t]*$/ || code ~ /^[ \t]*#/ ? "" : head " " code }

function name_in(head) {
    gsub(/__attribute__[ \t]*\(\([^)]*(\([^)]*\))?[^)]*\)\)/, "", head)
    if (!match(head, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/))
        return "?"
    return substr(head, RSTART, RLENGTH - 1)
}

function close_file() {
    if (file && n_lines > LINES_OF_FILE)
        finding("long", file, n_lines, "file", "the file has " n_lines " lines, over " LINES_OF_FILE \
            ": is there a second idea inside?")
}

END {
    close_file()
    exit findings_done("long")
}
