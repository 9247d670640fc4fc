#!/usr/bin/env bash
# Makes every base image that is not there yet, for networks without a container registry. What cannot
# be made (no toolchain, say) is named at the end.
#
#   docker/base-images/all.sh [--force]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

"$base_images/debian.sh" "$@"
missing=()
for language in rust go python node; do
    "$base_images/$language.sh" "$@" || missing+=("$language")
done

postgres=$(image POSTGRES_IMAGE)
if [ "${1:-}" != --force ] && is_there "$postgres"; then
    echo "$postgres is there"
else
    docker build --quiet --network host --tag "$postgres" \
        --build-arg "DEBIAN_IMAGE=$(image DEBIAN_IMAGE)" "$base_images/../postgres" >/dev/null
    echo "made $postgres (distribution)"
fi
[ "${#missing[@]}" -eq 0 ] || stop "no image for ${missing[*]}"
