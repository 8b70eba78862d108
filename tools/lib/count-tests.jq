# meson's testlog.json (one object per test) to "PASSED FAILED SKIPPED". A test that speaks TAP counts by its
# points, any other as one; one that went wrong without a failed point (it crashed, it hung) adds a failure.
def points($re): [(.stdout // "") | splits("\n") | select(test($re))] | length;

def counts:
    (points("^ok [0-9]+.*# *(?i:skip)") + points("^not ok [0-9]+.*# *(?i:todo)")) as $skipped
    | (points("^not ok [0-9]+") - points("^not ok [0-9]+.*# *(?i:todo)")) as $failed
    | (points("^ok [0-9]+") - points("^ok [0-9]+.*# *(?i:skip)")) as $passed
    | (.result | IN("OK", "EXPECTEDFAIL", "SKIP") | not) as $bad
    | if $passed + $failed + $skipped == 0 then
        if $bad then [0, 1, 0] elif .result == "SKIP" then [0, 0, 1] else [1, 0, 0] end
      else [$passed, (if $bad and $failed == 0 then 1 else $failed end), $skipped] end;

map(counts) | reduce .[] as $c ([0, 0, 0]; [.[0] + $c[0], .[1] + $c[1], .[2] + $c[2]])
| map(tostring) | join(" ")
