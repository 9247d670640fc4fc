# Shared by the scripts of this folder: source it, after `set -euo pipefail`. Not run by itself.
# shellcheck shell=bash

# Says how a base image was made here. Official images do not carry it.
base_label=org.httpdyno.base
# Where the compiler or interpreter in it came from, with its version.
toolchain_label=org.httpdyno.toolchain

bundle=/etc/ssl/certs/ca-certificates.crt
base_images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A folder for the script's own files.
scratch=$(mktemp -d)
trap 'rm -rf --one-file-system "$scratch"' EXIT

# stop MESSAGE...: nothing can be done about it here.
stop() {
    echo "$*" >&2
    exit 2
}

# image NAME: the tag that pins.env gives a build argument, e.g. `image RUST_IMAGE`.
image() {
    local line
    line=$(grep "^$1=" "$base_images/pins.env") || stop "pins.env has no $1"
    line=${line#*=}
    echo "${line%@*}"
}

is_there() {
    docker image inspect "$1" >/dev/null 2>&1
}

# leave_if_there IMAGE [--force]: ends the script where the image is there, however it came.
leave_if_there() {
    [ "${2:-}" = --force ] || ! is_there "$1" || {
        echo "$1 is there"
        exit 0
    }
}

# The lines of a Dockerfile that bring this machine's way out into an image: the proxy, and the
# certificates that it trusts, under each name that clients ask for.
network_lines() {
    local name
    echo "COPY ca-certificates.crt $bundle"
    for name in SSL_CERT_FILE CURL_CA_BUNDLE "$@"; do
        echo "ENV $name=$bundle"
    done
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [ -z "${!name:-}" ] || echo "ENV $name=${!name}"
    done
}

# newer_or_same HAVE WANTED, as Debian orders versions.
newer_or_same() {
    [ -n "$1" ] && dpkg --compare-versions "$1" ge "$2"
}

# distribution_version PACKAGE: the upstream version that the package mirror has; may be empty.
distribution_version() {
    docker run --rm --network host "$(image DEBIAN_IMAGE)" sh -c \
        "apt-get update -qq >/dev/null && apt-cache show --no-all-versions $1 2>/dev/null" |
        sed -nE 's/^Version: ([0-9]+:)?([^-+~]*).*/\2/p'
}

# wanted_version IMAGE: the number in the image's tag.
wanted_version() {
    sed -E 's/^[^:]*:([0-9.]+).*/\1/' <<<"$1"
}

# host_or_stop NAME HAVE WANTED: this machine's own toolchain must do, or nothing does.
host_or_stop() {
    newer_or_same "$2" "$3" && return
    stop "no $1 $3 or later: the distribution's is older, and this machine's is ${2:-not installed}"
}

# build_image IMAGE TOOLCHAIN [TAR ARGUMENTS]: builds the Dockerfile of standard input. The arguments
# name what else it can COPY.
build_image() {
    local image=$1 toolchain=$2
    shift 2
    cp -L "$bundle" "$scratch/ca-certificates.crt"
    cat >"$scratch/Dockerfile"
    tar --numeric-owner -C "$scratch" -c Dockerfile ca-certificates.crt "$@" |
        docker build --quiet --force-rm --network host --tag "$image" \
            --label "$base_label=debian and a toolchain" --label "$toolchain_label=$toolchain" \
            - >/dev/null
    echo "made $image ($toolchain)"
}
