#!/usr/bin/env bash
# Judges a change against the revision that it branched off, in CI: runs `httpdyno ab`, writes a comment,
# and says what of it is worse. It ends as `ab` does.
#   HTTPDYNO          the program [httpdyno]
#   HTTPDYNO_BASE     the base, where the event does not tell it
#   HTTPDYNO_OPTIONS  more options for `ab`, set apart by spaces: --margin 3% --budget 5m
#   HTTPDYNO_OUTPUT   where comment.md and ab.json are put [httpdyno-ab]
set -euo pipefail

program=${HTTPDYNO:-httpdyno}
output=${HTTPDYNO_OUTPUT:-httpdyno-ab}
mkdir -p "$output"
rm -f "$output/ab.json" "$output/comment.md"

# The commit that the change is to be merged into, by whoever started this.
target() {
    if [ -n "${HTTPDYNO_BASE:-}" ]; then
        echo "$HTTPDYNO_BASE"
    elif [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}" ]; then
        echo "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
    elif [ -n "${GITHUB_EVENT_PATH:-}" ]; then
        jq -r '.pull_request.base.sha // .before // empty' "$GITHUB_EVENT_PATH"
    fi
}

# What was changed: of a pull request its own head, and not the merge that is checked out.
change() {
    local head=
    [ -z "${GITHUB_EVENT_PATH:-}" ] || head=$(jq -r '.pull_request.head.sha // empty' "$GITHUB_EVENT_PATH")
    if [ -n "$head" ] && git cat-file -e "$head^{commit}" 2>/dev/null; then
        echo "$head"
    else
        git rev-parse HEAD
    fi
}

onto=$(target)
[ -n "$onto" ] || { echo "the event names no base; set HTTPDYNO_BASE" >&2; exit 2; }
head=$(change)
base=$(git merge-base "$onto" "$head") || {
    echo "$onto and $head have no commit in common here: check out with the whole history (fetch-depth: 0)" >&2
    exit 2
}

read -ra options <<<"${HTTPDYNO_OPTIONS:-}"
code=0
"$program" ab --base "$base" --head "$head" --format json --output "$output/ab.json" \
    ${options[@]+"${options[@]}"} || code=$?
# Without a comparison there is nothing to tell but why, which stands above.
[ -s "$output/ab.json" ] || exit "$code"

case $code in
    0) verdict='No regression was found.' ;;
    1) verdict='**The head is worse, or failed.**' ;;
    *) verdict='This run could not tell: too much of it was no number.' ;;
esac
{
    echo '<!-- httpdyno-ab -->'
    echo "### httpdyno: \`${head:0:12}\` against \`${base:0:12}\`"
    echo
    echo "$verdict"
    echo
    jq -r '.lines[] | "- " + (. | gsub("[`<>|\\n]"; " "))' "$output/ab.json"
    echo
    jq -r '
        "| point | quantity | head to base | 95 % interval | verdict | would have found |",
        "|---|---|--:|--:|---|--:|",
        (.points[] | . as $point | .ratios[] |
            (.versus.ratio_ppm / 1000 | round / 1000) as $ratio |
            (.versus.low_ppm / 1000 | round / 1000) as $low |
            (.versus.high_ppm / 1000 | round / 1000) as $high |
            "| `\($point.workload), \($point.connections) connections` | \(.quantity) | \($ratio) | \($low) .. \($high) | \(.versus.verdict) | \(.versus.detectable_ppm / 1000 | round / 10) % |")
    ' "$output/ab.json"
    echo
    jq -r '[.points[].ratios[].versus.detectable_ppm] | if length == 0 then
            "No difference, however large, could have been found here."
        else
            "Differences of less than \(min / 1000 | round / 10) % (the best quantity) to \(max / 1000 | round / 10) % (the worst) could not have been found by this run. "
            + "On a runner that is shared with others this is seldom less than some per cent; a smaller one needs a machine of one'"'"'s own, or a larger --budget."
        end' "$output/ab.json"
} >"$output/comment.md"

# One annotation for each point at which the gate stops.
if [ -n "${GITHUB_ACTIONS:-}" ] && [ "$code" -eq 1 ]; then
    jq -r '.lines[] | select(test(" (is slower|takes more memory|failed) at ")) | gsub("%"; "%25") | gsub("[\\r\\n]"; " ") |
        "::error title=httpdyno::" + .' "$output/ab.json"
fi
exit "$code"
