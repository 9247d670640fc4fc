#!/usr/bin/env bash
# Writes the digests of pins.env anew: what the registry has under each tag today.
#
#   docker/base-images/pin.sh
#
# Needs a registry. A tag that cannot be pulled leaves the file as it was.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

pins=$base_images/pins.env
written=$scratch/pins.env
while IFS= read -r line; do
    if [[ $line == \#* ]]; then
        echo "$line"
        continue
    fi
    name=${line%%=*}
    tag=$(image "$name")
    docker pull --quiet "$tag" >/dev/null || stop "$tag cannot be pulled: pins.env is as it was"
    # The digest under which it was pulled; an image may have others, of other repositories.
    digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$tag" |
        sed -nE "s|^${tag%:*}@(sha256:[0-9a-f]{64})$|\1|p" | head -n 1)
    [ -n "$digest" ] || stop "$tag was not pulled from a registry: remove the local image first"
    echo "$name=$tag@$digest"
done <"$pins" >"$written"
cp "$written" "$pins"
