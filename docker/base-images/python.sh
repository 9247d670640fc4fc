#!/usr/bin/env bash
# Makes the local image that PYTHON_IMAGE names: python3 with pip and venv. See README.md.
#
#   docker/base-images/python.sh [--force]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

image=$(image PYTHON_IMAGE)
leave_if_there "$image" "${1:-}"
wanted=$(wanted_version "$image")

# Where this machine's pip gets packages from.
pip_settings() {
    local key value
    echo "[global]"
    for key in index-url extra-index-url trusted-host; do
        value=$(python3 -m pip config get "global.$key" 2>/dev/null || true)
        local variable=${key//-/_}
        variable=PIP_${variable^^}
        value=${!variable:-$value}
        [ -z "$value" ] || echo "$key = $value"
    done
}

pip_settings >"$scratch/pip.conf"

have=$(distribution_version python3)
# An interpreter is spread over this machine: only the distribution's can be taken along.
newer_or_same "$have" "$wanted" ||
    stop "the distribution has python ${have:-not at all}, $wanted or later is asked for"
{
    echo "FROM $(image DEBIAN_IMAGE)"
    network_lines PIP_CERT REQUESTS_CA_BUNDLE
    echo "COPY pip.conf /etc/pip.conf"
    echo "RUN apt-get update -qq \\"
    echo " && apt-get install -y -qq --no-install-recommends python3 python3-venv python-is-python3 >/dev/null \\"
    echo " && rm -rf /var/lib/apt/lists/* /var/cache/apt/* && python3 --version"
    echo 'CMD ["python3"]'
} | build_image "$image" "distribution, python $have" -C "$scratch" pip.conf
