# What is refused, and what stands in for it.
BEGIN {
    ban("strcpy strncpy stpcpy strcat strncat", "borrow a Str, or build with StrBuf (base/str.h)")
    ban("sprintf vsprintf", "snprintf, or strbuf_addf (base/str.h)")
    ban("gets", "fs.h, or read into a buffer of known size")
    ban("strtok strtok_r strsep", "str_cut (base/str.h)")
    ban("atoi atol atoll strtol strtoll strtoul strtoull strtoimax strtoumax strtoq", \
        "str_to_u64 or str_to_i64 (base/str.h), which refuse what is not a number")
    ban("atof strtod strtof strtold strtod_l", "str_to_f64 (base/str.h), which knows no locale")
    ban("scanf sscanf fscanf vscanf vsscanf vfscanf", "str_cut and str_to_* (base/str.h)")
    ban("gmtime localtime asctime asctime_r ctime ctime_r", "clock_iso (base/clock.h), or gmtime_r")
    ban("alloca strdupa strndupa", "an arena (base/arena.h), or a buffer of fixed size")
    ban("rand srand random srandom drand48 lrand48 srand48", "a seeded Rng of your own (base/rng.h)")
    ban("system", "launch/command.h, which runs an argv without a shell unless asked")
    ban("tmpnam tempnam mktemp", "mkstemp, mkdtemp or O_TMPFILE")
    ban_in_tests("sleep usleep", "wait for the event itself: poll, waitpid, a condition, a clock of the test's own")
    ban_in_src("setenv putenv unsetenv clearenv", "hand the child its own environment; ours is shared by threads")
}

function ban(names, instead) { fill(refused, names, instead) }
function ban_in_tests(names, instead) { fill(refused_in_tests, names, instead) }
function ban_in_src(names, instead) { fill(refused_in_src, names, instead) }

function fill(table, names, instead,    name, n, i) {
    n = split(names, name, " ")
    for (i = 1; i <= n; i++)
        table[name[i]] = instead
}

function instead_of(name) {
    if (name in refused)
        return refused[name]
    if (is_test(FILENAME))
        return refused_in_tests[name]
    return FILENAME ~ /^src\// ? refused_in_src[name] : ""
}

{ code = strip($0) }

code ~ /#[ \t]*pragma[ \t]+GCC[ \t]+diagnostic/ || code ~ /_Pragma[ \t]*\(/ {
    finding("banned", FILENAME, FNR, "pragma", "a warning is mended, not silenced: change the code")
}

{
    while (match(code, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
        name = substr(code, RSTART, RLENGTH - 1)
        before = substr(code, 1, RSTART - 1)
        code = substr(code, RSTART + RLENGTH)
        sub(/[ \t]+$/, "", name)
        if (before !~ /(\.|->)[ \t]*$/ && instead_of(name) != "")
            finding("banned", FILENAME, FNR, name, name " is refused; instead: " instead_of(name))
    }
}

END { exit findings_done("banned") }
