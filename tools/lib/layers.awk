# The rooms of src/, lower floors first, each with the rooms it may include besides itself.
BEGIN {
    room("base", "")
    room("bench", "")
    room("stats", "base")
    room("model", "stats base")
    room("launch", "bench model stats base")
    room("probe", "model stats base")
    room("load", "model stats base")
    room("drivers", "load model stats base")
    room("store", "model stats base")
    room("harness", "model stats base")
    room("judge", "store model stats base")
    room("report", "judge store model stats base")
    room("selftest", "load drivers launch probe model stats base")
    room("host", "launch probe model stats base")
    room("lab", "load drivers launch probe harness store judge model stats base")
    room("cmd", "lab host selftest harness report judge store drivers load probe launch bench model stats base")

    split("printf vprintf puts putchar perror exit quick_exit", name, " ")
    for (i in name)
        talks[name[i]] = 1
}

function room(name, list) {
    allowed[name] = list
    floors = floors " " name
}

# Tests may also look down past the arrows, at every lower floor.
function may(from, to, path,    list) {
    list = allowed[from]
    if (is_test(path))
        list = list " " substr(floors, 1, index(floors " ", " " from " "))
    return to == from || index(" " list " ", " " to " ")
}

FNR == 1 {
    split(FILENAME, part, "/")
    here = part[2]
    if (!(here in allowed) && !(here in said)) {
        said[here] = 1
        finding("layers", FILENAME, 1, here, \
            "the room '" here "' has no row in tools/lib/layers.awk; there are:" floors)
    }
    if (FILENAME ~ /\/main\.c$/ && here != "cmd")
        finding("layers", FILENAME, 1, "main.c", "main.c stands in src/cmd only; " here " is a library")
}

{ code = strip($0) }

code ~ /^[ \t]*#[ \t]*include[ \t]*""/ {
    header = $0
    sub(/^[^"]*"/, "", header)
    sub(/".*/, "", header)
    check_include(header)
    next
}

here != "cmd" && !is_test(FILENAME) { check_talk(code) }

function check_include(header,    to) {
    if (header == "tap.h") {
        if (!is_test(FILENAME))
            finding("layers", FILENAME, FNR, header, "tap.h is for tests (*_test.c) only")
        return
    }
    if (header !~ /\// || header ~ /^\.\.?\//) {
        finding("layers", FILENAME, FNR, header, \
            "say the room: #include \"" here "/" header "\" (from src/), so that the arrow shows")
        return
    }
    to = substr(header, 1, index(header, "/") - 1)
    if (to == "assay" || !(here in allowed) || may(here, to, FILENAME))
        return
    finding("layers", FILENAME, FNR, header, \
        here " may not include " header "; it may include: " here (allowed[here] ? " " : "") allowed[here])
}

function check_talk(code,    name, before) {
    if (code ~ /(^|[^A-Za-z0-9_])stdout([^A-Za-z0-9_]|$)/)
        finding("layers", FILENAME, FNR, "stdout", \
            "stdout belongs to src/cmd; take a FILE * or a StrBuf from the caller")
    while (match(code, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
        name = substr(code, RSTART, RLENGTH - 1)
        before = substr(code, 1, RSTART - 1)
        code = substr(code, RSTART + RLENGTH)
        sub(/[ \t]+$/, "", name)
        if (name in talks && before !~ /(\.|->)[ \t]*$/)
            finding("layers", FILENAME, FNR, name, \
                name "() outside src/cmd; return an error or fill the caller's StrBuf or FILE *")
    }
}

END { exit findings_done("layers") }
