# finding(check, file, line, what, text): prints `file:line: text` unless tools/exceptions has a row for
# (check, file, what). A row is `check file what  # reason`; one that excuses nothing is itself a finding.
# A check ends with `END { exit findings_done("name") }`.

BEGIN {
    while ((getline row < exceptions) > 0) {
        n_rows++
        if (row ~ /^[ \t]*(#|$)/)
            continue
        split(row, word, /[ \t]+/)
        key = word[1] SUBSEP word[2] SUBSEP word[3]
        row_line[key] = n_rows
        row_reason[key] = row ~ /[^ \t][ \t]+#[ \t]*[^ \t]/
    }
    close(exceptions)
}

function finding(check, file, line, what, text,    key) {
    key = check SUBSEP file SUBSEP what
    if (key in row_line) {
        row_used[key] = 1
        return
    }
    printf "%s:%d: %s\n", file, line, text
    n_findings++
}

function findings_done(check,    key, part) {
    for (key in row_line) {
        split(key, part, SUBSEP)
        if (part[1] != check)
            continue
        if (!row_reason[key]) {
            printf "%s:%d: a row needs its reason: `check file what  # reason`\n", exceptions, row_line[key]
            n_findings++
        }
        if (!row_used[key]) {
            printf "%s:%d: excuses nothing any more: remove the row\n", exceptions, row_line[key]
            n_findings++
        }
    }
    return n_findings ? 1 : 0
}
