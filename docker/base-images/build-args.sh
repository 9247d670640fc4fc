#!/usr/bin/env bash
# Prints the build arguments of the Dockerfiles here, one NAME=IMAGE a line: the digests of pins.env,
# except where a local image of the name was made by this folder's scripts.
#
#   docker build $(docker/base-images/build-args.sh | sed 's/^/--build-arg /') ...
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

while IFS='=' read -r name pinned; do
    local_name=${pinned%@*}
    made=$(docker image inspect --format "{{index .Config.Labels \"$base_label\"}}" "$local_name" 2>/dev/null || true)
    echo "$name=$([ -n "$made" ] && echo "$local_name" || echo "$pinned")"
done < <(grep -v '^#' "$base_images/pins.env")
