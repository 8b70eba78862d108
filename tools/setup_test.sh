#!/bin/sh
# tools/setup against a pretended system: dpkg-query, apt-get, id and sudo are stand-ins that write down how
# they were called. Speaks TAP.
set -u
setup=$(cd "$(dirname "$0")" && pwd)/setup
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
n=0
failed=0

# stub NAME: standard input becomes that command.
stub() {
    { echo '#!/bin/sh' && cat; } >"$box/bin/$1"
    chmod +x "$box/bin/$1"
}

# system UID [INSTALLED-EXCEPT]: a Debian where every package is there except one.
system() {
    rm -rf "${box:?}"/*
    mkdir "$box/bin"
    : >"$box/calls"
    for tool in sh awk sed env cat dirname; do
        ln -s "$(command -v "$tool")" "$box/bin/$tool"
    done
    echo "echo $1" | stub id
    stub dpkg-query <<STUB
shift 3
for p; do [ "\$p" = "${2:-}" ] || echo "\$p installed"; done
STUB
    echo "echo \"apt-get \$*\" >>'$box/calls'" | stub apt-get
    # shellcheck disable=SC2016
    echo 'echo sudo >>"'"$box/calls"'"; exec "$@"' | stub sudo
}

# expect WHY STATUS WORDS ARG...: runs setup; its output and the calls must hold WORDS ('' for silence).
expect() {
    why=$1 want=$2 words=$3
    shift 3
    n=$((n + 1))
    out=$(PATH="$box/bin" "$setup" "$@" 2>&1)
    status=$?
    out="$out$(cat "$box/calls")"
    case $status,${words:-nothing},${out:-nothing} in
    "$want,nothing,nothing" | "$want,$words,"*"$words"*) echo "ok $n - $why" ;;
    *)
        echo "not ok $n - $why"
        printf 'status %s\n%s\n' "$status" "$out" | sed 's/^/# /'
        failed=1
        ;;
    esac
}

unset ASSAY_SETUP
system 0
expect "nothing is missing: no word, no call" 0 '' all
system 0 meson
expect "root installs" 0 '--no-install-recommends meson' build
expect "after an update" 0 'update' build
system 1000 meson
expect "another user goes through sudo" 0 'sudo'
rm "$box/bin/sudo"
expect "without sudo it says what root would run" 1 'as root run: apt-get install --no-install-recommends meson'
system 0 chromium
expect "a build asks for nothing that only tests need" 0 '' build
expect "nor does the demo" 0 '' demo
expect "tests ask for it" 0 'install --no-install-recommends chromium' test
system 0 meson
expect "--check-only says what is missing" 1 'missing for build: meson' --check-only build
system 0 meson
echo 'exit 100' | stub apt-get
expect "a failing apt-get fails" 1 'apt-get update failed (above); missing: meson'
rm "$box/bin/dpkg-query"
expect "another system is told what to bring" 1 'not a Debian-like system; bring what Debian calls: gcc'
expect "an unknown task" 1 "'tset' is no task" tset
expect "help" 0 'tools/setup [--check-only]' --help

echo "1..$n"
exit "$failed"
