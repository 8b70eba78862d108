# shellcheck shell=sh
# What the checks share. Sourced with $lib set to this folder.

# The tree a check reads: its argument, or the repository that holds the check. The caller goes there.
tree_enter() {
    cd "${1:-$lib/../..}" || exit 2
}

# tree_files PATTERN...: files of the tree that git tracks or would track (all files where there is no
# git), one a line, by git pathspec such as '*.c' or 'src/*.h'.
tree_files() {
    if [ -e .git ] && git rev-parse --git-dir >/dev/null 2>&1; then
        git -c core.quotePath=false ls-files --cached --others --exclude-standard -- "$@"
    else
        for pattern; do
            find . -type f -path "./$pattern" ! -path './build*' ! -path './.git/*' ! -path '*/.assay/*' \
                ! -path './demo-out/*'
        done | sed 's|^\./||'
    fi | sort -u | while IFS= read -r file; do
        [ ! -f "$file" ] || printf '%s\n' "$file"
    done
}

# check_c PROGRAM PATTERN...: runs strip.awk, findings.awk and PROGRAM over the C files that match.
# Returns 1 when it finds something, or when there is nothing to read.
check_c() {
    program=$1
    shift
    files=$(tree_files "$@")
    if [ -z "$files" ]; then
        echo "no file matches $*"
        return 1
    fi
    exceptions=tools/exceptions
    [ -f "$exceptions" ] || exceptions=/dev/null
    # One awk must see all files, to know which exceptions are used: -x refuses to split the list.
    printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 -x -n 100000 awk -v exceptions="$exceptions" \
        -f "$lib/strip.awk" -f "$lib/findings.awk" -f "$lib/$program.awk" || return 1
}
