#!/usr/bin/env bash
# Builds an image of this repository on the base images that docker/base-images/build-args.sh names.
#
#   docker/build.sh DOCKERFILE IMAGE
#   docker/build.sh implementations/go-nethttp/Dockerfile go-nethttp
set -euo pipefail
cd "$(dirname "$0")/.."

arguments=()
while IFS= read -r base; do
    # Only what the file takes: the engine warns of the others.
    ! grep -q "^ARG ${base%%=*}=" "$1" || arguments+=(--build-arg "$base")
done < <(docker/base-images/build-args.sh)
# The host's network: package registries are reached as this machine reaches them.
docker build --network host --file "$1" --tag "$2" "${arguments[@]}" .
