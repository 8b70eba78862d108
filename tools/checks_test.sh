#!/bin/sh
# The static checks find what they are for, and only that: each case is a small tree with one fault, and the
# words that the finding must hold. Speaks TAP.
set -u
tools=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
n=0
failed=0

result() {
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        failed=1
    fi
}

# put PATH: standard input becomes that file of the tree.
put() {
    mkdir -p "$tree/$(dirname "$1")"
    cat >"$tree/$1"
}

fresh() {
    rm -rf "$tree"
    mkdir -p "$tree"
    put src/base/sound.c <<'C'
/* strcpy(a, b) in a comment, "system(x)" in a string. */
#include "base/sound.h"
#include <stdio.h>

int sound(Conn *c)
{
    c->exit(1);
    c->fns.system("strtok(s)");
    return my_atoi('"'); // sprintf(x)
}
C
    put README.md <<'C'
`make demo` shows it, `make test` proves it.
C
}

# finds CHECK WHY WORDS: CHECK must fail on the tree and say WORDS.
finds() {
    out=$("$tools/check-$1" "$tree" 2>&1)
    status=$?
    case $status,$out in
    1,*"$3"*) result 0 "$1: $2" ;;
    *)
        result 1 "$1: $2"
        printf '%s\n' "status $status, wanted: $3" "$out" | sed 's/^/# /'
        ;;
    esac
}

# passes CHECK WHY: CHECK must say nothing.
passes() {
    out=$("$tools/check-$1" "$tree" 2>&1)
    status=$?
    case $status,$out in
    0,) result 0 "$1: $2" ;;
    *)
        result 1 "$1: $2"
        printf '%s\n' "status $status" "$out" | sed 's/^/# /'
        ;;
    esac
}

for check in layers banned long text; do
    fresh
    passes "$check" "a sound tree passes"
done
fresh
rm -r "$tree/src"
finds layers "an empty tree is not a sound one" "no file matches"

# Layers.
fresh
put src/model/run.c <<'C'
#include "model/run.h"
#include "store/store.h"
C
finds layers "an arrow that points up" \
    "src/model/run.c:2: model may not include store/store.h; it may include: model stats base"
fresh
put src/stats/hist.c <<'C'
    #  include "model/run.h"
/* #include "store/store.h" */
C
finds layers "a spaced include" "src/stats/hist.c:1: stats may not include model/run.h"
fresh
echo '#include "launch/command.h"' | put src/load/loop.c
finds layers "a sideways arrow" "src/load/loop.c:1: load may not include launch/command.h"
fresh
echo '#include "launch/command.h"' | put src/load/loop_test.c
passes layers "a test may look at any lower floor"
fresh
echo '#include "store/store.h"' | put src/load/loop_test.c
finds layers "but not at a higher one" "src/load/loop_test.c:1: load may not include store/store.h"
fresh
echo '#include "clock.h"' | put src/base/x.c
finds layers "an include without its room" "say the room: #include \"base/clock.h\""
fresh
echo '#include "tap.h"' | put src/base/x.c
finds layers "tap.h outside a test" "tap.h is for tests"
fresh
echo 'int x;' | put src/attic/x.c
finds layers "a room without a row" "the room 'attic' has no row"
fresh
echo 'int x;' | put src/load/main.c
finds layers "a main.c elsewhere" "main.c stands in src/cmd only"
for call in 'printf("x")' 'puts("x")' 'fputs("x", stdout)' 'exit(1)'; do
    fresh
    echo "    $call;" | put src/judge/x.c
    finds layers "$call in a library room" "src/judge/x.c:1: "
done
fresh
echo '    _exit(1); fprintf(f, "x"); snprintf(b, n, "x");' | put src/judge/x.c
echo '    printf("x"); exit(1);' | put src/cmd/x.c
passes layers "what a child, a caller's file and cmd may do"

# The document's table of rooms and the check's are the same.
# shellcheck disable=SC2016 # the backquotes are Markdown's
documented=$(sed -n 's/^| `\([a-z]*\)` |.*| \(.*\) |$/\1: \2/p' "$tools/../docs/ARCHITECTURE.md" |
    sed 's/–//; s/cmd: all/cmd:/' | tr -d , | sort)
held=$(sed -n 's/^ *room("\([a-z]*\)", "\(.*\)")$/\1: \2/p' "$tools/lib/layers.awk" | sed 's/^cmd:.*/cmd:/' | sort)
[ "$(echo "$documented" | tr -d ' ')" = "$(echo "$held" | tr -d ' ')" ] && [ -n "$held" ]
result $? "layers: docs/ARCHITECTURE.md tells the same arrows"

# Banned calls.
for call in strcpy strcat sprintf vsprintf strtok atoi atol atof strtol strtoul strtod gmtime localtime asctime \
    ctime gets sscanf alloca rand srand system tmpnam mktemp setenv; do
    fresh
    echo "    x = $call (y);" | put src/load/x.c
    finds banned "$call" "src/load/x.c:1: $call is refused; instead: "
done
fresh
echo '    usleep(10);' | put src/load/x_test.c
finds banned "a sleeping test" "x_test.c:1: usleep is refused; instead: wait for the event itself"
fresh
echo '    setenv("A", "b", 1);' | put src/load/x_test.c
passes banned "a test may set its environment"
fresh
echo '#pragma GCC diagnostic ignored "-Wall"' | put src/load/x.c
finds banned "a silenced warning" "src/load/x.c:1: a warning is mended"
fresh
printf '/* one\n strcpy(a) */ x = "\\"" + strcpy(b); /*\n atoi(c) */\n' | put src/load/x.c
finds banned "code after a comment that spans lines" "src/load/x.c:2: strcpy"
fresh
echo 'x = atoi(y);' | put src/load/x.c
echo 'banned src/load/x.c atoi  # the reason' | put tools/exceptions
passes banned "an excused call"
echo 'banned src/load/x.c atoi' | put tools/exceptions
finds banned "an excuse without a reason" "tools/exceptions:1: a row needs its reason"
echo 'banned src/load/x.c atol  # the reason' | put tools/exceptions
finds banned "an excuse that nothing needs" "tools/exceptions:1: excuses nothing any more"

# Length.
lines_of_c() {
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print "    x++;" }'
}
fresh
{
    printf 'static int long_one(int a,\n                    int b)\n{\n'
    lines_of_c 69
    echo '}'
} | put src/base/x.c
finds long "a function over 70 lines" "src/base/x.c:3: long_one has 71 lines, over 70"
fresh
{
    printf 'static int long_one(int a)\n{\n'
    lines_of_c 68
    echo '}'
} | put src/base/x.c
passes long "a function of 70 lines"
fresh
lines_of_c 701 | put src/base/x.c
finds long "a file over 700 lines" "src/base/x.c:701: the file has 701 lines"

# Text.
text_case() {
    fresh
    printf '%s\n' "$3" | put "$1"
    finds text "$2" "$1:1: $4"
}
text_case src/base/x.c "a path of a machine" "/* see /""home/someone/x */" "names a path"
text_case docs/x.md "a tracker number" "as in issue ""#12" "speaks of a tracker"
text_case src/base/x.c "an unfinished mark" "/* TO""DO: later */" "do it now"
text_case src/base/x.c "an open question without words" "/* x */ // NEEDS""WORK:" "NEEDSWORK needs its text"
text_case docs/x.md "trailing blanks" 'x ' "trailing blanks"
text_case docs/x.md "a dead link" 'see [there](y/z.md#part)' "link y/z.md#part leads nowhere"
fresh
printf 'no end' | put docs/x.md
finds text "no newline at the end" "docs/x.md:1: ends without a newline"
fresh
put docs/x.md <<'MD'
see [there](../README.md#x), [out](https://x.org/a), `[code](y.md)`
MD
printf 'captured  \n' | put test/data/x.txt
passes text "links that lead somewhere, captured bytes"
fresh
echo 'nothing' | put README.md
finds text "a README without its commands" "does not name \`make test\`"

echo "1..$n"
exit "$failed"
