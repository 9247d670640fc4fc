#!/usr/bin/env bash
# Makes the local image that NODE_IMAGE names: node and npm. See README.md.
#
#   docker/base-images/node.sh [--force]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

image=$(image NODE_IMAGE)
leave_if_there "$image" "${1:-}"
wanted=$(wanted_version "$image")

dockerfile() {
    local registry
    echo "FROM $(image DEBIAN_IMAGE)"
    network_lines NODE_EXTRA_CA_CERTS npm_config_cafile
    registry=$(npm config get registry 2>/dev/null || true)
    [ -z "$registry" ] || echo "ENV npm_config_registry=$registry"
}

have=$(distribution_version nodejs)
if newer_or_same "$have" "$wanted"; then
    {
        dockerfile
        echo "RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm \
>/dev/null && rm -rf /var/lib/apt/lists/* /var/cache/apt/*"
        echo 'CMD ["node"]'
    } | build_image "$image" "distribution, node $have"
else
    have=$(node --version 2>/dev/null | sed 's/^v//' || true)
    host_or_stop node "$have" "$wanted"
    {
        dockerfile
        echo "COPY node /usr/local/bin/node"
        echo "COPY npm /usr/local/lib/node_modules/npm"
        echo "RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\"
        echo " && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\"
        echo " && node --version && npm --version"
        echo 'CMD ["node"]'
    } | build_image "$image" "host, node $have" \
        --transform='flags=rSH;s,^\./node$,node,' -C "$(dirname "$(readlink -f "$(command -v node)")")" ./node \
        -C "$(npm root --global)" npm
fi
