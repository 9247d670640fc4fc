#!/usr/bin/env bash
# Makes the local image that GO_IMAGE names: go without a C compiler (so CGO_ENABLED=0). See README.md.
#
#   docker/base-images/go.sh [--force]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

image=$(image GO_IMAGE)
leave_if_there "$image" "${1:-}"
wanted=$(wanted_version "$image")

dockerfile() {
    local name value
    echo "FROM $(image DEBIAN_IMAGE)"
    network_lines GIT_SSL_CAINFO
    # Where this machine gets modules and their checksums from.
    for name in GOPROXY GOSUMDB GONOPROXY GONOSUMDB GOPRIVATE GOINSECURE; do
        value=$(go env "$name" 2>/dev/null || true)
        [ -z "$value" ] || echo "ENV $name=$value"
    done
    echo "ENV GOTOOLCHAIN=local GOPATH=/go PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

have=$(distribution_version golang-go)
if newer_or_same "$have" "$wanted"; then
    {
        dockerfile
        echo "RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends golang-go \
>/dev/null && rm -rf /var/lib/apt/lists/* /var/cache/apt/*"
    } | build_image "$image" "distribution, go $have"
else
    have=$(go env GOVERSION 2>/dev/null | sed 's/^go//' || true)
    host_or_stop go "$have" "$wanted"
    { dockerfile && printf 'COPY go /usr/local/go\nRUN go version\n'; } |
        build_image "$image" "host, go $have" --transform='flags=rSH;s,^\./,go/,' --exclude='*_test.go' \
            --exclude='*/testdata' --exclude='./src/cmd' -C "$(go env GOROOT)" \
            ./VERSION ./go.env ./bin ./lib ./pkg ./src
fi
