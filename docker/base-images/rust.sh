#!/usr/bin/env bash
# Makes the local image that RUST_IMAGE names: rustc, cargo and a linker. See README.md.
#
#   docker/base-images/rust.sh [--force]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

image=$(image RUST_IMAGE)
leave_if_there "$image" "${1:-}"
wanted=$(wanted_version "$image")

# Cargo's own settings of registries and networks, and none of how this machine compiles.
cargo_settings() {
    awk '/^\[/ { keep = /^\[(source|registry|registries|http|net)[].]/ } keep' \
        "${CARGO_HOME:-$HOME/.cargo}/config.toml" 2>/dev/null || true
}

mkdir "$scratch/cargo-home"
cargo_settings >"$scratch/cargo-home/config.toml"

dockerfile() {
    echo "FROM $(image DEBIAN_IMAGE)"
    network_lines CARGO_HTTP_CAINFO GIT_SSL_CAINFO
    echo "RUN apt-get update -qq \\"
    echo " && apt-get install -y -qq --no-install-recommends gcc libc6-dev $1 >/dev/null \\"
    echo " && rm -rf /var/lib/apt/lists/* /var/cache/apt/*"
    echo "ENV CARGO_HOME=/usr/local/cargo"
    echo "COPY cargo-home /usr/local/cargo"
}

have=$(distribution_version rustc)
if newer_or_same "$have" "$wanted"; then
    dockerfile "rustc cargo" | build_image "$image" "distribution, rustc $have" -C "$scratch" cargo-home
else
    have=$(rustc --version 2>/dev/null | cut -d ' ' -f 2 || true)
    host_or_stop rustc "$have" "$wanted"
    { dockerfile "" && printf 'COPY toolchain /usr/local\nRUN rustc --version && cargo --version\n'; } |
        build_image "$image" "host, rustc $have" -C "$scratch" cargo-home \
            --transform='flags=rSH;s,^\./,toolchain/,' --exclude='./lib/rustlib/src' \
            -C "$(rustc --print sysroot)" ./bin/rustc ./bin/cargo ./lib
fi
