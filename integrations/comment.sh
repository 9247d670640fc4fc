#!/usr/bin/env bash
# Posts a comment to the pull request of a GitHub event, or changes the one that is there from before.
#   comment.sh FILE     GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_EVENT_PATH and GITHUB_API_URL are those of
#                       the workflow
set -euo pipefail

file=$1
marker=$(head -n 1 "$file")
number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
[ -n "$number" ] || { echo "this event is of no pull request: no comment is posted"; exit 0; }
api=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY

ask() {
    curl --fail --silent --show-error \
        --header "Authorization: Bearer $GITHUB_TOKEN" \
        --header 'Accept: application/vnd.github+json' "$@"
}

# The first comment that begins with the marker, over all pages.
there=
for page in $(seq 1 50); do
    comments=$(ask "$api/issues/$number/comments?per_page=100&page=$page")
    there=$(jq -r --arg marker "$marker" '[.[] | select(.body | startswith($marker))][0].id // empty' <<<"$comments")
    if [ -n "$there" ] || [ "$(jq length <<<"$comments")" -lt 100 ]; then break; fi
done
if [ -n "$there" ]; then
    method=PATCH url=$api/issues/comments/$there
else
    method=POST url=$api/issues/$number/comments
fi
jq -Rs '{ body: . }' "$file" | ask --request "$method" --data-binary @- --output /dev/null "$url"
echo "$method $url"
